"""Owns the key check's route: the only one that is ever given a key."""

from __future__ import annotations

from typing import Final, cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from portal.keycheck.forms import KeyCheckForm, read_key_check
from portal.keycheck.service import KeyChecks, TooManyChecks
from portal.keycheck.views import KeyCheckView, show_result, show_unusable, show_wait
from portal.keys import UnusableKey
from portal.web.forms import read_own_form
from portal.web.respond import respond
from portal.web.services import WebServices, services
from portal.web.templating import Template

router = APIRouter()

KEY_CHECK: Final = Template("key_check.html", KeyCheckView, "key_check")


@router.post("/key-check", name="keycheck:check")
async def check(request: Request) -> Response:
    """Check the pasted key: 200 with a verdict, 422 when the paste is no key, 429 when it is too early."""
    web = services(request)
    form = read_key_check(await read_own_form(request), web.profile)
    if isinstance(form.key, UnusableKey):
        return respond(request, KEY_CHECK, show_unusable(form.key, form.query), 422)
    checks = cast(KeyChecks, request.app.state.key_checks)
    if wait := await checks.admit(request.client.host if request.client else ""):
        return respond(request, KEY_CHECK, show_wait(wait.wait_seconds, form.query), 429, _retry_after(wait))
    return respond(request, KEY_CHECK, await _ask(checks, web, form))


async def _ask(checks: KeyChecks, web: WebServices, form: KeyCheckForm) -> KeyCheckView:
    assert not isinstance(form.key, UnusableKey)  # noqa: S101 - for the type checker; `check` has answered that
    result = await checks.check(web.profile, form.key.key, form.model)
    return show_result(result, form.key, form.model, form.query, web.profile)


def _retry_after(wait: TooManyChecks) -> dict[str, str]:
    return {"retry-after": str(wait.wait_seconds)}
