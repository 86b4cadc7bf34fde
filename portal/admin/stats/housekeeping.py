"""Owns what the running portal does by itself: closing days that are over, and removing old visits once a day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NoReturn

from portal.admin.stats.closing import DAY_MS, close_days, purge
from portal.admin.stats.service import Statistics
from portal.errors import DatabaseAwayError
from portal.logs import LOGGER

FIRST_SECONDS: Final = 5.0
"""How long after its start a process looks for the first time."""

ROUND_SECONDS: Final = 5 * 60.0


async def keep_house(statistics: Statistics, retention_days: int, clock: Callable[[], int]) -> NoReturn:
    """Close days and remove old visits until cancelled; `clock` is in milliseconds since 1970."""
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
