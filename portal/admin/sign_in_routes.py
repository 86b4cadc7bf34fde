"""Owns the open routes of the operator's side: the sign-in page, its form, and the way to and from the provider."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal.admin import accounts, sessions, sign_in
from portal.admin.forms import query_text, read_sign_in, way_back
from portal.admin.guard import valid_session
from portal.admin.oidc import Attempt
from portal.admin.services import IdentityProvider, admin
from portal.admin.sign_in import ATTEMPT_PURPOSE, ATTEMPT_SECONDS, Callback, NotSignedIn, SignedIn
from portal.admin.views import SignInPage, Trouble
from portal.observability.refusals import REFUSED, Refusal
from portal.web.forms import read_own_form
from portal.web.respond import respond
from portal.web.services import services
from portal.web.templating import Template

router = APIRouter()

SIGN_IN_PAGE: Final = Template("admin/sign_in.html", SignInPage)
CALLBACK: Final = "/admin/oidc/callback"

_STATUS: Final = {
    Trouble.WRONG: 401,
    Trouble.TOO_SOON: 429,
    Trouble.NOT_ALLOWED: 403,
    Trouble.STALE: 400,
    Trouble.DECLINED: 403,
    Trouble.PROVIDER_AWAY: 503,
    Trouble.PROVIDER_ODD: 502,
    Trouble.NO_RULE: 403,
}


@router.api_route("/admin/login", methods=["GET", "HEAD"], name="admin:sign-in-page")
async def sign_in_page(request: Request) -> Response:
    """The sign-in page; whoever is signed in goes on."""
    back = way_back(query_text(request.query_params, "next"))
    if await valid_session(request):
        return RedirectResponse(back, 303)
    return await _page(request, back)


@router.post("/admin/login", name="admin:sign-in")
async def post_sign_in(request: Request) -> Response:
    """Name and password: 303 into the area with a new session, 401 when they are wrong, 429 when it is too early."""
    form = read_sign_in(await read_own_form(request))
    result = await sign_in.with_password(admin(request), form, _client(request), _old_token(request))
    if isinstance(result, SignedIn):
        return _enter(request, result)
    return await _page(request, form.next, result.trouble, name=form.name, wait_seconds=result.wait_seconds)


@router.api_route("/admin/oidc/start", methods=["GET"], name="admin:provider-start")
async def provider_start(request: Request) -> Response:
    """To the identity provider, with the secrets of this attempt in a cookie."""
    identity = await _identity(request)
    if identity is None:
        return await _page(request, "", Trouble.TOO_SOON, wait_seconds=60)
    attempt = sign_in.new_attempt(way_back(query_text(request.query_params, "next")))
    address = await sign_in.provider_address(identity, attempt, _redirect_uri(request))
    if isinstance(address, Trouble):
        return await _page(request, attempt.next, address)
    response = RedirectResponse(address, 303)
    response.set_cookie(
        _attempt_cookie(request),
        admin(request).signer.sign(ATTEMPT_PURPOSE, attempt.to_text()),
        max_age=ATTEMPT_SECONDS,
        secure=sessions.is_secure(request),
        httponly=True,
        samesite="lax",  # the provider sends the browser back here: a strict one would stay behind
    )
    return response


@router.api_route(CALLBACK, methods=["GET"], name="admin:provider-callback")
async def provider_callback(request: Request) -> Response:
    """Back from the identity provider: 303 into the area with a new session, or the page with the reason."""
    identity = await _identity(request)
    if identity is None:
        return await _page(request, "", Trouble.TOO_SOON, wait_seconds=60)
    code, state, issuer, error = (query_text(request.query_params, n) for n in ("code", "state", "iss", "error"))
    result = await sign_in.with_provider(
        admin(request),
        identity,
        attempt=_attempt(request),
        callback=Callback(code, state, issuer, error),
        redirect_uri=_redirect_uri(request),
        old_token=_old_token(request),
    )
    if isinstance(result, NotSignedIn):
        response = await _page(request, way_back(result.next), result.trouble)
    else:
        response = _enter(request, result)
    response.delete_cookie(_attempt_cookie(request), secure=sessions.is_secure(request), httponly=True, samesite="lax")
    return response


async def _page(
    request: Request, back: str, trouble: Trouble | None = None, *, name: str = "", wait_seconds: int = 0
) -> Response:
    desk = admin(request)
    async with desk.database.reading() as connection:
        anybody = await accounts.is_there_any(connection)
    page = SignInPage(
        next=back,
        provider=desk.identity.provider.name if desk.identity else "",
        has_passwords=anybody or trouble is Trouble.WRONG,
        first_account=not anybody and desk.identity is None,
        name=name,
        trouble_code=trouble,
        wait_seconds=wait_seconds,
    )
    status = _STATUS[trouble] if trouble else 200
    if trouble is Trouble.TOO_SOON:
        REFUSED.add(Refusal.SIGN_IN)
    headers = {"retry-after": str(wait_seconds)} if wait_seconds else {}
    if status == 401:
        headers["www-authenticate"] = "Session"
    return respond(request, SIGN_IN_PAGE, page, status, headers)


def _enter(request: Request, signed_in: SignedIn) -> Response:
    response = RedirectResponse(signed_in.next, 303)
    sessions.keep(request, response, admin(request).signer, signed_in.token)
    return response


async def _identity(request: Request) -> IdentityProvider | None:
    """The identity provider, or None when this client comes too often.

    Raises:
        HTTPException: 404 when there is none.
    """
    identity = admin(request).identity
    if identity is None:
        raise HTTPException(404)
    return None if await identity.limit.wait_for(_client(request)) else identity


def _attempt(request: Request) -> Attempt | None:
    signed = request.cookies.get(_attempt_cookie(request), "")
    text = admin(request).signer.read(ATTEMPT_PURPOSE, signed, ATTEMPT_SECONDS)
    return Attempt.from_text(text) if text else None


def _attempt_cookie(request: Request) -> str:
    return "__Host-oidc" if sessions.is_secure(request) else "oidc"


def _redirect_uri(request: Request) -> str:
    return services(request).origin_of(request) + CALLBACK


def _old_token(request: Request) -> str | None:
    desk = admin(request)
    return sessions.token_of(request, desk.signer, desk.lifetimes)


def _client(request: Request) -> str:
    return request.client.host if request.client else ""
