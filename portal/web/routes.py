"""Owns the routes that belong to no feature: static files, liveness and readiness."""

from __future__ import annotations

from typing import Final, cast

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from portal.db import Database, DatabaseState
from portal.web.services import services

router = APIRouter()

_READINESS: Final = {
    DatabaseState.READY: "database: ok\nmigrations: ok\n",
    DatabaseState.NOT_MIGRATED: "database: ok\nmigrations: missing; run `portal migrate`\n",
    DatabaseState.AWAY: "database: does not answer; nothing is recorded, the guide works\nmigrations: unknown\n",
}


@router.api_route("/static/{address}", methods=["GET", "HEAD"], name="web:static")
async def static_file(request: Request, address: str) -> Response:
    """A file under its hashed name; immutable."""
    response = services(request).assets.answer(request, address)
    if response is None:
        raise HTTPException(404)
    return response


@router.api_route("/favicon.ico", methods=["GET", "HEAD"], name="web:favicon")
async def favicon(request: Request) -> Response:
    """The icon, for what is no page and cannot name it."""
    assets = services(request).assets
    response = assets.answer(request, assets.url("icon.svg").removeprefix("/static/"))
    if response is None:
        raise HTTPException(404)
    response.headers["cache-control"] = "public, max-age=86400"
    return response


@router.api_route("/robots.txt", methods=["GET", "HEAD"], name="web:robots")
async def robots() -> Response:
    """Search engines may read everything: nothing here is private."""
    return PlainTextResponse("User-agent: *\nAllow: /\n")


@router.api_route("/healthz", methods=["GET", "HEAD"], name="web:healthz")
async def healthz() -> Response:
    """Whether this process answers at all."""
    return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})


@router.api_route("/readyz", methods=["GET", "HEAD"], name="web:readyz")
async def readyz(request: Request) -> Response:
    """Whether this process can do everything, recording included: 200, or 503 with the reason."""
    state = await cast(Database, request.app.state.database).state()
    status = 200 if state is DatabaseState.READY else 503
    return PlainTextResponse(_READINESS[state], status, {"cache-control": "no-store"})
