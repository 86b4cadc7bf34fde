"""Any visits, closed, rebuilt and purged on both databases, against counting each visit by hand.

The counting here shares no code with the portal's but the bounds of buckets.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from portal.admin.stats.closing import close_days, purge, rebuild
from portal.admin.stats.histogram import BOUNDS
from portal.admin.stats.models import StatDay, StatMore, StatState
from portal.admin.stats.question import read_question
from portal.admin.stats.service import Statistics
from portal.admin.stats.store import read_day
from portal.admin.stats.visits import Check, Step, Visit
from portal.db import Database
from portal.journeys.models import Journey
from portal.journeys.vocabulary import StepOutcome, Verdict
from tests.admin.stats.visiting import CELLS, DAY, NOON, only_pasted, write

pytestmark = pytest.mark.anyio

ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati")]
SIX = ("platform", "shell", "scope", "install", "client", "language")
later = st.one_of(st.none(), st.integers(0, 3 * 60 * 60_000))


few = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.generate],  # each example writes to a database: shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def recorded(draw: st.DrawFn, number: int) -> Visit:
    """Any visit as it can be recorded: it passes by its first check that passes, and begins with whatever was first."""
    start = NOON - draw(st.integers(0, 4 * DAY))
    opened = draw(st.sampled_from([start, start, None, start + 60_000]))
    chosen, taken, verified = (None if after is None else start + after for after in draw(st.tuples(*[later] * 3)))
    checks = [
        Check(start + after, draw(st.sampled_from(Verdict)), draw(st.sampled_from(["a", "b"])), "m", latency)
        for after, latency in draw(
            st.lists(
                st.tuples(st.integers(0, 900_000), st.none() | st.integers(0, 9000)),
                max_size=3,
                unique_by=lambda one: one[0],
            )
        )
    ]
    steps = [
        Step("s", step, draw(st.sampled_from(StepOutcome)), start, start + draw(st.integers(1, 900_000)))
        for step in draw(st.lists(st.sampled_from("xyz"), max_size=2, unique=True))
    ]
    return Visit(
        id=f"visit-{number}",
        cell=draw(st.sampled_from(CELLS)),
        began=start,
        reached=(
            opened,
            chosen,
            taken,
            min((c.at for c in checks if c.verdict is Verdict.PASSED), default=None),
            verified,
        ),
        tried_key=draw(st.booleans()),
        only_pasted_that_it_works=draw(st.booleans()),
        sought_help=opened != start or draw(st.booleans()),
        resolved=any(step.outcome is StepOutcome.RESOLVED for step in steps),
        checks=tuple(checks),
        steps=tuple(steps),
        diagnosed=tuple(draw(st.lists(st.none() | st.sampled_from(["a", "b"]), max_size=2))),
        nothing_helped=tuple(draw(st.lists(st.sampled_from("st"), max_size=1))),
    )


@st.composite
def many(draw: st.DrawFn) -> list[Visit]:
    return [draw(recorded(number)) for number in range(draw(st.integers(1, 12)))]


def by_hand(found: Sequence[Visit]) -> dict[str, int]:
    """What these visits count for; zeros are left out."""
    number: Counter[str] = Counter()
    number["visits"] = len(found)
    for index, name in enumerate(("opened", "chosen", "taken", "passed", "verified")):
        number[name] = sum(
            any(at is not None for at in visit.reached[index:]) and not only_pasted(visit) for visit in found
        )
    number["opened"] += sum(
        all(at is None for at in visit.reached) and (visit.tried_key or len(visit.checks) > 0) for visit in found
    )
    for visit in found:
        pairs = [(str(i), visit.reached[i], visit.reached[i + 1]) for i in range(4)]
        for name, before, after in [*pairs, ("4", visit.reached[0], visit.reached[4])]:
            if before is not None and after is not None and before <= after:
                number[f"minutes|{name}|{bisect_right(BOUNDS, after - before)}"] += 1
        for check in visit.checks:
            number[f"check_{check.verdict.value}"] += 1
            number[f"cause|{check.verdict.value}|{check.cause}"] += 1
            number[f"model|{check.verdict.value}|{check.model}"] += 1
            if check.latency_ms is not None:
                number[f"latency|{bisect_right(BOUNDS, check.latency_ms)}"] += 1
        number.update(steps_of(visit))
        resolved = {step.symptom for step in visit.steps if step.outcome is StepOutcome.RESOLVED}
        for symptom in "st":
            number[f"symptom|{symptom}"] += symptom in visit.nothing_helped or (symptom == "s" and bool(visit.steps))
            number[f"nothing|{symptom}"] += symptom in visit.nothing_helped and symptom not in resolved
        for cause in "ab":
            number[f"diagnosed|{cause}"] += cause in visit.diagnosed
        number["unmatched"] += None in visit.diagnosed
        number["helped"] += visit.sought_help or any((visit.steps, visit.diagnosed, visit.nothing_helped))
        number["resolved"] += "resolved" in [step.outcome.value for step in visit.steps]
        firsts = sorted((check.at, check.verdict.value) for check in visit.checks)[:1]
        number["first_checks"] += len(firsts)
        number["first_passed"] += any(verdict == "passed" for _, verdict in firsts)
    return {name: count for name, count in number.items() if count}


def steps_of(visit: Visit) -> Counter[str]:
    number: Counter[str] = Counter()
    for step in visit.steps:
        number[f"step|s|{step.step}|shown"] += 1
        number[f"step|s|{step.step}|tried"] += step.outcome.value in {"resolved", "not_resolved"}
        if step.outcome is StepOutcome.RESOLVED:
            number[f"step|s|{step.step}|resolved"] += 1
            number[f"took|s|{step.step}|{bisect_right(BOUNDS, step.at - step.shown_at)}"] += 1
    return number


def day_in(zone: ZoneInfo, moment: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)).astimezone(zone).strftime("%Y-%m-%d")


def every_group(found: Sequence[Visit], zone: ZoneInfo) -> dict[tuple[str, tuple[str, ...]], dict[str, int]]:
    """(day, values by which it is split or "") -> what these visits count for, of the days before today."""
    kept = [set(chosen) for size in (0, 1, 2, 6) for chosen in combinations(range(6), size)]
    groups: dict[tuple[str, tuple[str, ...]], list[Visit]] = {}
    for visit in found:
        if (day := day_in(zone, visit.began)) < day_in(zone, NOON):
            for split in kept:
                cell = tuple(value if index in split else "" for index, value in enumerate(visit.cell))
                groups.setdefault((day, cell), []).append(visit)
    return {place: by_hand(visits) for place, visits in groups.items()}


async def in_tables(database: Database) -> dict[tuple[str, tuple[str, ...]], dict[str, int]]:
    found: dict[tuple[str, tuple[str, ...]], dict[str, int]] = {}
    async with database.reading() as connection:
        days = (await connection.execute(select(StatDay.day).distinct())).scalars().all()
        for day in days:
            for sums in (await read_day(connection, day)).groups.values():
                for (cell, _), counts in sums.items():
                    assert (day, cell) not in found
                    found[day, cell] = dict(counts)
    return found


async def rows(database: Database) -> list[Any]:
    async with database.reading() as connection:
        return [
            tuple(row)
            for table in (StatDay, StatMore)
            for row in await connection.execute(select(table).order_by(*table.__table__.primary_key))
        ]


async def empty(database: Database) -> None:
    async with database.writing() as connection:
        for table in (Journey, StatDay, StatMore, StatState):
            await connection.execute(delete(table))


@given(found=many(), zone=st.sampled_from(ZONES), cut=st.integers(0, 12), kept=st.integers(1, 3))
@few
async def test_closed_rebuilt_and_purged_days_are_those_of_counting_by_hand(
    database: Database, found: list[Visit], zone: ZoneInfo, cut: int, kept: int
) -> None:
    await empty(database)
    truth = every_group(found, zone)
    await write(database, found[:cut])
    await close_days(database, zone, now=NOON)
    await write(database, found[cut:])  # late: their days are closed, perhaps
    await close_days(database, zone, now=NOON)
    made = await in_tables(database)
    assert {place: sums for place, sums in made.items() if truth.get(place) != sums} == {}
    assert made.keys() == truth.keys()
    closed = await rows(database)
    await rebuild(database, zone, now=NOON)
    assert await rows(database) == closed
    await purge(database, zone, kept, now=NOON)
    assert await rows(database) == closed
    await rebuild(database, zone, now=NOON)
    assert await rows(database) == closed


filters = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from([cell[i] for cell in CELLS]) for i, name in enumerate(SIX)}
)


@given(
    found=many(),
    zone=st.sampled_from(ZONES),
    query=filters,
    cut=st.integers(0, 6),
    last=st.integers(0, 1),
    length=st.integers(1, 4),
)
@few
async def test_answer_is_that_of_counting_by_hand_whatever_is_kept(
    database: Database, found: list[Visit], zone: ZoneInfo, query: dict[str, str], cut: int, last: int, length: int
) -> None:
    """Two processes look all the time; what they keep of closed days is never old, and today never misses a visit."""
    await empty(database)
    today = datetime.fromtimestamp(NOON / 1000, zone).date()
    end = today - timedelta(days=last)
    begin = end - timedelta(days=length - 1)
    period = {"from": begin.isoformat(), "to": end.isoformat()}
    question = read_question({**query, **period}, today=today)
    filtered = [(index, query[name]) for index, name in enumerate(SIX) if name in query]
    processes = [Statistics(database, zone), Statistics(database, zone)]

    async def look(visits: list[Visit]) -> None:
        matching = [visit for visit in visits if all(visit.cell[index] == value for index, value in filtered)]
        inside = chosen(matching, lambda day: period["from"] <= day <= period["to"], zone)
        before = chosen(
            matching, lambda day: (begin - timedelta(days=length)).isoformat() <= day < period["from"], zone
        )
        for process in processes:
            seen, full = await asyncio.gather(process.overview(question, now=NOON), process.answer(question, now=NOON))
            assert dict(+seen.total) == by_hand(inside)
            assert +full.total == +seen.total
            assert seen.before["visits"] == len(before)
            assert seen.before["opened"] == by_hand(before).get("opened", 0)
            for day, counts in full.days.items():
                mine = by_hand(chosen(inside, lambda one, day=day: one == day.isoformat(), zone))  # type: ignore[misc]
                assert dict(+counts) == mine
                assert all(seen.days[day][name] == counts[name] for name in ("visits", "opened", "check_failed"))
            assert full.findings == seen.findings
            if "platform" not in query:
                assert {name: sums["visits"] for name, sums in seen.platforms.items()} == Counter(
                    visit.cell[0] for visit in inside
                )
            everybody = chosen(visits, lambda day: period["from"] <= day <= period["to"], zone)
            for index, values in enumerate(seen.in_use.values()):
                assert set(values) == {visit.cell[index] for visit in everybody} - {"-"}
            assert dict(+await process.totals(now=NOON)) == by_hand(visits)

    first, late = found[:cut], found[cut:]
    await write(database, first)
    await close_days(database, zone, now=NOON)
    await look(first)
    await write(database, late)
    if not closed_before(late, zone):
        await look(found)
    await close_days(database, zone, now=NOON)
    await look(found)
    await rebuild(database, zone, now=NOON)
    await look(found)


def closed_before(visits: list[Visit], zone: ZoneInfo) -> bool:
    """Whether a visit began on a day that is over: it is counted when its day is made again."""
    return any(day_in(zone, visit.began) < day_in(zone, NOON) for visit in visits)


def chosen(visits: Sequence[Visit], wanted: Callable[[str], bool], zone: ZoneInfo) -> list[Visit]:
    return [visit for visit in visits if wanted(day_in(zone, visit.began))]
