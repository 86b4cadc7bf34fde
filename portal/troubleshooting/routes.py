"""Owns the routes from a symptom to its fix. What a visitor says about a step is saved before the page says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal.diagnosis.cleaning import is_blank
from portal.diagnosis.client_json import says_it_worked
from portal.diagnosis.matcher import diagnose
from portal.diagnosis.model import Catalogue, Step, Symptom
from portal.journeys.recording import keep_visit
from portal.observability.refusals import REFUSED, Refusal
from portal.troubleshooting import service
from portal.troubleshooting.forms import Carried, PastedText, gives_up, read_answer, read_carried, read_text
from portal.troubleshooting.help_page import HelpPage, show_diagnosis, show_help, show_problem, shown_causes
from portal.troubleshooting.known import known_of
from portal.troubleshooting.service import Asked, Standing
from portal.troubleshooting.setup import read_setup
from portal.troubleshooting.symptom_page import SymptomPage, show_symptom
from portal.troubleshooting.views import Place
from portal.troubleshooting.wording import (
    EMPTY_TEXT,
    NO_SUCH_ANSWER,
    NOT_COUNTED,
    NOT_RECORDED,
    NOT_SAVED,
    TOO_LONG,
    TOO_MANY,
)
from portal.web.clients import RateLimit
from portal.web.forms import read_own_form
from portal.web.languages import Language
from portal.web.middleware import MAX_BODY, BodyTooLargeError
from portal.web.page_cache import Rendered
from portal.web.respond import respond
from portal.web.services import services
from portal.web.templating import Template
from portal.words import Text

router = APIRouter()

HELP: Final = Template("troubleshoot.html", HelpPage, "diagnosis")
SYMPTOM: Final = Template("troubleshoot_symptom.html", SymptomPage, "steps")

POSTS_PER_MINUTE: Final = 60
"""Texts and answers of one client address in a minute: an office behind one address fits, a flood of answers that would
turn the ranking does not."""

LISTS_PER_HOUR: Final = 10
"""Lists of steps that one client address may begin to answer within an hour and that count. Visits cost nothing, so
without it one address could be any number of people; what comes beyond is answered all the same, and not recorded."""

Fields = tuple[tuple[str, str], ...]


@router.api_route("/troubleshoot", methods=["GET", "HEAD"], name="troubleshooting:show")
async def show(request: Request) -> Response:
    """Where to paste, and the list of symptoms; with `cause`, what the key check found. A function of its URL."""
    web = services(request)

    def render(language: Language, as_region: bool) -> Rendered:  # noqa: FBT001 - the cache decides, callers name it
        fields = tuple(request.query_params.multi_items())
        page = show_help(_place(request, fields), read_carried(fields), request.query_params.get("cause", ""))
        return Rendered(web.templates.render(HELP, language, page, as_region=as_region))

    return web.pages.answer(request, render, origin=web.origin_of(request))


@router.post("/troubleshoot/diagnose", name="troubleshooting:diagnose")
async def diagnose_text(request: Request) -> Response:
    """What is behind a pasted text: 200 with causes or an honest "nothing", 413, 422 and 429 when it is not read."""
    try:
        fields = await read_own_form(request, longest_part=MAX_BODY)
    except BodyTooLargeError:
        return respond(request, HELP, show_problem(_place(request, ()), Carried(), TOO_LONG), 413)
    place, carried, pasted = _place(request, fields), read_carried(fields), read_text(fields)
    if is_blank(pasted.text):
        return respond(request, HELP, show_problem(place, carried, EMPTY_TEXT), 422)
    if wait := await _wait_of(request):
        page = show_problem(place, carried, TOO_MANY, pasted.text)
        return respond(request, HELP, page, 429, {"retry-after": str(wait)})
    return await _diagnosed(request, place, carried, pasted)


@router.api_route("/troubleshoot/diagnose", methods=["GET", "HEAD"], name="troubleshooting:again")
async def ask_again(request: Request) -> Response:
    """A pasted text is in no address: who comes back to this one starts again."""
    return _to(request, "/troubleshoot")


@router.api_route("/troubleshoot/{symptom}", methods=["GET", "HEAD"], name="troubleshooting:symptom")
async def show_steps(request: Request, symptom: str) -> Response:
    """The steps of a symptom in the order for this visitor."""
    return await _page(_asked(request, tuple(request.query_params.multi_items()), symptom, Carried()))


@router.post("/troubleshoot/{symptom}", name="troubleshooting:carry")
async def carry(request: Request, symptom: str) -> Response:
    """The same for a form that carries something along without an answer, or says that nothing helped."""
    fields = await read_own_form(request, longest_part=MAX_BODY)
    asked = _asked(request, fields, symptom, read_carried(fields))
    if not gives_up(fields):
        return await _page(asked)
    there = await service.standing(asked)
    await service.record_giving_up(asked, there)
    return _show(asked, there, gave_up=True)


@router.post("/troubleshoot/{symptom}/{step}", name="troubleshooting:answer")
async def take_answer(request: Request, symptom: str, step: str) -> Response:
    """Save what came of a step: 200 when it is saved, 422 for no answer, 429 and 503 when it is not saved."""
    fields = await read_own_form(request, longest_part=MAX_BODY)
    asked = _asked(request, fields, symptom, read_carried(fields))
    about, given = _step(asked.place, asked.symptom, step), read_answer(fields)
    if given is None:
        return await _page(asked, NO_SUCH_ANSWER, 422)
    if wait := await _wait_of(request):
        response = await _page(asked, TOO_MANY, 429)
        response.headers["retry-after"] = str(wait)
        return response
    before = await service.standing(asked)
    after = await service.answer(asked, about, given, before)
    return _answered(asked, after)


@router.api_route("/troubleshoot/{symptom}/{step}", methods=["GET", "HEAD"], name="troubleshooting:step")
async def show_step_alone(request: Request, symptom: str, step: str) -> Response:
    """A step is a part of its symptom's page."""
    asked = _asked(request, (), symptom, Carried())
    found = _step(asked.place, asked.symptom, step)
    return _to(request, f"/troubleshoot/{asked.symptom.id}", f"step-{found.id}")


