"""Owns what this process says of itself: whether it is ready, and what is missing; see `docs/decisions/0017`.

Anybody may ask, and a look writes to an SQLite file: there is one at a time, and what it found serves whoever asks
within `KEPT_SECONDS`. It must not know how the database or Redis is asked, nor in which form the answer goes out.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.counters import Counters, Counting
from portal.db import Database, DatabaseState

KEPT_SECONDS: Final = 1.0
"""How long what was found is told without another look, in seconds; much shorter than a probe's interval."""

_DATABASE: Final = {
    DatabaseState.NOT_MIGRATED: "database: not migrated; nothing is recorded; run `portal migrate`",
    DatabaseState.READ_ONLY: "database: cannot be written; nothing is recorded, statistics can be read",
    DatabaseState.AWAY: "database: does not answer; nothing is recorded and nobody can sign in",
}
_REDIS: Final = {Counting.AWAY: "redis: does not answer; each process counts its limits on its own"}


class ReadyState(StrEnum):
    """What a process can do."""

    READY = "ready"
    DEGRADED = "degraded"
    """The guide and key checks work; something else does not."""
    NOT_READY = "not-ready"
    """The database was never migrated: a mistake of the installation, and no failure that passes."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found."""

    database: DatabaseState
    counting: Counting

    @property
    def state(self) -> ReadyState:
        """All of it in one word."""
        if self.database is DatabaseState.NOT_MIGRATED:
            return ReadyState.NOT_READY
        return ReadyState.DEGRADED if self.reasons else ReadyState.READY

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is missing: a sentence for each, for whoever operates the portal."""
        return tuple(one for one in (_DATABASE.get(self.database), _REDIS.get(self.counting)) if one)


class Lookout:
    """Looks at the parts of one application when somebody asks, but not once for each who asks."""

    def __init__(self, database: Database, counters: Counters) -> None:
        self._database = database
        self._counters = counters
        self._look: asyncio.Task[Readiness] | None = None
        self._kept_until = 0.0

    async def readiness(self) -> Readiness:
        """What was found at most `KEPT_SECONDS` ago, or is being found now; never longer than one look takes."""
        look = self._look
        if look is None or (look.done() and time.monotonic() >= self._kept_until):
            look = self._look = asyncio.create_task(self._looked())
        return await asyncio.shield(look)  # who leaves does not end it for the others

    async def _looked(self) -> Readiness:
        found = Readiness(*await asyncio.gather(self._database.state(), self._counters.look()))
        self._kept_until = time.monotonic() + KEPT_SECONDS
        return found
