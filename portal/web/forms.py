"""Owns reading a posted form safely: only from our own pages, only text, only as much as a form can hold."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from portal.web.services import services

MAX_FIELDS = 64
VISIT_FIELD: Final = "visit"
"""What the guide's script adds to a form: the random id of the visit's first event (see `journeys.cookie`)."""


async def read_own_form(request: Request, *, longest_part: int = 16 * 1024) -> tuple[tuple[str, str], ...]:
    """The text fields of a form that one of our own pages posted, in order, repeats included.

    `longest_part` is the longest value in bytes; the whole body has its own limit (`middleware.MAX_BODY`).

    Raises:
        HTTPException: 403 for a request that another site caused, 415 for anything but a form, 400 for a broken one.

    """
    if not is_own_request(request):
        raise HTTPException(403)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise HTTPException(415)
    async with request.form(max_files=0, max_fields=MAX_FIELDS, max_part_size=longest_part) as form:
        fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    request.state.visit_seed = next((value for name, value in fields if name == VISIT_FIELD), "")
    return tuple(field for field in fields if field[0] != VISIT_FIELD)


def visit_seed(request: Request) -> str:
    """What the script added to the form that was read of this request, or empty."""
    return str(getattr(request.state, "visit_seed", ""))


def is_own_request(request: Request) -> bool:
    """Whether a browser says that our own page caused the request (`Sec-Fetch-Site`, else `Origin`).

    A client that sends neither header is not a browser acting for somebody else, and passes.
    """
    if site := request.headers.get("sec-fetch-site"):
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or origin == services(request).origin_of(request)
