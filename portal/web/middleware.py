"""Owns what happens to every request: security headers, a size limit for bodies, and the watch over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.web.request_watch import RequestWatch
from portal.web.slow_clients import BODY_SECONDS, in_time

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
UNUSED_FEATURES: Final = (
    *("browsing-topics", "camera", "clipboard-read", "display-capture", "geolocation", "hid", "microphone", "payment"),
    *("publickey-credentials-get", "serial", "usb"),
)
"""What would tell most about a visitor or a machine, and the pages never ask for; each name is known to Chromium.

`clipboard-write` is not among them: the copy buttons need it.
"""

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
}
_POLICY: Final = b"content-security-policy"
OF_PAGES: Final = frozenset({"cross-origin-opener-policy", "permissions-policy"})
"""What browsers read of pages only: texts, data, redirects, scripts and styles are sent without it."""

NOT_OF_STATIC_FILES: Final = OF_PAGES | {"referrer-policy"}
"""What static files do without: they lead nowhere, and every first visit takes several of them."""
_STATIC: Final = "/static/"

MAX_BODY: Final = 64 * 1024
"""Longest request body in bytes. The largest legal form is a key of 4,096 characters and the choices."""


class Envelope:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, error_page: Callable[[Request, int], Response]) -> None:
        """Wrap `app`; `error_page(request, status)` makes the answer when it breaks."""
        self._app = app
        self._error_page = error_page
        self._of_pages = _headers_without(frozenset())
        self._of_others = _headers_without(OF_PAGES)
        self._of_static_files = _headers_without(NOT_OF_STATIC_FILES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add headers to the answer and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watch = RequestWatch(scope)
        status: int | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = message["headers"]
                is_page = any(name == b"content-type" and value.startswith(b"text/html") for name, value in own)
                others = self._of_static_files if scope["path"].startswith(_STATIC) else self._of_others
                added = self._of_pages if is_page else others
                if any(name == _POLICY for name, _ in own):  # a file may have a policy of its own
                    added = [pair for pair in added if pair[0] != _POLICY]
                message["headers"] = [*own, *added, watch.header]
            await send(message)

        try:
            body = _limited(in_time(receive, BODY_SECONDS)) if scope["method"] == "POST" else receive
            await self._app(scope, body, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last place before the server, which would print the message
            watch.broke(error)
            if status is None:
                await self._error_page(Request(scope), 500)(scope, receive, send_with_headers)
        finally:
            watch.end(status or 500)


def _headers_without(names: frozenset[str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items() if name not in names]


class BodyTooLargeError(Exception):
    """The request's body is longer than `MAX_BODY`; answered with 413."""


def _limited(receive: Receive) -> Receive:
    read = 0

    async def receive_within_limit() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY:
            raise BodyTooLargeError
        return message

    return receive_within_limit
