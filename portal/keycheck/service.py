"""Owns how often the gateway is asked on behalf of one client, and asking it."""

from __future__ import annotations

import ipaddress
import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from portal.gateway.access import access_for
from portal.gateway.client import GatewayClient
from portal.gateway.results import CheckResult
from portal.keys import ApiKey
from portal.profile.model import GatewayProfile


@dataclass(frozen=True, slots=True)
class TooManyChecks:
    """A client has used up its checks; the next one is possible after `wait_seconds`."""

    wait_seconds: int


def bucket_of(address: str) -> str:
    """Whom a client address stands for: an IPv4 address, or the /64 network that one IPv6 customer has as a rule.

    What is no address (a proxy that is believed may send anything) shares one bucket.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


class KeyChecks:
    """Checks keys, a limited number for each client address within a minute (counted in this process)."""

    def __init__(self, client: GatewayClient, per_minute: int) -> None:
        self._client = client
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def admit(self, client_address: str) -> TooManyChecks | None:
        """Count a check for this client; None when it may go on."""
        client = bucket_of(client_address)
        if await self._limiter.hit(self._limit, client):
            return None
        window = await self._limiter.get_window_stats(self._limit, client)
        return TooManyChecks(max(1, math.ceil(window.reset_time - time.time())))

    async def check(self, profile: GatewayProfile, key: ApiKey, model: str) -> CheckResult:
        """Ask the gateway; every failure is a result."""
        return (await self._client.probe_message(access_for(profile, key), model)).result
