"""Owns reading visits as they were recorded, on a connection whose transaction the caller owns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from portal.admin.stats.dimensions import UNKNOWN
from portal.admin.stats.visits import Check, Step, Visit
from portal.journeys.models import Journey, JourneyEvent, Outcome
from portal.journeys.vocabulary import Evidence, Kind, StepOutcome, Verdict

_KINDS = (Kind.KEY_CHECK_FINISHED, Kind.DIAGNOSED, Kind.NOTHING_HELPED, Kind.HELP_OPENED, Kind.VERIFIED)
"""The events that are read. They are compared as an expression, not as the column: SQLite would go through every event
of these kinds by its index, instead of the few visits that are asked for."""

_SLICE: Final = 250
"""How many visits are read at once: few enough that requests go on between two slices."""

_NEVER: Final = 2**62

_OUTCOMES = {outcome.value: outcome for outcome in StepOutcome}
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


def touched_since(moment: int) -> ColumnElement[bool]:
    """The visits that were written to since a moment, by the database's clock in milliseconds since 1970."""
    return Journey.touched_at >= moment


async def last_touch(connection: AsyncConnection) -> int:
    """When a visit was last written to, in milliseconds since 1970; 0 without any."""
    return (await connection.execute(select(func.max(Journey.touched_at)))).scalar_one() or 0


async def first_start(connection: AsyncConnection, before: int | None = None) -> int | None:
    """When the earliest visit began (of those before a moment)."""
    statement = select(func.min(Journey.started_at))
    if before is not None:
        statement = statement.where(Journey.started_at < before)
    return (await connection.execute(statement)).scalar_one()


async def starts(connection: AsyncConnection, which: ColumnElement[bool]) -> list[int]:
    """When these visits began."""
    return list((await connection.execute(select(Journey.started_at).where(which))).scalars())


async def started_in_slices(connection: AsyncConnection, first: int, end: int) -> AsyncIterator[list[Visit]]:
    """The visits that began from one moment until before another; each visit in one slice."""
    async for which in _slices(connection, Journey.started_at, first, end):
        yield await visits(connection, which)


async def touched_in_slices(connection: AsyncConnection, since: int) -> AsyncIterator[list[Visit]]:
    """The visits that were written to since a moment; each visit in one slice."""
    async for which in _slices(connection, Journey.touched_at, since, _NEVER):
        yield await visits(connection, which)


async def visits(connection: AsyncConnection, which: ColumnElement[bool]) -> list[Visit]:
    """These visits, whole; the connection has to see one state of the database throughout."""
    event = JourneyEvent
    events: dict[str, list[Any]] = defaultdict(list)
    statement = (
        select(event.journey_id, event.kind, event.at, event.verdict, event.cause, event.model, event.latency_ms)
        .add_columns(event.symptom, event.evidence)
        .join(Journey, Journey.id == event.journey_id)
        .where(which, event.kind.concat("").in_([kind.value for kind in _KINDS]))  # see `_KINDS`
    )
    for row in await connection.execute(statement):
        events[row[0]].append(row)
    steps: dict[str, list[Step]] = defaultdict(list)
    outcomes = (
        select(Outcome.journey_id, Outcome.symptom, Outcome.step, Outcome.outcome, Outcome.shown_at, Outcome.at)
        .join(Journey, Journey.id == Outcome.journey_id)
        .where(which)
    )
    for journey_id, symptom, step, outcome, shown_at, at in await connection.execute(outcomes):
        steps[journey_id].append(Step(symptom, step, _OUTCOMES[outcome], shown_at, at))
    columns = (
        select(
            Journey.id, Journey.started_at, Journey.opened_at, Journey.chosen_at, Journey.taken_at, Journey.passed_at
        )
        .add_columns(Journey.verified_at, Journey.checked_at, Journey.helped_at, Journey.resolved_at)
        .add_columns(Journey.platform, Journey.shell, Journey.scope, Journey.install)
        .add_columns(Journey.client_major, Journey.client_minor, Journey.language)
        .where(which)
    )
    return [_visit(row, events.get(row[0], ()), steps.get(row[0], ())) for row in await connection.execute(columns)]


async def _slices(
    connection: AsyncConnection, column: InstrumentedAttribute[int], first: int, end: int
) -> AsyncIterator[ColumnElement[bool]]:
    """Cut the visits by a time of theirs into parts that are about as large; none where there is none."""
    found = await connection.execute(select(column).where(column >= first, column < end).order_by(column))
    moments = list(found.scalars())
    cuts = sorted({first, *moments[_SLICE::_SLICE], end}) if moments else []
    for begin, stop in pairwise(cuts):
        yield (column >= begin) & (column < stop)


def _visit(row: Any, events: Any, steps: Any) -> Visit:
    identity, began, opened, chosen, taken, passed, verified, checked, helped, resolved, *setup = row
    platform, shell, scope, install, major, minor, language = setup
    client = UNKNOWN if major is None else f"{major}.{minor or 0}"
    cell = (platform or UNKNOWN, shell or UNKNOWN, scope or UNKNOWN, install or UNKNOWN, client, language or UNKNOWN)
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for event in events:
        by_kind[event[1]].append(event)
    return Visit(
        id=identity,
        cell=cell,
        began=began,
        reached=(opened, chosen, taken, passed, verified),
        tried_key=checked is not None,
        only_pasted_that_it_works={event[8] for event in by_kind[Kind.VERIFIED]} == {Evidence.STATUS.value},
        sought_help=helped is not None,
        resolved=resolved is not None,
        checks=tuple(
            Check(at, _VERDICTS[verdict], cause or UNKNOWN, model or UNKNOWN, latency)
            for _, _, at, verdict, cause, model, latency, *_ in by_kind[Kind.KEY_CHECK_FINISHED]
            if verdict
        ),
        steps=tuple(steps),
        diagnosed=tuple(event[4] for event in by_kind[Kind.DIAGNOSED]),
        symptoms=tuple(event[7] for event in events if event[7]),
        nothing_helped=tuple(event[7] for event in by_kind[Kind.NOTHING_HELPED] if event[7]),
    )
