"""Owns forgetting: visits that ended longer ago than the operator keeps them are removed, once a day."""

from __future__ import annotations

import asyncio
from typing import Final, NoReturn

from portal.db import Database
from portal.errors import DatabaseAwayError
from portal.journeys import store
from portal.journeys.recording import now_ms
from portal.logs import LOGGER

DAY_MS: Final = 24 * 60 * 60 * 1000
FIRST_SECONDS: Final = 60.0
"""How long after its start a process removes for the first time."""

_AGAIN_SECONDS: Final = 24 * 60 * 60.0
_RETRY_SECONDS: Final = 60 * 60.0


async def forget_old_visits(database: Database, days: int, *, now: int) -> int:
    """Remove the visits that ended more than so many days before `now` (milliseconds since 1970); returns how many.

    Several processes may do it at once: what one has removed, the others do not find.

    Raises:
        DatabaseAwayError: nothing was removed.
    """
    async with database.writing() as connection:
        return await store.purge(connection, now - days * DAY_MS)


async def keep_forgetting(database: Database, days: int) -> NoReturn:
    """Forget old visits every day, until cancelled."""
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        try:
            removed = await forget_old_visits(database, days, now=now_ms())
        except DatabaseAwayError:
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        LOGGER.info("removed %d old visits", removed)
        await asyncio.sleep(_AGAIN_SECONDS)
