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

from portal.diagnosis.answer import Diagnosis
from portal.diagnosis.model import Step, Symptom
from portal.errors import DatabaseAwayError
from portal.journeys.cookie import Visit
from portal.journeys.events import Event, key_of
from portal.journeys.recording import journeys, language_of, now_ms, record_quietly, visit_of
from portal.journeys.vocabulary import Context, Evidence, Kind, StepOutcome
from portal.logs import LOGGER
from portal.troubleshooting import store
from portal.troubleshooting.causes import Offer, offers_for, ranked
from portal.troubleshooting.forms import Answer, Carried
from portal.troubleshooting.ranking import Tally, helped_by_step, rank
from portal.troubleshooting.setup import SetUp
from portal.troubleshooting.store import Given
from portal.troubleshooting.symptom_page import Progress, fitting_steps, in_order
from portal.troubleshooting.tallies import RecentTallies
from portal.troubleshooting.views import Place
from portal.web.clients import RateLimit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request about a symptom, read; `fresh` when what it carries was made for it, and was in no form before."""

    request: Request
    place: Place
    symptom: Symptom
    carried: Carried
    fresh: bool = False


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
    had: Mapping[str, StepOutcome] = {}
    tallies: tuple[Tally, ...] = ()
    try:
        async with journeys(asked.request).database.reading() as connection:
            if visit and (visit.known or not asked.fresh):  # a browser that keeps no cookie brings `once` along
                had = await store.listed(connection, visit.journey_id, symptom)
            tallies = await _recent(asked.request).of(connection, symptom, now=now_ms())
    except DatabaseAwayError as error:
        LOGGER.warning("steps are ranked without outcomes: %s", error)
    order = tuple(had) or asked.carried.order
    if not {step.id for step in steps} <= set(order):
        chance = chance_of(_seed_of(asked.request, asked.carried.once), symptom)
        steps = rank(steps, tallies, asked.place.setup.platform, chance)
    answers = {step: outcome for step, outcome in had.items() if outcome is not StepOutcome.SHOWN}
    progress = Progress(
        steps=in_order(steps, order),
        answers=MappingProxyType(answers if had else dict(asked.carried.answers)),
        helped=MappingProxyType(helped_by_step(steps, tallies)),
    )
    return Standing(progress, visit, begun=bool(had))


async def offer_steps(request: Request, place: Place, causes: Sequence[str], once: str) -> tuple[Offer, ...]:
    """The steps against each cause, by what helped others. Without a database: in the catalogue's order."""
    offers = offers_for(place, causes)
    tallies: dict[str, tuple[Tally, ...]] = {}
    try:
        async with journeys(request).database.reading() as connection:
            for symptom in {offer.symptom.id for offer in offers}:
                tallies[symptom] = await _recent(request).of(connection, symptom, now=now_ms())
    except DatabaseAwayError as error:
        LOGGER.warning("steps are offered without outcomes: %s", error)
        return offers
    seed = _seed_of(request, once)
    return tuple(ranked(place, offer, tallies[offer.symptom.id], chance_of(seed, offer.symptom.id)) for offer in offers)


def chance_of(seed: str, symptom: str) -> random.Random:
    """Where the order of a symptom's steps comes from, for one visit: `seed` is what names the visit."""
    return random.Random(f"{seed} {symptom}")  # noqa: S311 - no secret depends on it


def _seed_of(request: Request, once: str) -> str:
    """What names a visit: its id, or for somebody who is not recorded the random word that the page carries."""
    visit = visit_of(request, seed=once)
    return visit.journey_id if visit else once


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
            if answers.keys() >= set(what.order) and _nothing_helped(answers):
                await store.record_nothing_helped(connection, what)
    except DatabaseAwayError as error:
        LOGGER.warning("an answer was not saved: %s", error)
        return replace(before, saved=False)
    return replace(before, progress=replace(before.progress, answers=MappingProxyType(answers)), begun=True)


async def record_giving_up(asked: Asked, there: Standing) -> None:
    """Record that nothing helped, for a visit whose answers are recorded."""
    if not there.begun or not _nothing_helped(there.progress.answers):
        return
    symptom = asked.symptom.id
    context = context_of(asked.request, asked.place.setup, asked.carried.client)
    key = key_of(f"{Kind.NOTHING_HELPED}:{symptom}")
    event = Event(key=key, kind=Kind.NOTHING_HELPED, at=now_ms(), context=context, symptom=symptom)
    await record_quietly(asked.request, there.visit, [event])


async def record_diagnosis(
    request: Request, diagnosis: Diagnosis, setup: SetUp, carried: Carried, *, works: bool = False
) -> Visit | None:
    """Record that a text was looked at, and the most probable cause or that nothing in it is known.

    Returns the visit, if it was recorded. A text that speaks for no fault is no gap in the catalogue; one of which
    the client says that it `works` verifies the visit.
    """
    visit = visit_of(request, seed=carried.once)
    at, context = now_ms(), context_of(request, setup, carried.client)
    events = [Event(key=key_of(Kind.HELP_OPENED), kind=Kind.HELP_OPENED, at=at, context=context)]
    if diagnosis.findings or diagnosis.unmatched:
        cause = diagnosis.findings[0].cause_id if diagnosis.findings else None
        key = key_of(f"{Kind.DIAGNOSED}:{cause}")
        events.append(Event(key=key, kind=Kind.DIAGNOSED, at=at, context=context, cause=cause))
    if works and not diagnosis.findings:
        key = key_of(f"{Kind.VERIFIED}:{Evidence.STATUS}")
        events.append(Event(key=key, kind=Kind.VERIFIED, at=at, context=context, evidence=Evidence.STATUS))
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


def _nothing_helped(answers: Mapping[str, StepOutcome]) -> bool:
    """Whether something was tried and nothing resolved it: who skips every step has tried nothing."""
    said = set(answers.values())
    return StepOutcome.NOT_RESOLVED in said and StepOutcome.RESOLVED not in said
