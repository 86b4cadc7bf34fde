"""Owns the key check's two routes, the only ones that are ever given a key: one answer at the end, or many."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, cast

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from portal.keycheck.admission import TooManyChecks
from portal.keycheck.findings import Findings
from portal.keycheck.forms import read_key_check
from portal.keycheck.live import LiveResponse, events_of, single_event
from portal.keycheck.plan import plan_check
from portal.keycheck.record import CheckRecord
from portal.keycheck.service import KeyChecks
from portal.keycheck.views import Around, KeyCheckView, show_findings, show_unusable, show_wait
from portal.keys import UnusableKey
from portal.web.forms import read_own_form
from portal.web.respond import respond
from portal.web.services import services
from portal.web.templating import Template

router = APIRouter()

KEY_CHECK: Final = Template("key_check.html", KeyCheckView, "key_check")


@router.post("/key-check", name="keycheck:check")
async def check(request: Request) -> Response:
    """Check the pasted key: 200 with a verdict, 422 when the paste is no key, 429 when it is too early."""
    web = services(request)
    form = read_key_check(await read_own_form(request), web.profile)
    if isinstance(form.key, UnusableKey):
        return respond(request, KEY_CHECK, show_unusable(form.key, form), 422)
    slot = await _checks(request).admit(_client(request))
    if isinstance(slot, TooManyChecks):
        return respond(request, KEY_CHECK, show_wait(slot.wait_seconds, form, busy=slot.busy), 429, _retry_after(slot))
    record = CheckRecord(request, form, web.profile)
    with slot:
        last = await _last(request, _checks(request).check_for_one_page(plan_check(form, form.key.key, web.profile)))
    response = respond(request, KEY_CHECK, show_findings(record.saw(last), Around(form, form.key, web.profile)))
    record.keep_visit(response)
    response.background = BackgroundTask(record.write)
    return response


@router.post("/key-check/live", name="keycheck:live")
async def live(request: Request) -> Response:
    """The same as server-sent events: the region after each change, then an end; the same statuses as `check`."""
    web = services(request)
    form = read_key_check(await read_own_form(request), web.profile)
    language = web.language_of(request)

    def render(view: KeyCheckView) -> str:
        return web.templates.render(KEY_CHECK, language, view, as_region=True)

    if isinstance(form.key, UnusableKey):
        return single_event(render(show_unusable(form.key, form)), 422)
    slot = await _checks(request).admit(_client(request))
    if isinstance(slot, TooManyChecks):
        view = show_wait(slot.wait_seconds, form, busy=slot.busy)
        return single_event(render(view), 429, _retry_after(slot))
    around = Around(form, form.key, web.profile)
    record = CheckRecord(request, form, web.profile)
    findings = _checks(request).check(plan_check(form, form.key.key, web.profile))
    events = events_of(findings, lambda found: render(show_findings(record.saw(found), around)), _checks(request).turn)
    response = LiveResponse(events, slot, record.write)
    record.keep_visit(response)
    return response


async def _last(request: Request, check: AsyncGenerator[Findings]) -> Findings:
    """What is known in the end; a visitor who has gone ends the check early."""
    async with aclosing(check):
        found = await anext(check)
        async for latest in check:
            found = latest
            if await request.is_disconnected():
                break
    return found


def _checks(request: Request) -> KeyChecks:
    return cast(KeyChecks, request.app.state.key_checks)


def _client(request: Request) -> str:
    """The client's address as the server believes it (uvicorn reads `X-Forwarded-For` from trusted proxies only)."""
    return request.client.host if request.client else ""


def _retry_after(wait: TooManyChecks) -> dict[str, str]:
    return {"retry-after": str(wait.wait_seconds)}
