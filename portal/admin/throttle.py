"""Owns how fast somebody may try to sign in: a delay that grows with every attempt, per name and per client address.

Attempts are counted before the password is checked, so that many at once gain nothing. Names count whether or not
there is such an account. The delay for a name stays short, because whoever knows a name could otherwise lock its owner
out; the one for an address does not. What is counted is kept under a digest, for an hour, in memory or in Redis.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import Final

from limits.aio.storage import MemoryStorage, RedisStorage
from limits.errors import StorageError

from portal.logs import LOGGER
from portal.web.clients import bucket_of

WINDOW_SECONDS: Final = 60 * 60


@dataclass(frozen=True, slots=True)
class Growth:
    """How a delay grows: none for the first attempts of the hour, then 1, 2, 4 … seconds up to `most`."""

    free: int
    most: int

    def seconds(self, attempt: int) -> int:
        """The delay after the attempt with this number (from 1)."""
        return 0 if attempt < self.free else int(min(self.most, 2 ** min(attempt - self.free, 30)))


BY_NAME: Final = Growth(free=5, most=60)
BY_CLIENT: Final = Growth(free=20, most=15 * 60)


class SignInThrottle:
    """Counts attempts. With several processes, give the address of a Redis that they share."""

    def __init__(self, redis_url: str = "") -> None:
        self._memory: Final = MemoryStorage()
        self._shared: Final = (
            RedisStorage(f"async+{redis_url}", wrap_exceptions=True, implementation="redispy", key_prefix="portal")
            if redis_url
            else None
        )

    async def admit(self, login: str, client_address: str) -> int:
        """Count an attempt; 0 when it may be made now, else the seconds until the next one may be."""
        subjects = ((_key("name", login), BY_NAME), (_key("client", bucket_of(client_address)), BY_CLIENT))
        if self._shared:
            try:
                return await _admit(self._shared, subjects)
            except StorageError as error:
                LOGGER.warning("attempts to sign in are counted in this process only: %s", type(error).__name__)
        return await _admit(self._memory, subjects)

    async def forgive(self, login: str) -> None:
        """Forget the attempts of a name whose password was right; the address's stay."""
        key = _key("name", login)
        for storage in filter(None, (self._shared, self._memory)):
            try:
                await storage.clear(key)
                await storage.clear(_closed(key))
            except StorageError as error:
                LOGGER.warning("attempts to sign in are counted in this process only: %s", type(error).__name__)


async def _admit(storage: MemoryStorage | RedisStorage, subjects: tuple[tuple[str, Growth], ...]) -> int:
    for key, _growth in subjects:
        if await storage.get(_closed(key)):
            return await _wait(storage, _closed(key))
    for key, growth in subjects:
        delay = growth.seconds(await storage.incr(key, WINDOW_SECONDS))
        if delay and await storage.incr(_closed(key), delay) > 1:  # another attempt of this moment closed it
            return await _wait(storage, _closed(key))
    return 0


async def _wait(storage: MemoryStorage | RedisStorage, key: str) -> int:
    return max(1, math.ceil(await storage.get_expiry(key) - time.time()))


def _closed(key: str) -> str:
    return f"{key}:closed"


def _key(kind: str, value: str) -> str:
    return f"sign-in:{kind}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
