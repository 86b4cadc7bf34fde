"""What is measured: four applications behind one uvicorn worker, told apart by the first part of the path."""

from __future__ import annotations

from dataclasses import replace

from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from portal.app import create_app
from portal.profile.load import load_profile
from portal.settings import LogLevel, Settings
from portal.web.page_cache import PageCache

PAGE = b"x" * 15 * 1024
"""The constant page: 15 KB, as large as a typical page, no work at all."""

_HEADERS = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(PAGE)).encode())]


async def bare_asgi(scope: Scope, receive: Receive, send: Send) -> None:
    """The server's own ceiling: the least that an application can do."""
    del scope, receive
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": PAGE})


def constant_fastapi() -> FastAPI:
    """FastAPI returning a constant page: what a framework costs."""
    app = FastAPI()

    @app.get("/")
    async def constant() -> HTMLResponse:
        return HTMLResponse(PAGE)

    return app


def create_contenders() -> ASGIApp:
    """Every contender in one process, so that they share the worker, its event loop and its luck.

    `uncached` is the portal with a page cache that keeps nothing: every request renders and compresses.
    """
    settings, profile = Settings(log_level=LogLevel.WARNING), load_profile("tokenbay")
    cached, uncached = create_app(settings, profile), create_app(settings, profile)
    uncached.state.services = replace(
        uncached.state.services, pages=PageCache(uncached.state.services.languages, max_bytes=0)
    )
    apps: dict[str, ASGIApp] = {
        "bare": bare_asgi,
        "constant": constant_fastapi(),
        "cached": cached,
        "uncached": uncached,
    }

    async def by_first_part(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await cached(scope, receive, send)
            return
        name, _, rest = scope["path"].removeprefix("/").partition("/")
        scope["path"] = f"/{rest}"
        scope["raw_path"] = scope["path"].encode()
        await apps[name](scope, receive, send)

    return by_first_part