async def _diagnosed(request: Request, place: Place, carried: Carried, pasted: PastedText) -> Response:
    diagnosis = diagnose(pasted.text, known_of(place, carried))
    known = replace(carried, client=diagnosis.client_version or carried.client, once=carried.once or service.new_once())
    place = replace(place, client=known.client)
    works = says_it_worked(pasted.text)
    visit = await service.record_diagnosis(request, diagnosis, place.setup, known, works=works)
    offers = await service.offer_steps(request, place, shown_causes(diagnosis), known.once)
    lasting = visit is not None and visit.known  # a browser may refuse a cookie that is only now offered
    along = replace(known, once="" if lasting else known.once)
    response = respond(request, HELP, show_diagnosis(place, along, pasted, diagnosis, offers))
    if visit:
        keep_visit(request, response, visit)
    return response


def _answered(asked: Asked, after: Standing) -> Response:
    if not after.saved:
        return _show(asked, after, NOT_SAVED, 503)
    if not after.counted:
        return _show(asked, after, NOT_COUNTED)
    if after.visit is None:
        return _show(asked, after, NOT_RECORDED)
    response = _show(asked, after)
    keep_visit(asked.request, response, after.visit)
    return response


async def _page(asked: Asked, notice: Text | None = None, status: int = 200) -> Response:
    return _show(asked, await service.standing(asked), notice, status)


def _show(
    asked: Asked, there: Standing, notice: Text | None = None, status: int = 200, *, gave_up: bool = False
) -> Response:
    lasting = there.visit is not None and there.visit.known and there.begun
    carried = replace(
        asked.carried,
        answers={} if lasting else there.progress.answers,
        once="" if lasting else asked.carried.once,
    )
    page = show_symptom(asked.place, asked.symptom, there.progress, carried, notice, gave_up=gave_up)
    return respond(asked.request, SYMPTOM, page, status)


def _asked(request: Request, fields: Fields, symptom: str, carried: Carried) -> Asked:
    place = _place(request, fields)
    if symptom not in place.catalogue.symptoms:
        raise HTTPException(404)
    named = replace(carried, once=carried.once or service.new_once())
    place = replace(place, client=carried.client)
    return Asked(request, place, place.catalogue.symptoms[symptom], named, fresh=not carried.once)


def _step(place: Place, symptom: Symptom, step: str) -> Step:
    """A step of the symptom that this gateway has; for which machine it is meant does not matter here."""
    found = place.catalogue.steps.get(step)
    if found is None or not set(found.causes) & set(symptom.causes) or not found.when.fits(place.profile):
        raise HTTPException(404)
    return found


async def _wait_of(request: Request) -> int:
    """Count a text or an answer for this client; 0 when it may go on, else the seconds until the next one."""
    limit = cast(RateLimit, request.app.state.help_limit)
    wait = await limit.wait_for(request.client.host if request.client else "")
    if wait:
        REFUSED.add(Refusal.HELP)
    return wait


def _place(request: Request, fields: Fields) -> Place:
    web = services(request)
    asked = request.query_params.get("lang") or dict(fields).get("lang", "")
    known = {language.code for language in web.languages.all}
    setup = read_setup(fields, web.profile, asked if asked in known else "")
    return Place(_catalogue(request), web.profile, setup, web.origin_of(request))


def _catalogue(request: Request) -> Catalogue:
    return cast(Catalogue, request.app.state.catalogue)


def _to(request: Request, path: str, part: str = "") -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{path}{query}{'#' + part if part else ''}", 303)
