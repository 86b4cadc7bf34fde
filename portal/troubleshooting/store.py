"""Owns what ranking reads and what a page of steps keeps, on a connection whose transaction the caller owns.

The rows are the journeys' (`journeys.models.Outcome`): a step that was listed has a row "shown", whose `shown_at`
keeps the order of the list, so that a visitor finds it as it was; an answer replaces "shown".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.journeys import store
from portal.journeys.events import Event, StepAnswer, key_of
from portal.journeys.models import Outcome
from portal.journeys.vocabulary import Context, Kind, StepOutcome
from portal.troubleshooting.forms import KEPT, Answer, Answers
from portal.troubleshooting.ranking import Tally

DAY_MS: Final[Any] = literal_column("86400000", BigInteger)
"""Written into the statement: as a parameter, PostgreSQL would not know that SELECT and GROUP BY mean the same."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to save.

    Attributes:
        order: the ids of the steps as the visitor had them before them.
        cause: the cause that the step was written for.
        at: in milliseconds since 1970.

    """

    journey_id: str
    symptom: str
    step: str
    cause: str
    answer: Answer
    order: tuple[str, ...]
    at: int
    context: Context


async def daily_tallies(connection: AsyncConnection, symptom: str, *, now: int) -> tuple[Tally, ...]:
    """How often each step of a symptom helped and did not, by platform and age in days; `now` in ms since 1970."""
    today = now // 86_400_000
    answered = (StepOutcome.RESOLVED.value, StepOutcome.NOT_RESOLVED.value)
    day = Outcome.at // DAY_MS
    statement = (
        select(Outcome.step, Outcome.platform, day, Outcome.outcome, func.count())
        .where(Outcome.symptom == symptom, Outcome.outcome.in_(answered))
        .group_by(Outcome.step, Outcome.platform, day, Outcome.outcome)
    )
    found = []
    for step, platform, at, outcome, count in await connection.execute(statement):
        resolved = count if outcome == StepOutcome.RESOLVED.value else 0
        found.append(Tally(step, platform or "", max(0, today - at), resolved, count - resolved))
    return tuple(found)


async def listed(connection: AsyncConnection, journey_id: str, symptom: str) -> dict[str, StepOutcome]:
    """The steps that a visit has had before it, in their order, and what came of each."""
    statement = (
        select(Outcome.step, Outcome.outcome)
        .where(Outcome.journey_id == journey_id, Outcome.symptom == symptom)
        .order_by(Outcome.shown_at, Outcome.step)
    )
    return {step: StepOutcome(outcome) for step, outcome in await connection.execute(statement)}


async def save(connection: AsyncConnection, given: Given) -> Answers:
    """Keep an answer, and what follows from it for the journey; returns everything answered so far.

    Saving the same again changes nothing. An answer that replaces "This fixed it" opens the journey again.
    """
    # Taken back: "skipped" first, which settles what the journey's row says, and then as if nothing had been said.
    await store.record_outcome(
        connection,
        given.journey_id,
        StepAnswer(
            symptom=given.symptom,
            step=given.step,
            cause=given.cause,
            outcome=KEPT.get(given.answer, StepOutcome.SKIPPED),
            at=given.at,
            context=given.context,
        ),
    )
    if given.answer is Answer.UNDONE:
        await _forget(connection, given)
    await _keep_order(connection, given)
    await store.record_events(connection, given.journey_id, [_help_opened(given)])
    so_far = await listed(connection, given.journey_id, given.symptom)
    return {name: outcome for name, outcome in so_far.items() if outcome is not StepOutcome.SHOWN}


async def record_nothing_helped(connection: AsyncConnection, given: Given) -> None:
    """Keep that every step of the symptom was tried or skipped, and none resolved it; once."""
    key = key_of(f"{Kind.NOTHING_HELPED}:{given.symptom}")
    event = Event(key=key, kind=Kind.NOTHING_HELPED, at=given.at, context=given.context, symptom=given.symptom)
    await store.record_events(connection, given.journey_id, [event])


def _help_opened(given: Given) -> Event:
    key = key_of(f"{Kind.HELP_OPENED}:{given.symptom}")
    return Event(key=key, kind=Kind.HELP_OPENED, at=given.at, context=given.context, symptom=given.symptom)


async def _forget(connection: AsyncConnection, given: Given) -> None:
    mine = (Outcome.journey_id == given.journey_id) & (Outcome.symptom == given.symptom) & (Outcome.step == given.step)
    shown = update(Outcome).where(mine, Outcome.at <= given.at).values(outcome=StepOutcome.SHOWN.value)
    await connection.execute(shown)


async def _keep_order(connection: AsyncConnection, given: Given) -> None:
    """Remember the list as it was: times around the answer's, one millisecond apart, in the order of the list."""
    if given.step not in given.order:
        return
    place = given.order.index(given.step)
    rows = [
        {
            "journey_id": given.journey_id,
            "symptom": given.symptom,
            "step": step,
            "outcome": StepOutcome.SHOWN.value,
            "shown_at": given.at + index - place,
            "at": given.at,
        }
        for index, step in enumerate(given.order)
        if step != given.step
    ]
    if rows:  # as parameters: a statement with so many values in it would be compiled anew for each answer
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(Outcome)
        await connection.execute(insert.on_conflict_do_nothing(), rows)
