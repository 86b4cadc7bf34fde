"""What a process keeps of closed days and of today, so that a look costs the same however many visits there were."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, update

from portal.admin.stats import housekeeping
from portal.admin.stats.calendar import day_of
from portal.admin.stats.closing import close_days, rebuild
from portal.admin.stats.dimensions import TOTAL
from portal.admin.stats.kept import MOST, KeptSums
from portal.admin.stats.models import StatDay
from portal.admin.stats.question import PERIODS, read_question
from portal.admin.stats.service import Statistics
from portal.admin.stats.store import forget_days, one_state, standing
from portal.admin.stats.sums import Asked, Part
from portal.admin.stats.visits import Visit
from portal.db import Database
from tests.admin.stats.visiting import CELLS, DAY, NOON, write

pytestmark = pytest.mark.anyio

UTC = ZoneInfo("UTC")
TODAY = day_of(NOON, UTC)


def some(number: int, ago: int) -> list[Visit]:
    start = NOON - ago * DAY
    return [
        Visit(f"{ago}-{n}", CELLS[n % len(CELLS)], start + n, (start + n, start + n + 1, None, None, None))
        for n in range(number)
    ]


async def test_closed_days_are_read_once_until_any_process_makes_them_again(
    database: Database, database_address: str
) -> None:
    await write(database, some(9, 2))
    await close_days(database, UTC, now=NOON)
    question = read_question({"days": "7"}, today=TODAY)
    statistics = Statistics(database, UTC)
    assert (await statistics.overview(question, now=NOON)).total["visits"] == 9
    async with database.writing() as connection:  # behind the back of everybody
        await connection.execute(update(StatDay).where(StatDay.grouping == TOTAL).values(visits=100))
    assert (await statistics.overview(question, now=NOON)).total["visits"] == 9
    other = Database(database_address)
    await write(other, some(4, 3))  # late: before the first day that is closed
    await rebuild(other, UTC, now=NOON)
    await other.close()
    assert (await statistics.overview(question, now=NOON)).total["visits"] == 13


async def test_generation_is_another_one_after_each_change(database: Database) -> None:
    seen = set()
    for number in range(4):
        await write(database, some(1, number + 1))
        await close_days(database, UTC, now=NOON)
        async with database.reading() as connection:
            found = await standing(connection)
        seen.add(found.generation)
        assert found.last_closed == day_of(NOON - DAY, UTC).isoformat()
    assert len(seen) == 4
    for since, changes in (("9999", False), ("0000", True)):  # only what removes something is a change
        async with database.writing() as connection:
            before = (await standing(connection)).generation
            await forget_days(connection, since)
            assert ((await standing(connection)).generation != before) is changes


async def test_few_answers_are_kept(database: Database) -> None:
    kept = KeptSums()
    async with database.reading() as connection:
        first = Asked(Part({}, "0", "9"), Part({}, "0", "0"))
        one = await kept.sums(connection, "g", first)
        for number in range(MOST - 1):
            await kept.sums(connection, "g", Asked(Part({}, "1", str(number)), first.before))
        assert await kept.sums(connection, "g", first) is one
        for number in range(MOST):
            await kept.sums(connection, "g", Asked(Part({}, "2", str(number)), first.before))
        assert await kept.sums(connection, "g", first) is not one


async def test_process_counts_without_being_looked_at(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(housekeeping, "KEEP_UP_SECONDS", 0.01)
    await write(database, some(2, 2))
    await close_days(database, UTC, now=NOON)
    statistics = Statistics(database, UTC)
    house = asyncio.create_task(housekeeping.keep_house(statistics, 90, lambda: NOON))
    late_and_new = [*some(5, 1), Visit("new", CELLS[0], NOON, (NOON, None, None, None, None))]
    for written, expected in ((some(3, 0), 3), (late_and_new, 4)):  # yesterday is closed, and not counted as it goes
        await write(database, written)
        counted = -1
        for _ in range(1000):
            await asyncio.sleep(0.01)
            counted = sum(sums["visits"] for sums in statistics.live.cube.groups[TOTAL].values())
            if counted >= expected:
                break
        assert counted == expected
    house.cancel()
    await asyncio.gather(house, return_exceptions=True)


async def test_process_goes_on_counting_when_a_round_broke(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(housekeeping, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(housekeeping, "ROUND_SECONDS", 0.01)
    closed: list[int] = []

    async def closing(_database: Database, _zone: ZoneInfo, *, now: int) -> int:
        closed.append(now)
        if len(closed) == 1:
            raise ValueError("with a value")
        return 0

    monkeypatch.setattr(housekeeping, "close_days", closing)
    house = asyncio.create_task(housekeeping.keep_house(Statistics(database, UTC), 90, lambda: NOON))
    for _ in range(1000):
        await asyncio.sleep(0.01)
        if len(closed) > 2:
            break
    house.cancel()
    with pytest.raises(asyncio.CancelledError):
        await house
    assert len(closed) > 2
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "ValueError" in line
    assert "with a value" not in line


@pytest.mark.parametrize("days", PERIODS)
@pytest.mark.parametrize("number", [10, 600])
async def test_look_takes_as_many_statements_however_many_visits_there_were(
    database: Database, number: int, days: int
) -> None:
    await write(database, some(number // 2, 1))
    await write(database, some(number // 2, 0))
    await close_days(database, UTC, now=NOON)
    statistics = Statistics(database, UTC)
    await statistics.keep_up(now=NOON)
    async with database.writing() as connection:  # long ago
        await connection.exec_driver_sql("UPDATE journey SET touched_at = 1")
    statistics.live._seen = 10**12  # as if its last visit had been long ago, too
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1

    engine = database._reader.sync_engine  # to count what it is sent
    event.listen(engine, "before_cursor_execute", count)
    await statistics.overview(read_question({"days": str(days)}, today=TODAY), now=NOON)
    assert 0 < counted <= (5 if database.is_sqlite else 6)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_statistics_are_planned_for_the_days_that_are_asked_for(database: Database) -> None:
    async with database.reading() as connection:
        await one_state(connection)
        assert (await connection.exec_driver_sql("SHOW plan_cache_mode")).scalar_one() == "force_custom_plan"
    async with database.reading() as connection:  # the setting ended with its transaction
        assert (await connection.exec_driver_sql("SHOW plan_cache_mode")).scalar_one() == "auto"
