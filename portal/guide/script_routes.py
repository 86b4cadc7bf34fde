"""Owns the routes of the scripts: plain text, functions of URL and profile, without a key."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from portal.profile.model import CredentialScheme, GatewayProfile
from portal.scripts.commands import script_text
from portal.scripts.doctor import render_doctor_ps1, render_doctor_sh
from portal.snippets.query import parse_choices, query_for
from portal.snippets.script_lines import ScriptName, script_for
from portal.web.page_cache import Rendered
from portal.web.services import services
from portal.words import Text, _, say

router = APIRouter()

_OTHER_SCRIPT = _("These choices have another script. Open the guide and copy the command from there.")


@router.api_route("/apply.sh", methods=["GET", "HEAD"], name="guide:apply-sh")
async def apply_sh(request: Request) -> Response:
    """The script that sets these choices up, for every shell but PowerShell and cmd; 422 when it cannot be made."""
    return _apply(request, ScriptName.SH)


@router.api_route("/apply.ps1", methods=["GET", "HEAD"], name="guide:apply-ps1")
async def apply_ps1(request: Request) -> Response:
    """The same for PowerShell, which cmd starts as well."""
    return _apply(request, ScriptName.PS1)


@router.api_route("/doctor.sh", methods=["GET", "HEAD"], name="guide:doctor-sh")
async def doctor_sh(request: Request) -> Response:
    """The script that finds out which setting comes from where."""
    return _doctor(request, render_doctor_sh)


@router.api_route("/doctor.ps1", methods=["GET", "HEAD"], name="guide:doctor-ps1")
async def doctor_ps1(request: Request) -> Response:
    """The same for Windows."""
    return _doctor(request, render_doctor_ps1)


def _doctor(request: Request, render: Callable[[GatewayProfile, str, CredentialScheme, str], str]) -> Response:
    web = services(request)
    origin = web.origin_of(request)
    choices = parse_choices(request.query_params.multi_items(), web.profile).choices
    repair = f"{origin}/#fold-merge"
    return web.pages.answer(
        request,
        lambda _language, _region: Rendered(
            render(web.profile, choices.region, choices.credential, repair), "text/plain"
        ),
        origin=origin,
    )


def _apply(request: Request, name: ScriptName) -> Response:
    web = services(request)
    origin = web.origin_of(request)
    parsed = parse_choices(request.query_params.multi_items(), web.profile)
    reasons: list[Text] = [notice.text for notice in parsed.refused]
    if script_for(parsed.choices.target) is not name:
        reasons.append(_OTHER_SCRIPT)
    guide_url = f"{origin}/?{query_for(parsed.choices, web.profile)}"
    return web.pages.answer(
        request,
        lambda language, _region: (
            Rendered("\n".join(say(text, language.translations) for text in reasons), "text/plain", status=422)
            if reasons
            else Rendered(script_text(name, parsed.choices, web.profile, guide_url), "text/plain")
        ),
        origin=origin,
    )
