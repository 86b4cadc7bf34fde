"""Owns the routes that record what happened on the guide, and the page that says what is recorded."""

from __future__ import annotations

import json
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal.errors import DatabaseAwayError
from portal.journeys import store
from portal.journeys.events import MAX_EVENTS, PostedEvent, RefusedEvent, read_posted
from portal.journeys.privacy import PrivacyPage, show_privacy
from portal.journeys.recording import journeys, keep_visit, language_of, now_ms, visit_of
from portal.journeys.verified import VerifiedView, read_verified, show_failed, show_thanks
from portal.logs import LOGGER
from portal.observability.refusals import REFUSED, Refusal
from portal.request_id import current_request_id
from portal.web.forms import is_own_request, read_own_form
from portal.web.page_cache import Rendered
from portal.web.respond import respond
from portal.web.services import services
from portal.web.templating import Template

router = APIRouter()

PRIVACY: Final = Template("privacy.html", PrivacyPage)
VERIFIED: Final = Template("verified.html", VerifiedView, "verified")

_Read = PostedEvent | RefusedEvent
_RETRY_SECONDS: Final = 10


@router.post("/journey", name="journeys:record")
async def record(request: Request) -> Response:
    """Record a batch of events: 200 with a result for each, 204 when the browser asks not to be recorded.

    A refused event has the status 422 in its result and takes no other with it; the answer itself is 422 only when
    nothing in it could be recorded.
    """
    events = await _posted(request)
    if isinstance(events, Response):
        return events
    posted = [one for one in events if isinstance(one, PostedEvent)]
    visit = visit_of(request, seed=posted[0].id if posted else "")
    if visit is None:
        return Response(status_code=204)
    taken = [one.event for one in posted]
    try:
        async with journeys(request).database.writing() as connection:
            new = await store.record_events(connection, visit.journey_id, taken)
    except DatabaseAwayError as error:
        LOGGER.warning("not recorded: %s", error)
        return _refused(503, "database-away", "Nothing was recorded: the database does not answer. Try later.")
    response = _answer({"results": [_result(one, new) for one in events]}, 200 if taken else 422)
    if taken:
        keep_visit(request, response, visit)
    return response


@router.post("/journey/verified", name="journeys:verified")
async def verified(request: Request) -> Response:
    """The visitor says that the client works; a form, so that it needs no JavaScript."""
    form = read_verified(await read_own_form(request), now=now_ms(), language=language_of(request))
    visit = visit_of(request)
    if visit is None:
        return respond(request, VERIFIED, show_thanks(form.query, recorded=False))
    try:
        async with journeys(request).database.writing() as connection:
            await store.record_events(connection, visit.journey_id, [form.event])
    except DatabaseAwayError as error:
        LOGGER.warning("not recorded: %s", error)
        return respond(request, VERIFIED, show_failed(form), 503, {"retry-after": str(_RETRY_SECONDS)})
    response = respond(request, VERIFIED, show_thanks(form.query, recorded=True))
    keep_visit(request, response, visit)
    return response


@router.api_route("/privacy", methods=["GET", "HEAD"], name="journeys:privacy")
async def privacy(request: Request) -> Response:
    """What is recorded, for how long, and how to be left out."""
    web = services(request)
    page = show_privacy(web.settings.retention_days)
    return web.pages.answer(
        request, lambda language, _as_region: Rendered(web.templates.render(PRIVACY, language, page))
    )


async def _posted(request: Request) -> list[_Read] | Response:
    """The events of the body, each read or refused; or the answer to a body that cannot be read."""
    if not is_own_request(request):
        return _refused(403, "another-site", "Events come from the portal’s own pages only.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return _refused(415, "not-json", "Events are sent as application/json.")
    if wait := await journeys(request).limit.wait_for(request.client.host if request.client else ""):
        REFUSED.add(Refusal.EVENTS)
        answer = _refused(429, "too-many", "Too many events for now.")
        answer.headers["retry-after"] = str(wait)
        return answer
    try:
        body = json.loads(await request.body(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return _refused(400, "broken-json", "The body is not JSON.")
    raw = body.get("events") if isinstance(body, dict) and body.keys() == {"events"} else None
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_EVENTS:
        return _refused(422, "no-events", f"The body is {{“events”: […]}} with 1 to {MAX_EVENTS} events.")
    now, language = now_ms(), language_of(request)
    return [read_posted(one, now=now, language=language) for one in raw]


def _no_number(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity are no JSON


def _result(one: _Read, new: frozenset[str]) -> dict[str, object]:
    match one:
        case RefusedEvent(name, problem):
            return {"id": name or None, "status": 422, "problem": problem.value}
        case PostedEvent(name, event):
            return {"id": name, "status": 201 if event.key in new else 200}


def _refused(status: int, problem: str, sentence: str) -> Response:
    answer = _answer({"problem": problem, "sentence": sentence, "request": current_request_id()}, status)
    if status == 503:
        answer.headers["retry-after"] = str(_RETRY_SECONDS)
    return answer


def _answer(content: dict[str, object], status: int) -> Response:
    return JSONResponse(content, status, {"cache-control": "no-store"})
