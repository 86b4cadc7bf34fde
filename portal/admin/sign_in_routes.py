"""Owns the open routes of the operator's side: the sign-in page."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from portal.admin.views import SignInPage
from portal.web.respond import respond
from portal.web.templating import Template

router = APIRouter()

SIGN_IN_PAGE: Final = Template("admin/sign_in.html", SignInPage)


@router.api_route("/admin/login", methods=["GET", "HEAD"], name="admin:sign-in-page")
async def sign_in_page(request: Request) -> Response:
    """The sign-in page."""
    return respond(request, SIGN_IN_PAGE, SignInPage("/admin", "", has_passwords=True, first_account=False))
