"""Owns the answers' way to the database and back: what a visitor had before them, what helped others, saving.

The network is not used here, and SQL comes last: everything that can be made without it is made before.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast

from starlette.requests import Request

from portal.diagnosis.model import Step, Symptom
from portal.errors import DatabaseAwayError
from portal.journeys.cookie import Visit
from portal.journeys.events import Event, key_of
from portal.journeys.recording import journeys, language_of, now_ms, record_quietly, visit_of
from portal.journeys.vocabulary import Context, Kind, StepOutcome
from portal.logs import LOGGER
from portal.troubleshooting import store
from portal.troubleshooting.forms import Answer, Carried
from portal.troubleshooting.ranking import Helped, Tally, helped, rank
from portal.troubleshooting.setup import SetUp
from portal.troubleshooting.store import Given
from portal.troubleshooting.symptom_page import Progress, fitting_steps, in_order
from portal.troubleshooting.tallies import RecentTallies
from portal.troubleshooting.views import Place
from portal.web.clients import RateLimit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request about a symptom, read."""

    request: Request
    place: Place
    symptom: Symptom
    carried: Carried


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a visitor stands with a symptom.

    Attributes:
        visit: None when nothing may be recorded.
        begun: whether this visit has answered a step of the symptom before, so that its list is written down.
        saved: False when an answer could not be saved.
        counted: False when an answer is not recorded because its address has begun too many lists.

    """

    progress: Progress
    visit: Visit | None
    begun: bool = False
    saved: bool = True
    counted: bool = True


async def standing(asked: Asked) -> Standing:
    """What this visitor gets to see. Without a database: the catalogue's order, and what the form carried."""
    symptom, steps = asked.symptom.id, fitting_steps(asked.place, asked.symptom)
    visit = visit_of(asked.request, seed=asked.carried.once)
    known = visit.journey_id if visit and visit.known else ""
    had: Mapping[str, StepOutcome] = {}
    tallies: tuple[Tally, ...] = ()
    try:
        async with journeys(asked.request).database.reading() as connection:
            if known:
                had = await store.listed(connection, known, symptom)
            tallies = await _recent(asked.request).of(connection, symptom, now=now_ms())
    except DatabaseAwayError as error:
        LOGGER.warning("steps are ranked without outcomes: %s", error)
    order = tuple(had) or asked.carried.order
    if not {step.id for step in steps} <= set(order):
        chance = random.Random(f"{known or sorted(map(repr, tallies))} {symptom}")  # noqa: S311 - no secret depends on it
        steps = rank(steps, tallies, asked.place.setup.platform, chance)
    answers = {step: outcome for step, outcome in had.items() if outcome is not StepOutcome.SHOWN}
    progress = Progress(
        steps=in_order(steps, order),
        answers=MappingProxyType(answers if had else dict(asked.carried.answers)),
        helped=_helped(steps, tallies),
    )
    return Standing(progress, visit, begun=bool(had))


async def answer(asked: Asked, step: Step, given: Answer, before: Standing) -> Standing:
    """Save an answer and return where the visitor stands then; it is committed when this returns."""
    said = replace(asked.carried, answers=before.progress.answers).answered(step.id, given).answers
    if before.visit is None:
        return replace(before, progress=replace(before.progress, answers=said))
    if not before.begun and not await _may_begin(asked.request):
        return replace(before, progress=replace(before.progress, answers=said), visit=None, counted=False)
    what = Given(
        journey_id=before.visit.journey_id,
        symptom=asked.symptom.id,
        step=step.id,
        cause=step.cause,
        answer=given,
        order=tuple(one.id for one in before.progress.steps),
        at=now_ms(),
        context=context_of(asked.request, asked.place.setup, asked.carried.client),
    )
    try:
        async with journeys(asked.request).database.writing() as connection:
            answers = {**said, **await store.save(connection, what)}
            if answers.keys() >= set(what.order) and StepOutcome.RESOLVED not in answers.values():
                await store.record_nothing_helped(connection, what)
    except DatabaseAwayError as error:
        LOGGER.warning("an answer was not saved: %s", error)
        return replace(before, saved=False)
    return replace(before, progress=replace(before.progress, answers=MappingProxyType(answers)), begun=True)


async def record_giving_up(asked: Asked, there: Standing) -> None:
    """Record that nothing helped, for a visit whose answers are recorded."""
    if not there.begun:
        return
    symptom = asked.symptom.id
    context = context_of(asked.request, asked.place.setup, asked.carried.client)
    key = key_of(f"{Kind.NOTHING_HELPED}:{symptom}")
    event = Event(key=key, kind=Kind.NOTHING_HELPED, at=now_ms(), context=context, symptom=symptom)
    await record_quietly(asked.request, there.visit, [event])


async def record_diagnosis(request: Request, causes: Sequence[str], setup: SetUp, carried: Carried) -> Visit | None:
    """Record that a text was looked at, and the most probable cause; the visit, if it was recorded."""
    visit = visit_of(request, seed=carried.once)
    at, context = now_ms(), context_of(request, setup, carried.client)
    cause = causes[0] if causes else None
    events = [
        Event(key=key_of(Kind.HELP_OPENED), kind=Kind.HELP_OPENED, at=at, context=context),
        Event(key=key_of(f"{Kind.DIAGNOSED}:{cause}"), kind=Kind.DIAGNOSED, at=at, context=context, cause=cause),
    ]
    return visit if await record_quietly(request, visit, events) else None


def context_of(request: Request, setup: SetUp, client: str) -> Context:
    """The set-up and the client's version as they are recorded; of a machine that nobody named, nothing."""
    numbers = [int(part) for part in client.split(".")[:2]] if client else []
    known = Context(
        language=language_of(request),
        client=(numbers[0], numbers[1]) if len(numbers) == 2 else None,
    )
    if not setup.platform_given:
        return known
    target = setup.choices.target
    return replace(
        known, platform=target.platform, shell=target.shell, scope=target.scope, install=setup.choices.install
    )


def new_once() -> str:
    """What a page carries so that its first answer, sent twice, counts once."""
    return secrets.token_urlsafe(16)


def _recent(request: Request) -> RecentTallies:
    return cast(RecentTallies, request.app.state.help_tallies)


async def _may_begin(request: Request) -> bool:
    """Whether a list that this client begins counts; visits are free, so one address could else be many people."""
    limit = cast(RateLimit, request.app.state.help_lists)
    return await limit.wait_for(request.client.host if request.client else "") == 0


def _helped(steps: Sequence[Step], tallies: Sequence[Tally]) -> Mapping[str, Helped]:
    found = {step.id: helped(row for row in tallies if row.step == step.id) for step in steps}
    return {step: number for step, number in found.items() if number}
