"""Owns what is noted of every request: id, log line, numbers and span, with the route's name and never the path.

Probes and scrapes come every few seconds: they are counted under their own routes, and logged at "debug".
"""

from __future__ import annotations

import logging
import time
from typing import Final

from starlette.types import Scope

from portal.logs import LOGGER, without_values
from portal.observability.requests import METHODS, NO_ROUTE, OTHER_METHOD, RequestMeter
from portal.observability.traces import request_span
from portal.request_id import HEADER, enter_request, given_request_id, leave_request, new_request_id
from portal.web.proxies import is_from_trusted_proxy

QUIET: Final = frozenset({"web:healthz", "web:readyz", "admin:metrics"})
"""Routes that machines ask all the time."""

_METER: Final = RequestMeter()


class RequestWatch:
    """Watches one request: made when it comes, `end` when its answer is over, in the same task."""

    __slots__ = ("_broke", "_entered", "_scope", "_span", "_started", "header")

    def __init__(self, scope: Scope) -> None:
        """Begin with the request of `scope`; from here on the log knows its id."""
        self._started = time.perf_counter()
        self._scope = scope
        self._broke: type[BaseException] | None = None
        trusted = is_from_trusted_proxy(scope)
        name = (given_request_id(scope["headers"]) if trusted else "") or new_request_id()
        self.header = (HEADER, name.encode())
        """What the answer says."""
        self._entered = enter_request(name)
        self._span = request_span(scope["headers"], trusted=trusted, request_id=name).__enter__()

    def broke(self, error: BaseException) -> None:
        """Say what broke and where. Never the message: it could quote what the visitor sent."""
        self._broke = type(error)
        LOGGER.error("unexpected %s", without_values(error))

    def end(self, status: int) -> None:
        """Note how it ended."""
        seconds = time.perf_counter() - self._started
        scope = self._scope
        method = scope["method"] if scope["method"] in METHODS else OTHER_METHOD  # a client may send any word
        route: str = getattr(scope.get("route"), "name", NO_ROUTE)
        _METER.count(route, method, status, seconds)
        level = logging.DEBUG if route in QUIET else logging.INFO
        if LOGGER.isEnabledFor(level):
            took = seconds * 1000
            fields = {"method": method, "route": route, "status": status, "duration_ms": round(took, 1)}
            LOGGER.log(level, "%s %s %d %.1f ms", method, route, status, took, extra={"fields": fields})
        self._span.rename(route)
        self._span.note(method=method, route=route, status=status)
        self._span.__exit__(self._broke, None, None)
        leave_request(self._entered)
