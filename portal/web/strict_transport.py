"""Owns HSTS: telling browsers to come by https from now on, when they came by https.

Over plain http the header means nothing (RFC 6797, 7.2) and a test on a laptop must not lock its browser out, so it is
sent only when visitors reach the portal by https: by its public address, or as a believed proxy says.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class StrictTransport:
    """ASGI middleware that adds the header."""

    def __init__(self, app: ASGIApp, value: str, *, always: bool) -> None:
        """Wrap `app`; `value` is the header's, `always` whether the portal's own address is an https one."""
        self._app = app
        self._header = (b"strict-transport-security", value.encode())
        self._always = always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or not (self._always or scope["scheme"] == "https"):
            await self._app(scope, receive, send)
            return

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], self._header]
            await send(message)

        await self._app(scope, receive, send_with_header)
