"""Owns what the running portal does by itself: closing days, removing old visits once a day, and counting today.

Today is counted as it goes, in every process, so that a look at the dashboard has only the last seconds to count.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, NoReturn

from portal.admin.stats.closing import DAY_MS, close_days, purge
from portal.admin.stats.service import Statistics
from portal.errors import DatabaseAwayError
from portal.logs import LOGGER, without_values

FIRST_SECONDS: Final = 5.0
"""How long after its start a process looks for the first time."""

ROUND_SECONDS: Final = 5 * 60.0
KEEP_UP_SECONDS: Final = 15.0

SET_SECONDS: Final = 60 * 60.0
"""A clock that moved by more than this against the machine's uptime was set, or the machine slept."""

TRUST_SECONDS: Final = 60 * 60.0
"""How long a clock that was set has to stay before anything is removed by it: mistakes are corrected by then."""


class SteadyClock:
    """Whether the clock may be believed enough to remove something: after it was set, not for `TRUST_SECONDS`."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._set_at: float | None = None

    def is_trusted(self, now: int, uptime: float) -> bool:
        """Look at the clock (milliseconds since 1970) beside the machine's uptime in seconds."""
        offset = now / 1000 - uptime
        if self._offset is not None and abs(offset - self._offset) > SET_SECONDS:
            LOGGER.warning("the clock was set by %d seconds; nothing is removed for now", round(offset - self._offset))
            self._set_at = uptime
        self._offset = offset
        return self._set_at is None or uptime - self._set_at >= TRUST_SECONDS


async def keep_house(statistics: Statistics, retention_days: int, clock: Callable[[], int]) -> None:
    """Do all of it until cancelled; `clock` is in milliseconds since 1970."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_keep_days(statistics, retention_days, clock))
        tasks.create_task(_keep_up(statistics, clock))


async def _keep_days(statistics: Statistics, retention_days: int, clock: Callable[[], int]) -> NoReturn:
    await asyncio.sleep(FIRST_SECONDS)
    purged_at = 0
    steady = SteadyClock()
    while True:
        now = clock()
        try:
            if made := await close_days(statistics.database, statistics.zone, now=now):
                LOGGER.info("counted %d days", made)
            if steady.is_trusted(now, time.monotonic()) and not 0 <= now - purged_at < DAY_MS:
                removed = await purge(statistics.database, statistics.zone, retention_days, now=now)
                if not removed.somebody_else:
                    purged_at = now
                    level = logging.INFO if removed.visits else logging.DEBUG
                    LOGGER.log(level, "removed %d old visits", removed.visits)
        except DatabaseAwayError as error:
            _end_if_cancelled()
            LOGGER.warning("days are not counted for now: %s", error)
        except Exception as error:  # noqa: BLE001 - a fault in one round must not end all later ones
            _end_if_cancelled()
            LOGGER.error("days are not counted for now: unexpected %s", without_values(error))
        await asyncio.sleep(ROUND_SECONDS)


async def _keep_up(statistics: Statistics, clock: Callable[[], int]) -> NoReturn:
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        try:
            await statistics.keep_up(now=clock())
        except DatabaseAwayError:
            _end_if_cancelled()  # otherwise `_keep_days` says so
        except Exception as error:  # noqa: BLE001 - see `_keep_days`
            _end_if_cancelled()
            LOGGER.error("today is not counted for now: unexpected %s", without_values(error))
        await asyncio.sleep(KEEP_UP_SECONDS)


def _end_if_cancelled() -> None:
    """What breaks while a cancelled round is tidied up takes the place of its end; without this, it would go on."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError
