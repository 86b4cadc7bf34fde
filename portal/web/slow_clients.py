"""Owns patience with clients: how long the head and the body of a request may take, and how long both may be.

A connection costs a file descriptor and some memory for as long as it lasts. A client that sends nothing, or a byte now
and then, would keep it for ever: uvicorn times only the pause after an answer. `PatientProtocol` ends such connections,
and heads that are too long; `in_time` ends a body that the application waits for. It must not know what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

from starlette.types import Message, Receive
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

HEAD_SECONDS: Final = 10.0
"""For the request line and all headers, from the opening of a connection or from the first byte after an answer."""

BODY_SECONDS: Final = 20.0
"""For the whole body, of 64 KiB at most: a telephone in a train manages that."""

MAX_HEAD: Final = 64 * 1024
"""Longest request line and headers together, in bytes. Caddy allows a megabyte, nginx 32 KiB."""

MAX_URL: Final = 16 * 1024
"""Longest path and query, in bytes. The longest that the guide makes has less than 2 KiB."""

_MOST_FILES: Final = 65_536
_OWN_FILES: Final = 4
"""One in so many file descriptors is kept for the database, the gateway, and the program itself."""


class BodyTooSlowError(Exception):
    """The request's body did not arrive within `BODY_SECONDS`; answered with 408."""


def in_time(receive: Receive, seconds: float) -> Receive:
    """`receive`, but the whole body has to arrive within `seconds` from now. What comes after the body is not timed.

    Raises:
        BodyTooSlowError: from `receive`, when the time is over.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    whole = False

    async def receive_in_time() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlowError from None
        whole = not message.get("more_body", False)
        return message

    return receive_in_time


def most_connections() -> int | None:
    """How many connections to hold at one time: most of the files that this process may open, as many as it may get.

    Beyond that the server answers 503 at once; without a limit it could accept nobody, nor open its own database.
    """
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    files = _MOST_FILES if soft == resource.RLIM_INFINITY else min(soft, _MOST_FILES)
    return files - files // _OWN_FILES


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits on the time that a request takes to arrive, and on the length of its head."""

    head_seconds: float = HEAD_SECONDS
    body_seconds: float = BODY_SECONDS + 5
    """Later than `in_time`, which has a page to show; this one also ends bodies that nobody waits for any more."""
    max_head: int = MAX_HEAD
    max_url: int = MAX_URL

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head_bytes = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(self.head_seconds)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
            if self._timer is None:
                self._wait(self.head_seconds)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.max_head:
            self._end(431)

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    @override
    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self.max_url:
            self._end(414)

    @override
    def on_headers_complete(self) -> None:
        if self._head_bytes > self.max_head and sum(len(n) + len(v) for n, v in self.headers) > self.max_head:
            self._end(431)
        self._in_head = False
        self._head_bytes = 0
        self._wait(self.body_seconds)
        if not self.transport.is_closing():  # else it was ended, and the rest came in the same packet
            super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._in_head = True  # of the next request on this connection
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self.cycle.response_complete:  # its answer came first, and uvicorn's own timer has been stopped since
            self._wait(self.head_seconds)
        super().on_message_complete()

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self._end, 408)

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _end(self, status: int) -> None:
        """End the connection; with a status where no answer has begun and something was asked."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        asked = self._in_head and self._head_bytes > 0
        cycle: RequestResponseCycle | None = self.cycle
        if asked and (cycle is None or cycle.response_complete):
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
