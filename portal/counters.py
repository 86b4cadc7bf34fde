"""Owns where limits are counted: in Redis for all processes, or in this process, and the change between the two.

When Redis does not answer in time, each process counts on its own: a broken counter must not keep a visitor away, nor
let everybody through. Nobody waits for a Redis that is known to be away: a probe beside the requests finds out when it
is back. The log says each change once. The address of Redis may hold a password, so neither it nor what its client
raises is ever said. It must not know what is counted.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from portal.errors import ConfigurationError
from portal.logs import LOGGER

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

REDIS_SECONDS: Final = 0.5
"""How long Redis may take for one question, connecting included, in seconds; a visitor waits for it."""

REDIS_REST_SECONDS: Final = 2.0
"""How long Redis is left alone after it did not answer, in seconds."""

CLOCK_SECONDS: Final = 5.0
"""A clock that moved by more than this against the machine's uptime was set; what was counted by it is forgotten."""

_PREFIX: Final = "portal"
_T = TypeVar("_T")

CounterStorage: TypeAlias = MemoryStorage | RedisStorage
"""Counters with an expiry: `incr`, `get`, `get_expiry`, `clear`."""


class Counting(StrEnum):
    """Who shares the counters now."""

    ALONE = "alone"
    """This process only; no Redis was named."""
    TOGETHER = "together"
    AWAY = "away"
    """This process only, because Redis does not answer."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where is counted, and by which rule."""

    storage: CounterStorage
    windows: SlidingWindowCounterRateLimiter


class Counters:
    """Counters of one application. Making them connects to nothing.

    Raises:
        ConfigurationError: the address of Redis cannot be used.

    """

    def __init__(self, redis_url: str = "") -> None:
        memory = MemoryStorage()
        self._own: Final = _Place(memory, SlidingWindowCounterRateLimiter(memory))
        self._clock = _clock_offset()
        self._pool: Final = _pool(redis_url) if redis_url else None
        self._shared: Final = _shared_place(self._pool) if self._pool else None
        self._away = False
        self._rest_until = 0.0
        self._probe: asyncio.Task[None] | None = None

    @property
    def state(self) -> Counting:
        """What is known now, without asking."""
        if self._shared is None:
            return Counting.ALONE
        return Counting.AWAY if self._away else Counting.TOGETHER

    async def hit(self, limit: RateLimitItem, who: str) -> int:
        """Count one action of `who` within a sliding window; 0 when it is allowed, else the seconds to wait.

        What is kept of `who` is a digest: it is an address as a rule, and nobody needs to read it in Redis.
        """
        name = hashlib.sha256(who.encode()).hexdigest()[:32]

        async def count(place: _Place) -> int:
            if await place.windows.hit(limit, name):
                return 0
            window = await place.windows.get_window_stats(limit, name)
            return max(1, math.ceil(window.reset_time - time.time()))

        return await self._ask(count)

    async def use(self, work: Callable[[CounterStorage], Awaitable[_T]]) -> _T:
        """Let `work` use the counters. When Redis fails in the middle, it begins again on this process's own."""
        return await self._ask(lambda place: work(place.storage))

    async def clear(self, *keys: str) -> None:
        """Forget these counters, here and in Redis."""
        for key in keys:
            await self._own.storage.clear(key)

        async def forget(place: _Place) -> None:
            for key in keys:
                await place.storage.clear(key)

        await self._ask(forget)

    async def look(self) -> Counting:
        """Ask Redis now, unless it was asked a moment ago; takes `REDIS_SECONDS` at most."""
        if self._shared and not (self._away and time.monotonic() < self._rest_until):
            await self._ping()
        return self.state

    def look_beside(self) -> Counting:
        """What is known now. Redis is asked beside the caller, who does not wait: the next one is told what it said."""
        if self._shared:
            self._ask_beside()
        return self.state

    async def close(self) -> None:
        """End the connections to Redis."""
        if self._probe:
            self._probe.cancel()
        if self._pool:
            await self._pool.aclose()

    async def _ask(self, count: Callable[[_Place], Awaitable[_T]]) -> _T:
        if self._shared and not self._away:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    return await count(self._shared)
            except Exception as error:  # noqa: BLE001 - whatever the client raises, the visitor goes on
                self._failed(error)
        elif self._shared:
            self._ask_beside()
        await self._follow_clock()
        return await count(self._own)

    def _ask_beside(self) -> None:
        if time.monotonic() >= self._rest_until and (not self._probe or self._probe.done()):
            self._probe = asyncio.create_task(self._ping())

    async def _ping(self) -> None:
        from redis.asyncio import Redis  # noqa: PLC0415 - most portals have no Redis, and it loads slowly

        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await Redis(connection_pool=self._pool).ping()
        except Exception as error:  # noqa: BLE001 - see `_ask`
            self._failed(error)
        else:
            if self._away:
                LOGGER.warning("Redis counts again")
            self._away = False

    def _failed(self, error: Exception) -> None:
        if not self._away:
            LOGGER.warning("Redis does not count (%s); each process counts on its own", type(error).__name__)
        self._away = True
        self._rest_until = time.monotonic() + REDIS_REST_SECONDS

    async def _follow_clock(self) -> None:
        """Begin again when the clock was set: by a clock set back, counters would stay for as long as it was."""
        offset = _clock_offset()
        if abs(offset - self._clock) > CLOCK_SECONDS:
            LOGGER.warning("the clock was set by %d seconds; limits are counted anew", round(offset - self._clock))
            await self._own.storage.reset()
        self._clock = offset


def _clock_offset() -> float:
    return time.time() - time.monotonic()


def _shared_place(pool: ConnectionPool) -> _Place:
    storage = RedisStorage(
        "redis://", implementation="redispy", key_prefix=_PREFIX, connection_pool=cast(Any, pool), wrap_exceptions=False
    )
    return _Place(storage, SlidingWindowCounterRateLimiter(storage))


def _pool(url: str) -> ConnectionPool:
    from redis.asyncio import ConnectionPool  # noqa: PLC0415 - see `_ping`
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
