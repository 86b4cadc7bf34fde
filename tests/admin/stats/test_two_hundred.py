"""Two hundred visitors whose behaviour is known go through the portal's own addresses; the dashboard says exactly that.

What happens on the guide is posted as the page's script posts it, to the running application, each visitor with a
cookie of their own. Key checks and troubleshooting are recorded by the functions that those rooms record with.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise

import httpx
import pytest
from lxml.html import HtmlElement
from sqlalchemy import select

from portal.admin.stats.closing import close_days, rebuild
from portal.admin.stats.histogram import bucket_of, quantile
from portal.admin.stats.service import Statistics
from portal.db import Database
from portal.journeys import store
from portal.journeys.events import Event, StepAnswer
from portal.journeys.models import Journey
from portal.journeys.recording import key_check_finished, new_event_key
from portal.journeys.vocabulary import Context, Kind, StepOutcome, Verdict
from tests.admin.stats.visiting import context_of
from tests.support.operators import app_of, desk_of, sign_in
from tests.support.pages import parse, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

MINUTE = 60_000
GIVEN_UP = 200 * MINUTE


@dataclass(frozen=True)
class Behaviour:
    """What so many visitors do.

    Attributes:
        checks: verdict and cause of each key check, from the sixth minute on, one a minute.
        steps: symptom, step and outcome, in the tenth minute; resolved or not three minutes later.

    """

    count: int
    machine: dict[str, str]
    kinds: tuple[str, ...]
    checks: tuple[tuple[Verdict, str], ...] = ()
    steps: tuple[tuple[str, str, StepOutcome], ...] = ()
    unmatched: bool = False
    nothing_helped: tuple[str, ...] = ()
    times: dict[str, int] = field(
        default_factory=lambda: {
            "opened": 0,
            "help_opened": 0,
            "machine_chosen": 1,
            "copied": 3,
            "downloaded": 3,
            "verified": 10,
        }
    )


ZSH = {"platform": "macos", "shell": "zsh", "scope": "user", "install": "native"}
FISH = {**ZSH, "shell": "fish"}
POWERSHELL = {"platform": "windows", "shell": "powershell", "scope": "user", "install": "winget"}
CMD = {**POWERSHELL, "shell": "cmd"}
BASH = {"platform": "linux", "shell": "bash", "scope": "startup", "install": "npm"}
WSL = {"platform": "wsl", "shell": "bash", "scope": "user", "install": "native"}
SHOWN = StepOutcome.SHOWN
GOOD, BAD = (Verdict.PASSED, "accepted"), (Verdict.FAILED, "rejected")

ALL = (
    Behaviour(50, ZSH, ("opened", "machine_chosen", "copied", "verified"), (GOOD,)),
    Behaviour(40, POWERSHELL, ("opened", "machine_chosen", "downloaded", "verified"), (BAD, GOOD)),
    Behaviour(42, CMD, ("opened", "machine_chosen")),
    Behaviour(8, CMD, ("opened", "machine_chosen", "copied"), unmatched=True),
    Behaviour(
        20,
        BASH,
        ("opened", "machine_chosen", "copied"),
        ((Verdict.FAILED, "model-unknown"),),
        (("cannot-connect", "check-address", StepOutcome.NOT_RESOLVED),),
        nothing_helped=("cannot-connect",),
    ),
    Behaviour(
        20,
        FISH,
        ("opened", "machine_chosen", "copied"),
        (GOOD,),
        (("changes-ignored", "restart-client", StepOutcome.RESOLVED), ("changes-ignored", "look", SHOWN)),
    ),
    Behaviour(6, WSL, ("opened",)),
    Behaviour(4, {}, ("verified",)),
    Behaviour(
        7,
        FISH,
        ("help_opened",),
        steps=(("changes-ignored", "restart-client", StepOutcome.RESOLVED), ("changes-ignored", "look", SHOWN)),
    ),
    Behaviour(3, WSL, ("help_opened",), ((Verdict.FAILED, "rejected"),)),  # the script could not say "opened"
)
assert sum(one.count for one in ALL) == 200

FUNNEL = {"opened": 193, "chosen": 184, "taken": 142, "passed": 114, "verified": 94}
MACHINES = {
    "windows": (90, 90, 48, 40, 40),
    "macos": (70, 70, 70, 70, 50),
    "linux": (20, 20, 20, 0, 0),
    "wsl": (9, 0, 0, 0, 0),
}


def known_truth() -> dict[str, str]:
    """Every number of the page, counted by hand; times are those of the bucket that holds them."""
    names = list(FUNNEL)
    truth = {f"funnel.{name}": str(count) for name, count in FUNNEL.items()}
    truth |= {f"funnel.{b}.stopped": str(FUNNEL[a] - FUNNEL[b]) for a, b in pairwise(names)}
    truth |= {f"funnel.{b}.share": f"{FUNNEL[b] / FUNNEL[a]:.4f}" for a, b in pairwise(names)}
    passed = [4] * 70 + [5] * 40  # minutes after the copy: the second check of those with PowerShell is a minute later
    took = {
        "chosen": [1] * 180,
        "taken": [2] * 138,
        "passed": passed,
        "verified": [3] * 50 + [2] * 40,
        "whole": [10] * 90,
    }
    for name, minutes in took.items():
        truth |= times(f"funnel.{name}", [minute * MINUTE for minute in minutes])
    for platform, counts in MACHINES.items():
        for name, count in zip(names, counts, strict=True):
            truth[f"platform.{platform}.{name}"] = str(count)
            truth[f"platform.{platform}.{name}.share"] = f"{count / counts[0]:.4f}"
    truth |= {"visits.elsewhere": "7", "checks": "173", "checks.first_passed": f"{70 / 133:.4f}"}
    truth |= times("checks.latency", [700] * 173)
    for cause, ends in {"accepted": (110, 0, 0), "rejected": (0, 0, 43), "model-unknown": (0, 0, 20)}.items():
        truth |= {f"cause.{cause}.{verdict}": str(n) for verdict, n in zip(Verdict, ends, strict=True)}
    truth |= {f"model.other.{verdict}": str(n) for verdict, n in zip(Verdict, (110, 0, 63), strict=True)}
    truth |= {"help.visits": "58", "help.resolved": "27", "help.share": f"{27 / 58:.4f}"}
    truth |= {"symptom.cannot-connect": "20", "symptom.changes-ignored": "27"}
    truth |= {"unresolved.cannot-connect": "20", "unmatched": "8"}
    steps = {
        "cannot-connect.check-address": (20, 20, 0),
        "changes-ignored.restart-client": (27, 27, 27),
        "changes-ignored.look": (27, 0, 0),
    }
    intervals = {(20, 0): "0.0000 0.1611", (27, 27): "0.8754 1.0000", (0, 0): ""}
    for step, (shown, tried, resolved) in steps.items():
        name = f"step.{step}"
        truth |= {f"{name}.shown": str(shown), f"{name}.tried": str(tried), f"{name}.resolved": str(resolved)}
        truth[f"{name}.rate"] = f"{resolved / tried:.4f}" if tried else ""
        truth[f"{name}.interval"] = intervals[tried, resolved]
        truth[f"{name}.median"] = times("t", [3 * MINUTE])["t.median"] if resolved else ""
    return truth


def times(name: str, durations: list[int]) -> dict[str, str]:
    buckets: dict[int, int] = {}
    for duration in durations:
        buckets[bucket_of(duration)] = buckets.get(bucket_of(duration), 0) + 1
    assert len(set(durations)) < 3  # so that nobody has to trust a quantile of many
    return {f"{name}.{which}": f"{quantile(buckets, share):.1f}" for which, share in (("median", 0.5), ("p90", 0.9))}


def shown(tree: HtmlElement) -> dict[str, str]:
    """Every number on the page but those of single days: `data-stat` -> `data-value`; none may be there twice."""
    found: dict[str, str] = {}
    for element in tree.cssselect("[data-stat]"):
        if not any(parent.get("id") in {"table-checks", "table-help"} for parent in element.iterancestors()):
            name = element.get("data-stat")
            assert name not in found, name
            found[name] = element.get("data-value")
    return found


def by_day(tree: HtmlElement, table: str, column: int) -> int:
    return sum(int(row[column].get("data-value")) for row in tree.cssselect(f"#{table} tbody tr"))


async def visit(portal: httpx.AsyncClient, database: Database, behaviour: Behaviour, number: int) -> None:
    events = [
        {
            "id": f"{number}-{kind}-0123456789abcdef",
            "kind": kind,
            "ago_ms": GIVEN_UP - behaviour.times[kind] * MINUTE,
            **behaviour.machine,
            **({"target": "apply"} if kind in {"copied", "downloaded"} else {}),
        }
        for kind in behaviour.kinds
    ]
    async with database.reading() as connection:
        before = set((await connection.execute(select(Journey.id))).scalars())
    answer = await portal.post("/journey", json={"events": events})
    assert answer.status_code == 200
    async with database.reading() as connection:
        rows = (await connection.execute(select(Journey.id, Journey.started_at))).all()
    ((journey_id, start),) = [row for row in rows if row[0] not in before]
    async with database.writing() as connection:
        await store.record_events(connection, journey_id, list(told(behaviour, start)))
        for symptom, step, outcome in behaviour.steps:
            for said, minute in ((StepOutcome.SHOWN, 10), (outcome, 13)):
                at = start + minute * MINUTE
                answer_to = StepAnswer(symptom=symptom, step=step, outcome=said, at=at, context=context(behaviour))
                await store.record_outcome(connection, journey_id, answer_to)


def context(behaviour: Behaviour) -> Context:
    machine = behaviour.machine
    names = ("platform", "shell", "scope", "install")
    one, two, three, four = (machine.get(name, "-") for name in names)
    return context_of((one, two, three, four, "-", "en"))


def told(behaviour: Behaviour, start: int) -> list[Event]:
    found = []
    for index, (verdict, cause) in enumerate(behaviour.checks):
        found.append(
            key_check_finished(
                at=start + (7 + index) * MINUTE,
                context=context(behaviour),
                verdict=verdict,
                code=cause,
                model="whatever",
                offered=frozenset(),
                latency_ms=700,
            )
        )
    late, here = start + 20 * MINUTE, context(behaviour)
    if behaviour.unmatched:
        found.append(Event(key=new_event_key(), kind=Kind.DIAGNOSED, at=late, context=here))
    found += [
        Event(key=new_event_key(), kind=Kind.NOTHING_HELPED, symptom=symptom, at=late, context=here)
        for symptom in behaviour.nothing_helped
    ]
    return found


@pytest.fixture
async def visited(database_address: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A portal that the two hundred have been to, and an operator who looks."""
    async with running_portal(database_url=database_address, metrics_token="m" * 16) as portal:
        number = 0
        for behaviour in ALL:
            for _ in range(behaviour.count):
                portal.cookies.clear()
                await visit(portal, database, behaviour, number := number + 1)
        portal.cookies.clear()
        await sign_in(portal)
        yield portal


