"""Owns counting requests: by route, method and class of status, and how long they took, by route.

A route is known by its name in the code. A combination exists from its first request on: most never come.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Histogram

from portal.observability.metrics import REGISTRY

NO_ROUTE: Final = "none"
"""What a request is counted as that no route wanted."""

METHODS: Final = frozenset({"GET", "HEAD", "POST"})
OTHER_METHOD: Final = "other"
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""In seconds. A page from memory takes half a millisecond, a key check with a rehearsal two minutes."""

_REQUESTS: Final = Counter(
    "portal_requests", "Requests that were answered.", ("route", "method", "status"), registry=REGISTRY
)
_SECONDS: Final = Histogram(
    "portal_request_seconds",
    "From a request's head to the end of its answer, in seconds.",
    ("route",),
    buckets=_BUCKETS,
    registry=REGISTRY,
)


class RequestMeter:
    """Counts requests. Keeps the instruments that it used: looking them up by label costs more than counting."""

    def __init__(self) -> None:
        self._counters: Final[dict[tuple[str, str, int], Counter]] = {}
        self._seconds: Final[dict[str, Histogram]] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request. `route` is a name from the code, never a path; `method` one of `METHODS`, or the other."""
        key = (route, method, status // 100)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = _REQUESTS.labels(route, method, f"{status // 100}xx")
            self._seconds.setdefault(route, _SECONDS.labels(route))
        counter.inc()
        self._seconds[route].observe(seconds)
