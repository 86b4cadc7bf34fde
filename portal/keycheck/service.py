"""Owns how often the gateway is asked on behalf of one client, and asking it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from portal.gateway.client import GatewayClient
from portal.gateway.results import CheckResult
from portal.keys import ApiKey
from portal.profile.model import GatewayProfile


@dataclass(frozen=True, slots=True)
class TooManyChecks:
    """A client has used up its checks; the next one is possible after `wait_seconds`."""

    wait_seconds: int


class KeyChecks:
    """Checks keys, a limited number for each client address within a minute (counted in this process)."""

    def __init__(self, client: GatewayClient, per_minute: int) -> None:
        self._client = client
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def admit(self, client_address: str) -> TooManyChecks | None:
        """Count a check for this client; None when it may go on."""
        if await self._limiter.hit(self._limit, client_address):
            return None
        window = await self._limiter.get_window_stats(self._limit, client_address)
        return TooManyChecks(max(1, math.ceil(window.reset_time - time.time())))

    async def check(self, profile: GatewayProfile, key: ApiKey, model: str) -> CheckResult:
        """Ask the gateway; every failure is a result."""
        return await self._client.check_key(profile, key, model)
