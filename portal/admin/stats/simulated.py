"""Owns half a year of visits that nobody made, for the demo: the same every time, and shaped like real ones.

Weekdays are busier than weekends, everybody may stop anywhere, and there is something to find: `cmd` loses more people
before they copy than PowerShell does, the key check got better after a fix (`FIXED_DAYS_AGO`), and a release brought
a new error (`RELEASED_DAYS_AGO`). Some come for help only. It reads no clock: the last day is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.admin.stats.calendar import start_of
from portal.journeys.events import key_of
from portal.journeys.models import Journey, JourneyEvent, Outcome
from portal.journeys.vocabulary import Kind, StepOutcome, Verdict
from portal.snippets.targets import INSTALLS, SHELLS, Install, Platform, Scope, Shell

DAYS: Final = 182
VISITS_A_DAY: Final = 24
FOR_HELP_ONLY: Final = 0.06
FIXED_DAYS_AGO: Final = 60
RELEASED_DAYS_AGO: Final = 12
SEED: Final = 20_261
_MINUTE: Final = 60_000
_BATCH: Final = 1000
_T = TypeVar("_T")

_PLATFORMS: Final = {Platform.MACOS: 38, Platform.WINDOWS: 36, Platform.LINUX: 16, Platform.WSL: 10}
_SCOPES: Final = {Scope.USER: 70, Scope.STARTUP: 12, Scope.TERMINAL: 8, Scope.LOCAL: 6, Scope.PROJECT: 4}
CAUSES: Final = {"rejected": 45, "model-unknown": 20, "out-of-credit": 12, "timed-out": 8, "unreachable": 15}
_MODELS: Final = {"claude-sonnet-4.6": 70, "claude-opus-4.8": 22, "claude-haiku-4.5": 8}
HELP: Final = {
    "command-not-found": (("open-new-terminal", 0.62), ("add-to-path", 0.4), ("install-client", 0.2)),
    "rejected-401": (("copy-key-again", 0.48), ("remove-leftover-key", 0.35), ("make-new-key", 0.25)),
    "model-not-found": (("name-the-models", 0.7), ("remove-small-model", 0.3)),
    "cannot-connect": (("reach-gateway", 0.22), ("look-up-name", 0.18)),
    "changes-ignored": (("start-again", 0.45), ("look-through-settings", 0.33)),
}
BEHIND: Final = {
    "command-not-found": "command-not-found",
    "rejected-401": "leftover-api-key",
    "model-not-found": "model-unknown",
    "cannot-connect": "host-unknown",
    "changes-ignored": "settings-file-wins",
}
_SYMPTOMS: Final = dict(zip(HELP, (30, 26, 16, 16, 12), strict=True))


@dataclass(slots=True)
class _Rows:
    journeys: list[dict[str, Any]]
    events: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]


async def fill(connection: AsyncConnection, zone: ZoneInfo, last: date, *, until: int) -> int:
    """Write the visits of `DAYS` days up to `last`, none later than `until` (milliseconds); returns how many."""
    random = Random(SEED)  # noqa: S311 - nothing secret
    written = 0
    rows = _Rows([], [], [])
    for number, (age, at) in enumerate(_beginnings(random, zone, last)):
        if at < until:
            _visit(random, f"simulated-{number:012d}", age, at, until, rows)
            written += 1
        if len(rows.journeys) >= _BATCH:
            await _write(connection, rows)
    await _write(connection, rows)
    return written


def _beginnings(random: Random, zone: ZoneInfo, last: date) -> Iterator[tuple[int, int]]:
    for age in range(DAYS - 1, -1, -1):
        day = last - timedelta(days=age)
        busy = (1.0 if day.weekday() < 5 else 0.25) * (0.7 + 0.6 * (DAYS - age) / DAYS)
        begin = start_of(day, zone)
        for _ in range(round(random.gauss(VISITS_A_DAY * busy, 3))):
            yield age, begin + int(random.triangular(7, 21, 10.5) * 60 * _MINUTE)


def _visit(random: Random, identity: str, age: int, at: int, until: int, rows: _Rows) -> None:  # noqa: PLR0913, PLR0917 - internal
    setup = _setup(random, age)
    stages = ("opened", "chosen", "taken", "checked", "passed", "verified", "helped", "resolved")
    journey: dict[str, Any] = {
        "id": identity[-22:],
        "started_at": at,
        "touched_at": min(at, until),
        "context_at": at,
        **dict.fromkeys(f"{stage}_at" for stage in stages),
        **setup,
    }
    rows.journeys.append(journey)
    if random.random() < FOR_HELP_ONLY:
        journey["last_at"] = _help(random, journey, at, rows)
        journey["helped_at"] = at
    else:
        journey["last_at"] = _through_the_guide(random, journey, age, rows)


def _through_the_guide(random: Random, journey: dict[str, Any], age: int, rows: _Rows) -> int:
    """The end of the visit."""
    moment: int = journey["started_at"]
    journey["opened_at"] = moment
    for stage, share, minutes in (("chosen_at", 0.92, 0.6), ("taken_at", _taken_share(journey), 2.5)):
        if random.random() > share:
            break
        moment += _after(random, minutes)
        journey[stage] = moment
    else:
        moment = _check(random, journey, age, moment, rows)
    if journey["passed_at"] and random.random() < 0.82:
        moment += _after(random, 4)
        journey["verified_at"] = moment
    if not journey["verified_at"] and journey["taken_at"] and random.random() < 0.45:
        moment = _help(random, journey, moment, rows)
        if journey["resolved_at"] and random.random() < 0.8:
            moment += _after(random, 2)
            journey["verified_at"] = moment
    return moment


def _setup(random: Random, age: int) -> dict[str, Any]:
    platform = _one(random, _PLATFORMS)
    shells = SHELLS[platform]
    shell = _one(random, dict(zip(shells, (62, 26, 12), strict=True)))
    installs = INSTALLS[platform]
    install = random.choices(installs, [4, *([1] * (len(installs) - 1))])[0]
    minor = 2 if age < RELEASED_DAYS_AGO and random.random() < 0.7 else 1
    known = random.random() < 0.6
    return {
        "platform": platform.value,
        "shell": shell.value,
        "scope": _one(random, _SCOPES).value,
        "install": (Install.DONE if random.random() < 0.1 else install).value,
        "language": "en",
        "client_major": 2 if known else None,
        "client_minor": minor if known else None,
    }


def _taken_share(setup: dict[str, Any]) -> float:
    return 0.52 if setup["shell"] == Shell.CMD else 0.86


def _check(random: Random, journey: dict[str, Any], age: int, moment: int, rows: _Rows) -> int:
    passes = 0.82 if age < FIXED_DAYS_AGO else 0.6
    if journey["client_minor"] == 2:
        passes -= 0.22
    for _ in range(3):
        if random.random() < 0.12:
            break
        moment += _after(random, 1.5)
        journey["checked_at"] = journey["checked_at"] or moment
        passed = random.random() < passes
        warned = not passed and random.random() < 0.1
        cause = "accepted" if passed else "throttled" if warned else _one(random, CAUSES)
        if not passed and journey["client_minor"] == 2 and random.random() < 0.6:
            cause = "not-messages-api"
        verdict = Verdict.PASSED if passed else Verdict.WARNING if warned else Verdict.FAILED
        latency = int(random.lognormvariate(6.9, 0.5))
        model = _one(random, _MODELS)
        more = {"verdict": verdict.value, "cause": cause, "model": model, "latency_ms": latency}
        rows.events.append(_event(journey, Kind.KEY_CHECK_FINISHED, moment, len(rows.events), **more))
        if passed:
            journey["passed_at"] = moment
            break
    return moment


def _help(random: Random, journey: dict[str, Any], moment: int, rows: _Rows) -> int:
    symptom = _one(random, _SYMPTOMS)
    moment += _after(random, 2)
    journey["helped_at"] = moment
    matched = random.random() < 0.8
    cause = BEHIND[symptom] if matched else None
    rows.events.append(_event(journey, Kind.DIAGNOSED, moment, len(rows.events), cause=cause))
    if not matched:
        return moment
    setup = {name: journey[name] for name in ("platform", "shell", "scope", "install", "language")}
    solved = False
    for step, rate in HELP[symptom]:
        shown, outcome = moment, StepOutcome.SHOWN
        if not solved and random.random() < 0.85:
            moment += _after(random, 3)
            solved = random.random() < rate
            outcome = StepOutcome.RESOLVED if solved else StepOutcome.NOT_RESOLVED
        row = {"journey_id": journey["id"], "symptom": symptom, "step": step, "outcome": outcome.value}
        rows.outcomes.append({**row, "shown_at": shown, "at": moment, **setup})
        if solved:
            journey["resolved_at"] = moment
            break
    if not solved:
        rows.events.append(_event(journey, Kind.NOTHING_HELPED, moment, len(rows.events), symptom=symptom))
    return moment


def _event(journey: dict[str, Any], kind: Kind, at: int, number: int, **more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("verdict", "cause", "model", "latency_ms", "symptom"))
    key = key_of(f"{journey['id']}:{number}")
    return {"journey_id": journey["id"], "key": key, "kind": kind.value, "at": at, **empty, **more}


def _after(random: Random, minutes: float) -> int:
    """A while in milliseconds: mostly about so many minutes, sometimes much longer."""
    return int(random.lognormvariate(0, 0.8) * minutes * _MINUTE)


def _one(random: Random, weights: dict[_T, int]) -> _T:
    return random.choices(list(weights), list(weights.values()))[0]


async def _write(connection: AsyncConnection, rows: _Rows) -> None:
    for table, found in ((Journey, rows.journeys), (JourneyEvent, rows.events), (Outcome, rows.outcomes)):
        if found:
            await connection.execute(insert(table), found)
            found.clear()
