"""Made-up visits for the tests: random ones of hypothesis, and writing visits into a database as the portal would."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from hypothesis import strategies as st

from portal.admin.stats.dimensions import UNKNOWN, Cell
from portal.admin.stats.visits import Check, Step, Visit
from portal.db import Database
from portal.journeys import store
from portal.journeys.events import Event, StepAnswer, key_of
from portal.journeys.vocabulary import Context, Evidence, Kind, StepOutcome, Verdict
from portal.snippets.targets import Install, Platform, Scope, Shell

DAY = 24 * 60 * 60_000
NOON = 1_780_000_000_000 // DAY * DAY + DAY // 2
"""Noon of some day, UTC."""

CELLS: tuple[Cell, ...] = (
    ("windows", "cmd", "user", "native", UNKNOWN, "en"),
    ("windows", "powershell", "user", "winget", "2.1", "en"),
    ("macos", "zsh", "startup", "homebrew", "2.1", "en"),
    ("linux", "bash", "project", "npm", "2.0", "fr"),
    (UNKNOWN,) * 6,
)
_times = st.one_of(st.none(), st.integers(0, 3 * 60 * 60_000))
_short = st.integers(0, 10_000)


@st.composite
def visits(draw: st.DrawFn) -> Visit:
    """Any visit, whose stages may be reached in any order and any of them skipped, or all."""
    start = NOON + draw(st.integers(-3 * DAY, 3 * DAY))
    opened, *reached = [None if after is None else start + after for after in draw(st.tuples(*[_times] * 5))]
    checks = [
        Check(start + after, draw(st.sampled_from(Verdict)), draw(st.sampled_from("ab")), "m", draw(st.none() | _short))
        for after in draw(st.lists(_short, max_size=3, unique=True))
    ]
    steps = [
        Step("s", step, draw(st.sampled_from(StepOutcome)), start, start + draw(_short))
        for step in draw(st.lists(st.sampled_from("xyz"), max_size=3, unique=True))
    ]
    return Visit(
        id=draw(st.text("abcdefgh", min_size=8, max_size=8)),
        cell=draw(st.sampled_from(CELLS)),
        began=start,
        reached=(opened, reached[0], reached[1], reached[2], reached[3]),
        tried_key=draw(st.booleans()),
        only_pasted_that_it_works=draw(st.booleans()),
        sought_help=draw(st.booleans()),
        resolved=any(step.outcome is StepOutcome.RESOLVED for step in steps),
        checks=tuple(checks),
        steps=tuple(steps),
        diagnosed=tuple(draw(st.lists(st.none() | st.sampled_from("ab"), max_size=2))),
        nothing_helped=tuple(draw(st.lists(st.sampled_from("st"), max_size=1))),
    )


def context_of(cell: Cell) -> Context:
    """The set-up of a cell."""
    platform, shell, scope, install, client, language = (None if value == UNKNOWN else value for value in cell)
    major, minor = (int(part) for part in client.split(".")) if client else (None, None)
    return Context(
        Platform(platform) if platform else None,
        Shell(shell) if shell else None,
        Scope(scope) if scope else None,
        Install(install) if install else None,
        language,
        (major, minor) if major is not None and minor is not None else None,
    )


async def write(database: Database, found: Sequence[Visit]) -> None:
    """Record visits through the journeys' own store, as the rooms do."""
    numbers = count()
    async with database.writing() as connection:
        for visit in found:
            context = context_of(visit.cell)

            def event(kind: Kind, at: int, context: Context = context, **more: Any) -> Event:
                return Event(key=key_of(f"{next(numbers)}"), kind=kind, at=at, context=context, **more)

            started = visit.began
            opened, chosen, taken, passed, verified = visit.reached
            events = [event(Kind.OPENED, opened)] if opened else []
            events += [event(Kind.KEY_CHECK_STARTED, started)] if visit.tried_key else []
            events += [event(Kind.MACHINE_CHOSEN, chosen)] if chosen else []
            events += [event(Kind.COPIED, taken)] if taken else []
            evidence = Evidence.STATUS if visit.only_pasted_that_it_works else Evidence.SELF_REPORTED
            events += [event(Kind.VERIFIED, verified, evidence=evidence)] if verified else []
            events += [event(Kind.HELP_OPENED, started)] if visit.sought_help else []
            events += [event(Kind.DIAGNOSED, started, cause=cause) for cause in visit.diagnosed]
            events += [event(Kind.NOTHING_HELPED, started, symptom=symptom) for symptom in visit.nothing_helped]
            events += [
                event(
                    Kind.KEY_CHECK_FINISHED,
                    check.at,
                    verdict=check.verdict,
                    cause=check.cause,
                    model=check.model,
                    latency_ms=check.latency_ms,
                )
                for check in visit.checks
            ]
            if passed and not any(check.verdict is Verdict.PASSED for check in visit.checks):
                raise AssertionError("a visit passes by a check")
            assert started in {event.at for event in events}, "a visit begins with something"
            await store.record_events(connection, visit.id, events)
            for step in visit.steps:
                answer = StepAnswer(
                    symptom=step.symptom, step=step.step, outcome=StepOutcome.SHOWN, at=step.shown_at, context=context
                )
                await store.record_outcome(connection, visit.id, answer)
                if step.outcome is not StepOutcome.SHOWN:
                    answer = StepAnswer(
                        symptom=step.symptom, step=step.step, outcome=step.outcome, at=step.at, context=context
                    )
                    await store.record_outcome(connection, visit.id, answer)


def only_pasted(visit: Visit) -> bool:
    """Whether a text in the help that shows a working client is all that is known of the visit."""
    on_guide = any((visit.tried_key, visit.checks, *(at is not None for at in visit.reached[:4])))
    return visit.only_pasted_that_it_works and visit.reached[4] is not None and not on_guide
