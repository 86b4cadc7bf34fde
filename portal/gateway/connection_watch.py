"""Owns measuring the way to the gateway while a request is on it: who is waited for, how long it took, until when.

It hears of the HTTP library's steps by their names (`connection.connect_tcp.started`) and must not know its types.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from portal.gateway.stages import Connection, Moment


class ConnectionWatch:
    """Watches one request.

    Args:
        notify: told each `Moment` once it begins; must be quick and must not raise.

    """

    def __init__(self, notify: Callable[[Moment], None] | None) -> None:
        self._notify = notify
        self._moment: Moment | None = None
        self._started = 0.0
        self._began = 0.0
        self._connect_ms: int | None = None
        self._tls_version = ""
        self._certificate_ends: datetime | None = None
        self.opened = False
        """Whether a connection was opened for this request, instead of using one that was there."""

    async def trace(self, step: str, _info: Mapping[str, Any]) -> None:
        """Hear of one step of the HTTP library; the names are httpcore's (its `trace` extension)."""
        match step.split(".")[-2:]:
            case ["connect_tcp", "started"]:
                self.opened = True
                self._enter(Moment.CONNECTING)
            case ["connect_tcp", "complete"]:
                self._connect_ms = self._elapsed_ms()
            case ["start_tls", "started"]:
                self._enter(Moment.SECURING)
            case ["send_request_headers", "started"]:
                self._enter(Moment.ASKING)

    def began_by(self, moment: float) -> bool:
        """Whether the request had its turn by this `time.perf_counter()`; False also when it never had one."""
        return 0 < self._began <= moment

    def inspect(self, network_stream: Any) -> None:
        """Look at the TLS connection that the answer comes over, if there is one."""
        get = getattr(network_stream, "get_extra_info", None)
        secured = get("ssl_object") if get else None
        if not isinstance(secured, (ssl.SSLObject, ssl.SSLSocket)):
            return
        self._tls_version = secured.version() or ""
        ends = (secured.getpeercert() or {}).get("notAfter")
        if isinstance(ends, str):
            self._certificate_ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)

    @property
    def connection(self) -> Connection:
        """What is known so far."""
        return Connection(self._connect_ms, self._tls_version, self._certificate_ends)

    def _enter(self, moment: Moment) -> None:
        self._started = time.perf_counter()
        self._began = self._began or self._started
        if self._notify and moment is not self._moment:
            self._notify(moment)
        self._moment = moment

    def _elapsed_ms(self) -> int:
        return round((time.perf_counter() - self._started) * 1000)
