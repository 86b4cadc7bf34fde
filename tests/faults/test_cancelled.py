"""Work that is cancelled in the middle of a transaction: the next one finds the database as if it had never begun."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from portal.admin.stats import housekeeping
from portal.admin.stats.housekeeping import keep_house
from portal.admin.stats.service import Statistics
from portal.db import Database
from portal.errors import DatabaseAwayError

pytestmark = pytest.mark.anyio

TIMES = 120
PROMPT_SECONDS = 5.0
"""Half of what a write waits for another one that does not end."""


@pytest.fixture
def memory_is_not_looked_through() -> Iterator[None]:
    """What a cancelled task leaves must not hold the database until the garbage collector happens to come."""
    gc.disable()
    yield
    gc.enable()


async def write_down(database: Database, value: str) -> None:
    """A transaction of several statements, with rows to fetch in between."""
    async with database.writing() as connection:
        for _ in range(3):
            (await connection.execute(text("SELECT version_num FROM alembic_version"))).all()
            await connection.execute(text("DELETE FROM stat_state WHERE name LIKE 'test-%'"))
            await connection.execute(
                text("INSERT INTO stat_state (name, value) VALUES (:name, :value)"),
                {"name": f"test-{value}", "value": value},
            )


async def written_down(database: Database) -> list[str]:
    async with database.reading() as connection:
        found = await connection.execute(text("SELECT value FROM stat_state WHERE name LIKE 'test-%'"))
        return list(found.scalars())


@pytest.mark.usefixtures("memory_is_not_looked_through")
async def test_cancelled_transaction_locks_nobody_out(database: Database) -> None:
    await write_down(database, "0")
    started = time.monotonic()
    await write_down(database, "0")
    usual = time.monotonic() - started
    for number in range(TIMES):
        task = asyncio.create_task(write_down(database, f"cancelled {number}"))
        await asyncio.sleep(1.2 * usual * number / TIMES)
        task.cancel()
        await asyncio.wait([task])
        assert await written_down(database) in ([str(number)], [f"cancelled {number}"]), "all of it, or nothing"
        started = time.monotonic()
        await write_down(database, str(number + 1))
        assert time.monotonic() - started < PROMPT_SECONDS
    assert [pool.checked_out for pool in database.pools().values()] in ([0], [0, 0])


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_housekeeping_ends_when_it_is_told_to_while_the_database_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def close_days(_database: Database, _zone: ZoneInfo, *, now: int) -> int:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:  # as when the lease cannot be given back
            raise DatabaseAwayError(f"at {now}")
        return 0

    async def keep_up(_statistics: Statistics, *, now: int) -> None:
        raise DatabaseAwayError(f"at {now}")

    monkeypatch.setattr(housekeeping, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(housekeeping, "close_days", close_days)
    monkeypatch.setattr(Statistics, "keep_up", keep_up)
    house = asyncio.create_task(keep_house(Statistics(database, ZoneInfo("UTC")), 90, lambda: 0))
    await begun.wait()
    house.cancel()
    await asyncio.wait([house], timeout=PROMPT_SECONDS)
    assert house.cancelled()
