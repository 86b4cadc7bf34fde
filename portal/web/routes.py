"""Owns the routes that belong to no feature: static files, liveness and readiness."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, cast

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from portal.counters import Counting
from portal.web.conditional import unless_known
from portal.web.readiness import Lookout, ReadyState
from portal.web.security_txt import PATH as SECURITY_TXT
from portal.web.security_txt import security_txt
from portal.web.services import services

router = APIRouter()

_FOR_A_DAY: Final = "public, max-age=86400"
_REDIS_WORDS: Final = {Counting.ALONE: "not-used", Counting.TOGETHER: "ready", Counting.AWAY: "away"}


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
    response.headers["cache-control"] = _FOR_A_DAY
    return response


@router.api_route("/robots.txt", methods=["GET", "HEAD"], name="web:robots")
async def robots(request: Request) -> Response:
    """Search engines may read everything: nothing here is private."""
    text = "User-agent: *\nAllow: /\n"
    return unless_known(request, PlainTextResponse(text, headers={"cache-control": _FOR_A_DAY}))


@router.api_route(SECURITY_TXT, methods=["GET", "HEAD"], name="web:security-txt")
async def security(request: Request) -> Response:
    """Whom to tell about a weakness; 404 when the operator named nobody."""
    web = services(request)
    contacts = web.settings.security_contacts
    if not contacts:
        raise HTTPException(404)
    codes = [language.code for language in web.languages.all]
    text = security_txt(contacts, now=datetime.now(UTC), public_url=web.settings.public_url, languages=codes)
    return unless_known(request, PlainTextResponse(text, headers={"cache-control": _FOR_A_DAY}))


@router.api_route("/healthz", methods=["GET", "HEAD"], name="web:healthz")
async def healthz() -> Response:
    """Whether this process answers at all."""
    return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})


@router.api_route("/readyz", methods=["GET", "HEAD"], name="web:readyz")
async def readyz(request: Request) -> Response:
    """What this process can do now, or could a second ago, as JSON; see `docs/decisions/0017`.

    `status` is `ready`, `degraded` (both 200) or `not-ready` (503), as in `ReadyState`; `reasons` say what is missing.
    """
    found = await cast(Lookout, request.app.state.lookout).readiness()
    parts = {"database": found.database.value, "redis": _REDIS_WORDS[found.counting]}
    return JSONResponse(
        {"status": found.state.value, "parts": parts, "reasons": list(found.reasons)},
        503 if found.state is ReadyState.NOT_READY else 200,
        {"cache-control": "no-store"},
    )
