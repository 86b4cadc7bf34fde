"""Days are counted once, again when late visits come, and are not lost with the visits; on both databases."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text

from portal.admin.stats import closing, raw, store
from portal.admin.stats.calendar import day_of
from portal.admin.stats.closing import Purged, close_days, cube_of, purge, rebuild
from portal.admin.stats.cube import Cube
from portal.admin.stats.dimensions import value_in
from portal.admin.stats.live import LiveDays
from portal.admin.stats.models import StatDay, StatMore
from portal.admin.stats.question import read_question
from portal.admin.stats.service import Statistics
from portal.admin.stats.sums import Part
from portal.admin.stats.visits import Check, Visit, tally
from portal.db import Database
from portal.journeys.models import Journey
from portal.journeys.vocabulary import Verdict
from tests.admin.stats.visiting import CELLS, DAY, NOON, write

pytestmark = pytest.mark.anyio

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = DAY // 24


def some_visits(seed: int, number: int, days: int = 5) -> list[Visit]:
    """Visits of the last days before noon, at any time of the day; every seventh comes for help only."""
    random = Random(seed)  # noqa: S311 - nothing secret
    found = []
    for index in range(number):
        start = NOON - random.randrange(days * DAY)
        reached = [start + random.randrange(HOUR) if random.random() < 0.7 else None for _ in range(3)]
        checked = start + random.randrange(HOUR)
        passes = random.random() < 0.6
        check = Check(checked, Verdict.PASSED if passes else Verdict.FAILED, "cause", "model", random.randrange(3000))
        helps = index % 7 == 3
        stages = (start, reached[0], reached[1], checked if passes else None, reached[2])
        found.append(
            Visit(
                id=f"visit-{seed}-{index}",
                cell=random.choice(CELLS),
                began=start,
                reached=(None,) * 5 if helps else stages,
                checks=() if helps else (check,),
                diagnosed=(None,) if random.random() < 0.2 else (),
                sought_help=helps or random.random() < 0.3,
            )
        )
    return found


async def daily(database: Database) -> list[Any]:
    """Everything in the daily table."""
    async with database.reading() as connection:
        found = []
        for table in (StatDay, StatMore):
            rows = await connection.execute(select(table).order_by(*table.__table__.primary_key))
            found += [tuple(row) for row in rows]
        return found


def counted(visits: list[Visit], zone: ZoneInfo = UTC, until: date | None = None) -> dict[str, Counter[str]]:
    """By hand: day -> what its visits count for."""
    days: dict[str, Counter[str]] = {}
    for visit in visits:
        day = day_of(visit.began, zone)
        if until is None or day <= until:
            days.setdefault(day.isoformat(), Counter()).update(tally(visit))
    return days


async def kept(database: Database) -> dict[str, Counter[str]]:
    async with database.reading() as connection:
        found = await store.by_day(connection, Part({}, "0", "9"))
    return {day: +counts for day, counts in found.items() if +counts}


@pytest.mark.parametrize("zone", [UTC, BERLIN, ZoneInfo("America/Los_Angeles")], ids=str)
async def test_closed_days_are_those_of_counting_by_hand(database: Database, zone: ZoneInfo) -> None:
    visits = some_visits(1, 120)
    await write(database, visits)
    assert await close_days(database, zone, now=NOON) > 0
    today = day_of(NOON, zone)
    assert await kept(database) == counted(visits, zone, today - timedelta(days=1))
    assert await close_days(database, zone, now=NOON) in {0, 4, 5, 6}  # what was just written is looked at again


async def test_rebuild_makes_the_same_rows(database: Database) -> None:
    await write(database, some_visits(2, 150))
    await close_days(database, UTC, now=NOON)
    before = await daily(database)
    assert len(before) > 100
    assert await rebuild(database, UTC, now=NOON) == 5
    assert await daily(database) == before


async def test_all_groupings_are_those_of_the_visits(database: Database) -> None:
    visits = some_visits(3, 60, days=2)
    await write(database, visits)
    await close_days(database, UTC, now=NOON + 3 * DAY)
    cube = Cube()
    for visit in visits:
        cube.add(day_of(visit.began, UTC).isoformat(), visit.cell, tally(visit))
    expected = {(grouping, *cell, day) for grouping, sums in cube.groups.items() for cell, day in sums}
    rows = await daily(database)
    assert {row[:8] for row in rows if row[8] != 0} == expected


async def test_day_is_counted_again_when_a_late_visit_comes(database: Database) -> None:
    visits = some_visits(4, 40)
    await write(database, visits)
    await close_days(database, UTC, now=NOON)
    async with database.writing() as connection:  # as if the last run were long ago
        await store.set_state(connection, watermark=await raw.last_touch(connection) + closing.OVERLAP_MS + 1)
        await connection.execute(text("UPDATE journey SET touched_at = 1"))
    assert await close_days(database, UTC, now=NOON) == 0
    late = some_visits(5, 3, days=4)
    await write(database, late)
    async with database.writing() as connection:  # written after the watermark
        await connection.execute(text("UPDATE journey SET touched_at = 9000000000000 WHERE id LIKE 'visit-5-%'"))
    assert await close_days(database, UTC, now=NOON) >= 1
    assert await kept(database) == counted([*visits, *late], UTC, day_of(NOON, UTC) - timedelta(days=1))


async def test_change_of_zone_makes_all_days_again(database: Database) -> None:
    visits = some_visits(6, 80)
    await write(database, visits)
    await close_days(database, UTC, now=NOON)
    await close_days(database, BERLIN, now=NOON)
    assert await kept(database) == counted(visits, BERLIN, day_of(NOON, BERLIN) - timedelta(days=1))


async def test_purge_keeps_the_sums_and_takes_whole_days(database: Database) -> None:
    visits = some_visits(7, 150)
    await write(database, visits)
    truth = counted(visits, UTC, day_of(NOON, UTC) - timedelta(days=1))
    gone = await purge(database, UTC, 2, now=NOON)
    cutoff = NOON - NOON % DAY - 2 * DAY
    assert gone == Purged(sum(visit.began < cutoff for visit in visits))
    assert await kept(database) == truth
    assert await purge(database, UTC, 2, now=NOON) == Purged(0)
    await rebuild(database, UTC, now=NOON)
    assert await kept(database) == truth
    async with database.reading() as connection:
        assert (await connection.execute(select(func.min(Journey.started_at)))).scalar_one() >= cutoff


async def test_purge_in_the_middle_of_writes_loses_nothing(database: Database, database_address: str) -> None:
    """Visits of old days are written, and written to again, while they are removed: each is counted exactly once."""
    visits = some_visits(8, 120)
    late = some_visits(9, 60)
    await write(database, visits)
    writer, worker = Database(database_address), Database(database_address)

    async def keep_writing() -> None:
        for visit in late:
            await write(writer, [visit])
            await asyncio.sleep(0)

    writing = asyncio.create_task(keep_writing())
    while not writing.done():
        await purge(worker, UTC, 2, now=NOON)
        await asyncio.sleep(0.01)
    await writing
    await purge(worker, UTC, 2, now=NOON)
    assert await kept(database) == counted([*visits, *late], UTC, day_of(NOON, UTC) - timedelta(days=1))
    cutoff = NOON - NOON % DAY - 2 * DAY
    async with database.reading() as connection:
        assert (await connection.execute(select(func.min(Journey.started_at)))).scalar_one() >= cutoff
    await writer.close()
    await worker.close()


async def test_two_workers_purge_once(database: Database, database_address: str) -> None:
    visits = some_visits(10, 200)
    await write(database, visits)
    workers = [Database(database_address) for _ in range(3)]
    gone = await asyncio.gather(*(purge(worker, UTC, 1, now=NOON) for worker in workers))
    cutoff = NOON - NOON % DAY - DAY
    assert sum(one.visits for one in gone) == sum(visit.began < cutoff for visit in visits)
    assert sum(not one.somebody_else for one in gone) >= 1
    assert sum(one.visits > 0 for one in gone) == 1
    assert await kept(database) == counted(visits, UTC, day_of(NOON, UTC) - timedelta(days=1))
    for worker in workers:
        await worker.close()


async def test_live_days_are_those_of_counting_them_again(database: Database) -> None:
    live = LiveDays(UTC)
    since = day_of(NOON - DAY, UTC)
    written: list[Visit] = []
    for seed in range(20, 24):
        written += (more := some_visits(seed, 15, days=3))
        await write(database, more)
        async with database.reading() as connection:
            await live.refresh(connection, since)
        fresh = Cube()
        for visit in written:
            if (day := day_of(visit.began, UTC)) >= since:
                fresh.add(day.isoformat(), visit.cell, tally(visit))
        assert live.cube.groups == fresh.groups
    later = since + timedelta(days=1)
    async with database.reading() as connection:
        await live.refresh(connection, later)
    todays = [visit for visit in written if day_of(visit.began, UTC) >= later]
    assert live.cube.groups == cube_of(todays, later).groups


async def test_answer_is_the_same_before_and_after_the_days_close(database: Database) -> None:
    visits = some_visits(11, 200, days=2)
    await write(database, visits)
    statistics = Statistics(database, UTC)
    for query in (
        {},
        {"platform": "windows"},
        {"platform": "windows", "shell": "cmd", "scope": "user"},
        {"client": "2.1"},
    ):
        question = read_question({**query, "days": "7"}, today=day_of(NOON, UTC))
        live = await Statistics(database, UTC).answer(question, now=NOON)
        matching = [
            v for v in visits if all(value_in(v.cell, name) == value for name, value in question.filters.items())
        ]
        assert live.total["visits"] == len(matching)
        await close_days(database, UTC, now=NOON)
        closed = await statistics.answer(question, now=NOON)
        assert +closed.total == +live.total
        assert closed.platforms == live.platforms
        assert closed.findings == live.findings
        async with database.writing() as connection:
            await store.forget_days(connection, "0")
            await store.set_state(connection, watermark=0)
        statistics = Statistics(database, UTC)
