"""Owns what this process says of itself: whether it is ready, and what is missing; see `docs/decisions/0017`.

It must not know how the database or Redis is asked, nor in which form the answer goes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.counters import Counting
from portal.db import DatabaseState

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
