"""Owns which visit a request belongs to: a random id in a signed cookie, for people who did not ask to be left out.

The cookie comes with the answer to an action (a POST), never with a page. It holds nothing but the id and its
signature, and ends after a day: a journey is one visit, not one person.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from portal.signing import Signer
from portal.web.services import services

PURPOSE: Final = "journey"
MAX_AGE_SECONDS: Final = 24 * 60 * 60
MIN_SEED: Final = 20
_ID_BYTES: Final = 16
_ID_LENGTH: Final = 22


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that may be recorded. `known` is False when its cookie has still to be set."""

    journey_id: str
    known: bool


def wants_no_record(request: Request) -> bool:
    """Whether the browser asks for privacy: Do Not Track, or Global Privacy Control (both `1`)."""
    return request.headers.get("dnt") == "1" or request.headers.get("sec-gpc") == "1"


def visit_of(request: Request, signer: Signer, *, seed: str = "") -> Visit | None:
    """The visit of this request, a new one when it has none; None when nothing may be recorded.

    A new visit lasts only if `keep_visit` is called on the answer. When that answer gets lost, the browser sends the
    same again without a cookie: `seed`, the random id of what it sends, then leads to the same visit. A seed of less
    than `MIN_SEED` characters may be anybody's and is not used.
    """
    if wants_no_record(request):
        return None
    for name in (_name(secure=True), _name(secure=False)):
        if signed := request.cookies.get(name):
            found = signer.read(PURPOSE, signed, MAX_AGE_SECONDS)
            if found and len(found) == _ID_LENGTH:
                return Visit(found, known=True)
    made = signer.derive(PURPOSE, seed) if len(seed) >= MIN_SEED else secrets.token_urlsafe(_ID_BYTES)
    return Visit(made, known=False)


def keep_visit(request: Request, response: Response, visit: Visit, signer: Signer) -> None:
    """Let the browser remember a new visit."""
    if visit.known:
        return
    secure = services(request).origin_of(request).startswith("https:")
    response.set_cookie(
        _name(secure=secure),
        signer.sign(PURPOSE, visit.journey_id),
        max_age=MAX_AGE_SECONDS,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def _name(*, secure: bool) -> str:
    """`__Host-` makes browsers refuse a cookie that another host or plain http has set; it needs https."""
    return "__Host-journey" if secure else "journey"
