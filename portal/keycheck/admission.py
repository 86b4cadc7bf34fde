"""Owns who may have a key checked now: limits for one client, for all of them, and for checks at one time.

What is counted within a minute is counted where `counters` says: in this process, or in Redis for all of them. The
places at one time are this process's own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from limits import RateLimitItemPerMinute

from portal.counters import Counters
from portal.observability.refusals import REFUSED, Refusal
from portal.web.clients import bucket_of

BUSY_SECONDS: Final = 10
"""How long a client is asked to wait when every slot is taken, in seconds: most checks take less."""

SHARES: Final = 3
"""One client holds at most one of so many equal shares of the places: a slow gateway must not lock the others out."""

LEAST_FOR_ONE: Final = 3
"""Checks at one time that every client may have, however few places there are."""

_EVERYBODY: Final = "everybody"


@dataclass(frozen=True, slots=True)
class TooManyChecks:
    """There is no check now; the next one is possible after `wait_seconds`.

    `busy` says that other people's checks are the reason, not the client's own.
    """

    wait_seconds: int
    busy: bool = False


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """How many checks are allowed: to one client and to all within a minute, and at one time."""

    per_minute: int
    per_minute_in_total: int
    at_once: int


class Slot:
    """The place of one check that runs; leave it as a context manager, or with `release` (more than once is fine)."""

    def __init__(self, admission: Admission, client: str) -> None:
        self._admission: Admission | None = admission
        self._client = client

    def release(self) -> None:
        """Give the place to the next one."""
        if self._admission:
            self._admission.let_go(self._client)
            self._admission = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


class Admission:
    """Lets checks in. One per application."""

    def __init__(self, limits: AdmissionLimits, counters: Counters) -> None:
        self.running = 0
        """Checks that hold a slot."""
        self._at_once = limits.at_once
        self._at_once_for_one = max(LEAST_FOR_ONE, limits.at_once // SHARES)
        self._running_for: Counter[str] = Counter()
        self._per_client = RateLimitItemPerMinute(limits.per_minute, namespace="key-check-client")
        self._in_total = RateLimitItemPerMinute(limits.per_minute_in_total, namespace="key-check-total")
        self._counters = counters

    async def admit(self, client_address: str) -> Slot | TooManyChecks:
        """Count a check for this client and give it a slot, or say how long to wait.

        A check that finds no slot is not counted: waiting politely must not use up the client's checks.
        """
        if self.running >= self._at_once:
            return _too_many(Refusal.KEY_CHECKS_AT_ONCE, BUSY_SECONDS, busy=True)
        client = bucket_of(client_address)
        if self._running_for[client] >= self._at_once_for_one:
            return _too_many(Refusal.KEY_CHECKS_AT_ONCE, BUSY_SECONDS)
        if wait := await self._counters.hit(self._per_client, client):
            return _too_many(Refusal.KEY_CHECKS_OF_CLIENT, wait)
        if wait := await self._counters.hit(self._in_total, _EVERYBODY):
            return _too_many(Refusal.KEY_CHECKS_IN_TOTAL, wait, busy=True)
        if self.running >= self._at_once or self._running_for[client] >= self._at_once_for_one:
            return _too_many(Refusal.KEY_CHECKS_AT_ONCE, BUSY_SECONDS, busy=True)  # taken while it was counted
        self.running += 1
        self._running_for[client] += 1
        return Slot(self, client)

    def let_go(self, client: str) -> None:
        """A client's check is over."""
        self.running -= 1
        self._running_for[client] -= 1
        if not self._running_for[client]:
            del self._running_for[client]


def _too_many(why: Refusal, wait_seconds: int, *, busy: bool = False) -> TooManyChecks:
    REFUSED.add(why)
    return TooManyChecks(wait_seconds, busy=busy)
