"""Owns the door of the operator's side: nothing below `/admin` is reached without a session, by construction.

`AdminArea` is the one route of the application for `/admin` and everything below it. It holds the routes of two kinds:
open ones, which lead to signing in, and guarded ones. A request that no open route wants needs a session before any
other route is even looked for, so that a new route cannot forget it, and nobody learns which addresses exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final, cast
from urllib.parse import urlencode

from starlette.datastructures import URLPath
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Router
from starlette.types import Message, Receive, Scope, Send
from typing_extensions import override

from portal.admin import sessions
from portal.admin.services import admin
from portal.admin.sessions import Session
from portal.admin.vocabulary import Operator
from portal.errors import DatabaseAwayError
from portal.logs import LOGGER
from portal.web import htmx
from portal.web.error_pages import RETRY_SECONDS, error_page
from portal.words import _

__all__ = ["LIVE", "PREFIX", "SIGN_IN", "AdminArea", "Operator", "operator_of", "session_of"]

PREFIX: Final = "/admin"
SIGN_IN: Final = "/admin/login"
LIVE: Final = "live"
"""A query parameter of requests that a page makes by itself (`?live=1`): they do not keep an idle session alive."""

HEADERS: Final[Mapping[str, str]] = {"cache-control": "no-store", "x-robots-tag": "noindex"}
"""What every answer of this area says."""

NOT_NOW: Final = (
    _("The statistics cannot be read now"),
    _("The portal’s database does not answer, so nobody can sign in and no number is shown. Try again in a minute."),
)
_DATA: Final = {".csv", ".json"}
_SESSION: Final = "portal.session"


def operator_of(request: Request) -> Operator:
    """Who asks. Usable as it is or as a FastAPI dependency, in every route inside the area.

    Raises:
        RuntimeError: the route stands outside of the area or among its open routes; a mistake of ours.
    """
    return session_of(request).operator


def session_of(request: Request) -> Session:
    """The session of the request; see `operator_of`."""
    found = request.scope.get(_SESSION)
    if not isinstance(found, Session):
        raise RuntimeError("this route is not guarded")  # noqa: TRY004 - not the type of an argument
    return found


class AdminArea(BaseRoute):
    """The route for `/admin` and everything below it."""

    def __init__(self, *, open_routes: Iterable[BaseRoute], guarded_routes: Iterable[BaseRoute]) -> None:
        self.open: Final = Router(list(open_routes), redirect_slashes=False)
        self.guarded: Final = Router(list(guarded_routes), redirect_slashes=False)

    @override
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope["path"]  # as the routes below see it: the portal is served from the root of its host
        inside = scope["type"] == "http" and (path == PREFIX or path.startswith(f"{PREFIX}/"))
        return (Match.FULL if inside else Match.NONE), {}

    @override
    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        raise NoMatchFound(name, path_params)

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name, value) for name, value in message["headers"] if name.decode("latin-1") not in HEADERS]
                message["headers"] = own + [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            await send(message)

        try:
            target = await self._target(scope)
            await target(scope, receive, send_with_headers)
        except DatabaseAwayError as error:  # before the answer began: every page here reads first
            LOGGER.warning("the operator's side cannot be read: %s", error)
            page = error_page(Request(scope), 503, NOT_NOW)
            page.headers["retry-after"] = RETRY_SECONDS
            await page(scope, receive, send_with_headers)
        except HTTPException as error:  # becomes a page further out
            error.headers = {**(error.headers or {}), **HEADERS}
            raise

    async def _target(self, scope: Scope) -> Router | Response:
        if any(route.matches(scope)[0] is not Match.NONE for route in self.open.routes):
            return self.open
        session = await valid_session(Request(scope))
        if session is None:
            return sign_in_first(Request(scope))
        scope[_SESSION] = session
        return self.guarded


async def valid_session(request: Request) -> Session | None:
    """The session of a request, if it has one that is not over; notes that it was used."""
    desk = admin(request)
    token = sessions.token_of(request, desk.signer, desk.lifetimes)
    if token is None:
        return None
    now = desk.now()
    async with desk.database.reading() as connection:
        session = await sessions.find(connection, token, now, desk.lifetimes)
    if session and abs(now - session.seen_at) >= desk.lifetimes.precision and LIVE not in request.query_params:
        async with desk.database.writing() as connection:
            await sessions.touch(connection, session, now)
    return session


def sign_in_first(request: Request) -> Response:
    """The answer to whoever is not signed in: the way to the sign-in page; for data, 401 and a sentence."""
    path, query = str(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    if PurePosixPath(path).suffix in _DATA:
        return PlainTextResponse("Sign in first, in a browser.\n", 401, {"www-authenticate": "Session"})
    wants_page = request.method in {"GET", "HEAD"}
    asked = f"{path}?{query}" if query else path
    back = {"next": asked} if wants_page and asked != PREFIX else {}
    address = f"{SIGN_IN}?{urlencode(back, safe='/')}" if back else SIGN_IN
    if htmx.wants_region(dict(cast(list[tuple[bytes, bytes]], request.scope["headers"]))):
        return Response(status_code=401, headers={**htmx.whole_page(address), "www-authenticate": "Session"})
    return RedirectResponse(address, 303)