async def test_every_number_is_the_known_truth(visited: httpx.AsyncClient, database: Database) -> None:
    tree = parse((await visited.get("/admin?days=7")).text)
    assert shown(tree) == known_truth()
    for verdict, (column, count) in {"passed": (1, 110), "warning": (2, 0), "failed": (3, 63)}.items():
        assert by_day(tree, "table-checks", column) == count, verdict
    assert [by_day(tree, "table-help", column) for column in (1, 2)] == [58, 27]
    assert "94 of 193" in words(tree.cssselect(".lead")[0])
    first = words(tree.cssselect(".findings li")[0])
    assert "84 % of Windows visitors with cmd stop before they copy" in first
    assert "42 of 50 against 0 of 40" in first
    # The finding leads to the visits that it is about.
    link = tree.cssselect(".findings li a")[0].get("href")
    narrowed = shown(parse((await visited.get(link)).text))
    assert (narrowed["funnel.chosen"], narrowed["funnel.taken.stopped"]) == ("50", "42")

    # The same from another process, after the days have closed and been counted again.
    later = desk_of(visited).now() + 3 * 24 * 60 * MINUTE
    statistics = app_of(visited).state.statistics.statistics
    assert await close_days(database, statistics.zone, now=later) >= 1
    assert await rebuild(database, statistics.zone, now=later) >= 1
    statistics.live = Statistics(database, statistics.zone).live
    assert shown(parse((await visited.get("/admin?days=7")).text)) == known_truth()

    counters = await visited.get("/metrics", headers={"authorization": f"Bearer {'m' * 16}"})
    assert 'portal_visits_total{stage="opened"} 193.0' in counters.text
    assert 'portal_visits_total{stage="verified"} 94.0' in counters.text
    assert 'portal_key_checks_total{verdict="failed"} 63.0' in counters.text
    assert 'portal_help_steps{outcome="resolved"} 27.0' in counters.text
