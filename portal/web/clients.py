"""Owns how often one client may do something: whom an address stands for, and counting within some minutes."""

from __future__ import annotations

import ipaddress

from limits import RateLimitItemPerMinute

from portal.counters import Counters


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
    """A number of actions for each client within some minutes, by counters that may be shared with other processes.

    `name` keeps this limit apart from others on the same counters.
    """

    def __init__(
        self, amount: int, name: str = "actions", counters: Counters | None = None, *, minutes: int = 1
    ) -> None:
        self._limit = RateLimitItemPerMinute(amount, minutes, namespace=name)
        self._counters = counters or Counters()

    async def wait_for(self, client_address: str) -> int:
        """Count an action for this client; 0 when it may go on, else the seconds until the next one is possible."""
        return await self._counters.hit(self._limit, bucket_of(client_address))
