"""Gateways that differ in how far away they are."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send


def far_away(app: ASGIApp, seconds: float) -> ASGIApp:
    """The same application, with every answer later by `seconds`."""

    async def later(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await asyncio.sleep(seconds)
        await app(scope, receive, send)

    return later
