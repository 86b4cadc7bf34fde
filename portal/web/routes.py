"""Owns the routes that belong to no feature: static files and liveness."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from portal.web.services import services

router = APIRouter()


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
