"""Owns the names that the portal answers to: a request for any other host gets a plain 400 before anything is made.

A page that is made for a name that somebody else chose could carry that name into links and, through a shared cache, to
other visitors. What machines ask about this process (`OPEN`) is answered to every name, because they ask by address.
It must not know where the list comes from.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ANY: Final = "*"
LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")
OPEN: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths whose answers do not depend on the name."""


def hosts_of(allowed: Iterable[str], public_url: str) -> frozenset[str] | None:
    """The names to answer to, in lower case and without a port; None when every name will do.

    Without a list, the portal answers to the host of its public address and to this machine's own names; without a
    public address to any, because then nobody has said what it is called.
    """
    given = {host.lower() for host in allowed}
    if ANY in given or not (given or public_url):
        return None
    own = {name_in(urlsplit(public_url).netloc)} if public_url else set[str]()
    return frozenset((given or set(LOCAL)) | own)


def name_in(host: str) -> str:
    """The name in a `Host` header: without the port, in lower case; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        inside, bracket, _ = host.partition("]")
        return inside.lower() + bracket
    return host.partition(":")[0].lower().removesuffix(".")


class KnownHosts:
    """ASGI middleware that lets requests for known names through."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._exact = frozenset(host for host in hosts if not host.startswith("*."))
        self._endings = tuple(host[1:] for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say that it came to the wrong place."""
        if scope["type"] != "http" or scope["path"] in OPEN or self._knows(scope):
            await self._app(scope, receive, send)
            return
        answer = PlainTextResponse(
            "This portal does not answer to that name.\n", 400, {"cache-control": "no-store", "connection": "close"}
        )
        await answer(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1:
            return False
        name = name_in(named[0].decode("latin-1"))
        return name in self._exact or name.endswith(self._endings or ("\0",))
