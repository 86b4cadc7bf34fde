"""Maintenance by two processes at once, after a kill, and by a clock that was wrong."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from portal.admin.stats import store
from portal.admin.stats.closing import LEASE_MS, close_days
from portal.admin.stats.housekeeping import SET_SECONDS, TRUST_SECONDS, SteadyClock
from portal.admin.stats.question import read_question
from portal.admin.stats.service import Statistics
from portal.db import Database
from portal.journeys.models import Journey
from tests.admin.stats.test_days import some_visits
from tests.admin.stats.visiting import DAY, NOON, write

pytestmark = pytest.mark.anyio

UTC = ZoneInfo("UTC")


async def test_one_of_two_processes_makes_the_sums_when_both_begin_at_once(
    database: Database, database_address: str
) -> None:
    await write(database, some_visits(1, 30))
    other = Database(database_address)
    try:
        made = await asyncio.gather(*(close_days(one, UTC, now=NOON) for one in (database, other)))
        assert max(made) > 0
        if not other.is_sqlite:  # there, whoever writes has the file to himself
            async with database.writing() as holder:
                assert await store.take_lock(holder)
                assert await close_days(other, UTC, now=NOON) == 0, "and it does not wait"
    finally:
        await other.close()


async def test_who_only_looks_does_not_end_the_work(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks whether he may begin has the lock for a moment, in which the other may want it for its next day."""
    await write(database, some_visits(6, 30))
    take_lock, asked = store.take_lock, 0

    async def looked_at(connection: store.Connection) -> bool:
        nonlocal asked
        asked += 1
        return asked % 2 == 1 and await take_lock(connection)  # the first time is for the lease

    monkeypatch.setattr(store, "take_lock", looked_at)
    made = await close_days(database, UTC, now=NOON)
    assert made > 1
    assert asked == 1 + 2 * made


async def test_work_goes_on_when_its_lease_was_taken_by_a_clock_ahead(database: Database) -> None:
    await write(database, some_visits(2, 30))
    async with database.writing() as connection:
        await store.set_state(connection, lease=NOON + LEASE_MS)
    assert await close_days(database, UTC, now=NOON) == 0, "somebody works, or died a moment ago"
    async with database.writing() as connection:
        await store.set_state(connection, lease=NOON + DAY)
    assert await close_days(database, UTC, now=NOON) > 0


async def test_today_is_shown_when_it_was_closed_by_a_clock_ahead(database: Database) -> None:
    await write(database, some_visits(3, 30, days=2))
    await close_days(database, UTC, now=NOON + 5 * DAY)
    await close_days(database, UTC, now=NOON)
    await write(database, some_visits(4, 7, days=1))
    await close_days(database, UTC, now=NOON)  # for those that began yesterday
    statistics = Statistics(database, UTC)
    question = read_question({}, today=statistics.today(NOON))
    assert (await statistics.answer(question, now=NOON)).total["visits"] == 37


async def test_last_write_is_never_earlier_than_one_before_when_the_clock_goes_back(database: Database) -> None:
    await write(database, some_visits(5, 2))
    ahead = 9_000_000_000_000
    async with database.writing() as connection:
        await connection.execute(Journey.__table__.update().values(touched_at=ahead))  # type: ignore[attr-defined]
    await write(database, some_visits(6, 3))
    async with database.reading() as connection:
        assert set((await connection.execute(select(Journey.touched_at))).scalars()) == {ahead}
        assert (await connection.execute(select(func.count()).select_from(Journey))).scalar_one() == 5


def test_clock_is_not_believed_for_a_while_when_it_was_set() -> None:
    clock, started = SteadyClock(), 1000.0
    hour = int(SET_SECONDS * 1000)
    assert clock.is_trusted(NOON, started)
    assert clock.is_trusted(NOON + 300_000, started + 300)
    assert not clock.is_trusted(NOON + 600_000 + 2 * hour, started + 600)
    assert not clock.is_trusted(NOON + 900_000, started + 900), "it was set back"
    assert clock.is_trusted(NOON + 900_000 + hour, started + 900 + TRUST_SECONDS)
