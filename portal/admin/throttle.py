"""Owns how fast somebody may try to sign in: a delay that grows with every attempt, per name and per client address.

Attempts are counted before the password is checked, so that many at once gain nothing. Names count whether or not
there is such an account. The delay for a name stays short, because whoever knows a name could otherwise lock its owner
out; the one for an address does not. What is counted is kept under a digest, for an hour, where `counters` says.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import Final

from portal.counters import Counters, CounterStorage
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
    """Counts attempts, by counters that may be shared with other processes."""

    def __init__(self, counters: Counters) -> None:
        self._counters: Final = counters

    async def admit(self, login: str, client_address: str) -> int:
        """Count an attempt; 0 when it may be made now, else the seconds until the next one may be."""
        subjects = ((_key("name", login), BY_NAME), (_key("client", bucket_of(client_address)), BY_CLIENT))
        return await self._counters.use(lambda storage: _admit(storage, subjects))

    async def forgive(self, login: str) -> None:
        """Forget the attempts of a name whose password was right; the address's stay."""
        key = _key("name", login)
        await self._counters.clear(key, _closed(key))


async def _admit(storage: CounterStorage, subjects: tuple[tuple[str, Growth], ...]) -> int:
    for key, _growth in subjects:
        if await storage.get(_closed(key)):
            return await _wait(storage, _closed(key))
    for key, growth in subjects:
        delay = growth.seconds(await storage.incr(key, WINDOW_SECONDS))
        if delay and await storage.incr(_closed(key), delay) > 1:  # another attempt of this moment closed it
            return await _wait(storage, _closed(key))
    return 0


async def _wait(storage: CounterStorage, key: str) -> int:
    return max(1, math.ceil(await storage.get_expiry(key) - time.time()))


def _closed(key: str) -> str:
    return f"{key}:closed"


def _key(kind: str, value: str) -> str:
    return f"sign-in:{kind}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
