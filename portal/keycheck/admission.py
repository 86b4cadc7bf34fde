"""Owns who may have a key checked now: limits for one client, for all of them, and for checks at one time.

Counted in this process, or in Redis for all processes. When Redis does not answer, each process counts on its own and
the log says so once, until Redis answers again: a broken counter must not keep a visitor from the check, nor let
everybody through. The address of Redis may hold a password, so neither it nor what its client raises is ever said.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, cast

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from portal.errors import ConfigurationError
from portal.logs import LOGGER
from portal.observability.refusals import REFUSED, Refusal
from portal.web.clients import bucket_of

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

BUSY_SECONDS: Final = 10
"""How long a client is asked to wait when every slot is taken, in seconds: most checks take less."""

REDIS_SECONDS: Final = 1.0
"""How long Redis may take to answer, in seconds; a visitor waits for it."""

REDIS_REST_SECONDS: Final = 5.0
"""How long Redis is left alone after it did not answer, in seconds."""

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
    redis_url: str = field(default="", repr=False)


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
    """Lets checks in. One per application.

    Raises:
        ConfigurationError: the address of Redis cannot be used, or its client library is missing.

    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self.running = 0
        """Checks that hold a slot."""
        self._at_once = limits.at_once
        self._at_once_for_one = max(LEAST_FOR_ONE, limits.at_once // SHARES)
        self._running_for: Counter[str] = Counter()
        self._per_client = RateLimitItemPerMinute(limits.per_minute, namespace="key-check-client")
        self._in_total = RateLimitItemPerMinute(limits.per_minute_in_total, namespace="key-check-total")
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._pool = _pool(limits.redis_url) if limits.redis_url else None
        self._shared = SlidingWindowCounterRateLimiter(_store(self._pool)) if self._pool else None
        self._rest_until = 0.0
        self._complained = False
        if not limits.redis_url:
            LOGGER.info("key checks are counted in this process only (PORTAL_REDIS_URL is not set)")

    async def admit(self, client_address: str) -> Slot | TooManyChecks:
        """Count a check for this client and give it a slot, or say how long to wait.

        A check that finds no slot is not counted: waiting politely must not use up the client's checks.
        """
        if self.running >= self._at_once:
            return _too_many(Refusal.KEY_CHECKS_AT_ONCE, BUSY_SECONDS, busy=True)
        client = bucket_of(client_address)
        if self._running_for[client] >= self._at_once_for_one:
            return _too_many(Refusal.KEY_CHECKS_AT_ONCE, BUSY_SECONDS)
        if wait := await self._hit(self._per_client, client):
            return _too_many(Refusal.KEY_CHECKS_OF_CLIENT, wait)
        if wait := await self._hit(self._in_total, _EVERYBODY):
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

    async def close(self) -> None:
        """End the connections to Redis."""
        if self._pool:
            await self._pool.aclose()

    async def _hit(self, limit: RateLimitItem, who: str) -> int:
        """Count; 0 when it is allowed, otherwise the seconds to wait."""
        if self._shared and time.monotonic() >= self._rest_until:
            try:
                wait = await _hit(self._shared, limit, who)
            except Exception as error:  # noqa: BLE001 - whatever the store's client raises, the check goes on
                if not self._complained:
                    LOGGER.warning("Redis does not count (%s); each process counts on its own", type(error).__name__)
                self._complained = True
                self._rest_until = time.monotonic() + REDIS_REST_SECONDS
            else:
                if self._complained:
                    LOGGER.warning("Redis counts again")
                self._complained = False
                return wait
        return await _hit(self._own, limit, who)


def _too_many(why: Refusal, wait_seconds: int, *, busy: bool = False) -> TooManyChecks:
    REFUSED.add(why)
    return TooManyChecks(wait_seconds, busy=busy)


async def _hit(limiter: SlidingWindowCounterRateLimiter, limit: RateLimitItem, who: str) -> int:
    if await limiter.hit(limit, who):
        return 0
    window = await limiter.get_window_stats(limit, who)
    return max(1, math.ceil(window.reset_time - time.time()))


def _store(pool: ConnectionPool) -> RedisStorage:
    return RedisStorage("redis://", implementation="redispy", connection_pool=cast(Any, pool))


def _pool(url: str) -> ConnectionPool:
    from redis.asyncio import ConnectionPool  # noqa: PLC0415 - most portals have no Redis, and it loads slowly
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    try:
        return ConnectionPool.from_url(
            url.removeprefix("redis+") if url.startswith("redis+unix:") else url,
            socket_connect_timeout=REDIS_SECONDS,
            socket_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),  # its own repetitions would keep the visitor waiting
        )
    except Exception as error:  # noqa: BLE001 - its words may repeat the address, and a password in it
        raise ConfigurationError(f"PORTAL_REDIS_URL cannot be used ({type(error).__name__}).") from None
