"""Owns the guide's routes. Every answer is a function of URL, profile and language, so every answer is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from gettext import NullTranslations
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from portal.guide.documents import to_markdown, to_plain_text
from portal.guide.views import GuidePage, show_guide
from portal.keys import PLACEHOLDER
from portal.snippets.query import ParsedChoices, parse_choices
from portal.snippets.settings_json import downloadable_file
from portal.web import htmx
from portal.web.languages import Language
from portal.web.page_cache import Rendered
from portal.web.routing import PlainRoute
from portal.web.services import WebServices, services
from portal.web.templating import Template
from portal.words import _, say

router = APIRouter()


@dataclass(frozen=True, slots=True)
class LlmsIndex:
    """What the index for assistants says: the portal's address, and what stands for the key."""

    origin: str
    placeholder: str


GUIDE: Final = Template("guide.html", GuidePage, "guide")
LLMS: Final = Template("llms.txt", LlmsIndex)
_NO_SUCH_FILE: Final = _("These choices have no file of that name.")


async def show(request: Request) -> Response:
    """The set-up guide as a page, or its region for htmx."""
    web = services(request)

    def render(language: Language, as_region: bool) -> Rendered:  # noqa: FBT001 - the cache decides, callers name it
        page = _page(request, web)
        text = web.templates.render(GUIDE, language, page, as_region=as_region)
        return Rendered(text, headers=htmx.pushed_address(f"/?{page.query}") if as_region else {})

    return web.pages.answer(request, render, origin=web.origin_of(request))


plain_routes: Final = (PlainRoute("/", show, methods=["GET"], name="guide:show"),)
"""Where most visits end: the application takes these as they are, beside the router."""


@router.api_route("/settings.json", methods=["GET", "HEAD"], name="guide:settings")
async def settings_json(request: Request) -> Response:
    """The file for these choices as an attachment, the key as a placeholder; 422 when a choice cannot be used."""
    web = services(request)

    def render(language: Language, _as_region: bool) -> Rendered:  # noqa: FBT001 - see `show`
        parsed = _parse(request, web)
        file = downloadable_file(parsed.choices, web.profile, request.query_params.get("file", ""))
        if parsed.refused or file is None:
            reasons = [say(notice.text, language.translations) for notice in parsed.refused]
            return Rendered(
                "\n".join(reasons or [say(_NO_SUCH_FILE, language.translations)]) + "\n", "text/plain", status=422
            )
        disposition = {"content-disposition": f'attachment; filename="{file.place.name}"'}
        return Rendered(file.text, "application/json", disposition)

    return web.pages.answer(request, render)


@router.api_route("/guide.md", methods=["GET", "HEAD"], name="guide:markdown")
async def markdown(request: Request) -> Response:
    """The guide as Markdown."""
    return _document(request, to_markdown, "text/markdown")


@router.api_route("/guide.txt", methods=["GET", "HEAD"], name="guide:text")
async def plain_text(request: Request) -> Response:
    """The guide as plain text."""
    return _document(request, to_plain_text, "text/plain")


@router.api_route("/llms.txt", methods=["GET", "HEAD"], name="guide:llms")
async def llms(request: Request) -> Response:
    """Where an assistant finds the guide (the llms.txt convention: a Markdown index)."""
    web = services(request)
    origin = web.origin_of(request)
    return web.pages.answer(
        request,
        lambda language, _as_region: Rendered(
            web.templates.render(LLMS, language, LlmsIndex(origin, PLACEHOLDER)),
            "text/plain",
        ),
        origin=origin,
    )


def _document(request: Request, write: Callable[[GuidePage, NullTranslations, str], str], media_type: str) -> Response:
    web = services(request)
    origin = web.origin_of(request)
    return web.pages.answer(
        request,
        lambda language, _as_region: Rendered(write(_page(request, web), language.translations, origin), media_type),
        origin=origin,
    )


def _parse(request: Request, web: WebServices) -> ParsedChoices:
    return parse_choices(request.query_params.multi_items(), web.profile)


def _page(request: Request, web: WebServices) -> GuidePage:
    asked = request.query_params.get("lang", "")
    known = {language.code for language in web.languages.all}
    return show_guide(_parse(request, web), web.profile, web.origin_of(request), asked if asked in known else "")
