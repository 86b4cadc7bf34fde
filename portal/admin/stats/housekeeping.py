"""Owns what the running portal does by itself: closing days, removing old visits once a day, and counting today.

Today is counted as it goes, in every process, so that a look at the dashboard has only the last seconds to count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NoReturn

from portal.admin.stats.closing import DAY_MS, close_days, purge
from portal.admin.stats.service import Statistics
from portal.errors import DatabaseAwayError
from portal.logs import LOGGER

FIRST_SECONDS: Final = 5.0
"""How long after its start a process looks for the first time."""

ROUND_SECONDS: Final = 5 * 60.0
KEEP_UP_SECONDS: Final = 15.0


async def keep_house(statistics: Statistics, retention_days: int, clock: Callable[[], int]) -> None:
    """Do all of it until cancelled; `clock` is in milliseconds since 1970."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_keep_days(statistics, retention_days, clock))
        tasks.create_task(_keep_up(statistics, clock))


async def _keep_days(statistics: Statistics, retention_days: int, clock: Callable[[], int]) -> NoReturn:
    await asyncio.sleep(FIRST_SECONDS)
    purged_at = 0
    while True:
        now = clock()
        try:
            if made := await close_days(statistics.database, statistics.zone, now=now):
                LOGGER.info("counted %d days", made)
            if now - purged_at >= DAY_MS:
                removed = await purge(statistics.database, statistics.zone, retention_days, now=now)
                if not removed.somebody_else:
                    purged_at = now
                    LOGGER.info("removed %d old visits", removed.visits)
        except DatabaseAwayError as error:
            LOGGER.warning("days are not counted for now: %s", error)
        await asyncio.sleep(ROUND_SECONDS)


async def _keep_up(statistics: Statistics, clock: Callable[[], int]) -> NoReturn:
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        with suppress(DatabaseAwayError):  # `_keep_days` says so
            await statistics.keep_up(now=clock())
        await asyncio.sleep(KEEP_UP_SECONDS)
