"""Owns answers that are made anew for every request and never kept: page or region, and the headers that say so.

Its twin for texts that are functions of their URL is `page_cache`; no other module decides between page and region.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from portal.web import htmx
from portal.web.compression import SMALLEST_WORTHWHILE, Coding, choose_coding, encode
from portal.web.services import services
from portal.web.templating import Template, View


def respond(
    request: Request,
    template: Template[View],
    page: View,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Render `page` as a whole page, or as the template's region when htmx asks for a part."""
    web = services(request)
    text = web.templates.render(
        template, web.language_of(request), page, as_region=htmx.wants_region(dict(request.headers.raw))
    )
    said = {"cache-control": "no-store", "vary": ", ".join(("Accept-Encoding", *htmx.VARY)), **(headers or {})}
    coding = choose_coding(request.headers.get("accept-encoding", ""))
    body = text.encode()
    if len(body) >= SMALLEST_WORTHWHILE and coding is not Coding.IDENTITY:
        return HTMLResponse(encode(body, coding), status, {**said, "content-encoding": coding.value})
    return HTMLResponse(body, status, said)
