"""Owns who is believed: marks the requests that a trusted proxy passed on, then takes over what it says of the client.

Wraps the whole application, outside of uvicorn's own reading of `X-Forwarded-*`, because after that nobody can tell who
sent the request.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_TRUSTED: Final = "portal.trusted_proxy"


class BehindProxies:
    """ASGI middleware; `trusted` is the setting `trusted_proxies`."""

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        forwarded: Any = app
        self._app: Any = ProxyHeadersMiddleware(forwarded, trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Mark the request and pass it on."""
        client = scope.get("client")
        scope[_TRUSTED] = client is not None and client[0] in self._app.trusted_hosts
        await self._app(scope, receive, send)


def is_from_trusted_proxy(scope: Scope) -> bool:
    """Whether a trusted proxy sent the request itself; False when nobody looked."""
    return scope.get(_TRUSTED) is True
