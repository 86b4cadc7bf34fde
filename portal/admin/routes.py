"""Owns the guarded routes that are not statistics: the audit log, and signing out."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal.admin import audit, sessions
from portal.admin.guard import SIGN_IN, operator_of, session_of
from portal.admin.services import admin
from portal.admin.views import AuditPage, read_before, show_audit
from portal.admin.vocabulary import Action
from portal.web.forms import read_own_form
from portal.web.respond import respond
from portal.web.templating import Template

router = APIRouter()

AUDIT = Template("admin/audit.html", AuditPage)


@router.api_route("/admin/audit", methods=["GET", "HEAD"], name="admin:audit")
async def audit_log(request: Request) -> Response:
    """What was done, newest first; `before` is the id of an entry."""
    before = read_before(request.query_params.get("before", ""))
    async with admin(request).database.reading() as connection:
        entries = await audit.page(connection, before)
    return respond(request, AUDIT, show_audit(operator_of(request), entries, before))


@router.post("/admin/logout", name="admin:sign-out")
async def sign_out(request: Request) -> Response:
    """End this session, or every session of this operator."""
    fields = dict(await read_own_form(request))
    desk, session = admin(request), session_of(request)
    everywhere = "everywhere" in fields
    action = Action.SIGNED_OUT_EVERYWHERE if everywhere else Action.SIGNED_OUT
    async with desk.database.writing() as connection:
        if everywhere:
            await sessions.end_all(connection, session.operator.id)
        else:
            await sessions.end(connection, session.token_hash)
        await audit.note(connection, action, at=desk.now(), name=session.operator.name)
    response = RedirectResponse(SIGN_IN, 303)
    sessions.forget(request, response)
    return response
