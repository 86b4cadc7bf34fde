"""Owns the key check as server-sent events: which are sent, and that nothing goes on when nobody listens.

`region` carries the rendered region, `end` says that it was the last, `broken` that there will be none. A comment is
sent when nothing happens, so that proxies keep the connection. It must not know what the region looks like.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Final

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from portal.keycheck.admission import Slot
from portal.keycheck.findings import Findings

MEDIA_TYPE: Final = "text/event-stream"
HEADERS: Final[Mapping[str, str]] = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""Neither a cache nor nginx's buffer may hold an event back."""

_HEARTBEAT: Final = ": the gateway has not answered yet\n\n"


def event(name: str, data: str = "") -> str:
    """One server-sent event."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {name}\n{lines}\n"


def single_event(region: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A stream that is over at once: there is no check, and the region says why."""
    text = event("region", region) + event("end")
    return Response(text, status, {**HEADERS, **(headers or {})}, MEDIA_TYPE)


async def events_of(
    findings: AsyncGenerator[Findings], render: Callable[[Findings], str], turn: asyncio.Lock
) -> AsyncGenerator[str]:
    """The region after each change, a heartbeat where there is none, and the end.

    Regions of different checks are rendered by `turn`, and between two of them the loop sees to everything else:
    checks that begin or end at the same moment must not stop the guide.
    """
    shown: Findings | None = None
    region = ""
    async with aclosing(findings):
        try:
            async for found in findings:
                if found is shown:
                    yield _HEARTBEAT
                    continue
                shown, before = found, region
                async with turn:
                    await asyncio.sleep(0)
                    region = render(found)
                yield _HEARTBEAT if region == before else event("region", region)
        except Exception:
            yield event("broken")  # the page says so; the log says where, without values (`web.middleware`)
            raise
    yield event("end")


class LiveResponse(StreamingResponse):
    """Sends the events, and stops the check when the client has gone or the response is over, whichever way.

    `afterwards` runs then, when the check holds no slot and no connection any more.
    """

    def __init__(self, events: AsyncGenerator[str], slot: Slot, afterwards: Callable[[], Awaitable[None]]) -> None:
        super().__init__(events, headers=HEADERS, media_type=MEDIA_TYPE)
        self._events = events
        self._slot = slot
        self._afterwards = afterwards

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._slot.release()
            try:
                await self._events.aclose()
            finally:
                await self._afterwards()
