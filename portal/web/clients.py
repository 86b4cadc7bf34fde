"""Owns how often one client may do something: whom an address stands for, and counting within some minutes."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter


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


class RateLimit:
    """A number of actions for each client within some minutes, counted in this process's memory and nowhere else."""

    def __init__(self, amount: int, *, minutes: int = 1) -> None:
        self._limit = RateLimitItemPerMinute(amount, minutes)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def wait_for(self, client_address: str) -> int:
        """Count an action for this client; 0 when it may go on, else the seconds until the next one is possible."""
        client = bucket_of(client_address)
        if await self._limiter.hit(self._limit, client):
            return 0
        window = await self._limiter.get_window_stats(self._limit, client)
        return max(1, math.ceil(window.reset_time - time.time()))
