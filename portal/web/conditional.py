"""Owns entity tags of answers that are small or kept elsewhere: a strong tag of the body, and 304 when it is known.

The twin for rendered pages is `page_cache`, which keeps the tag with the text.
"""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def knows(if_none_match: str, etag: str) -> bool:
    """Whether the header names the tag. Compares weakly, as RFC 9110 (13.1.2) asks for it."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags


def etag_of(body: bytes) -> str:
    """The strong tag of a body, content coding included."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def unless_known(request: Request, response: Response, etag: str = "") -> Response:
    """The response with its tag, or 304 with the same headers about caching when the client has it."""
    response.headers["etag"] = etag or etag_of(bytes(response.body))
    if not knows(request.headers.get("if-none-match", ""), response.headers["etag"]):
        return response
    said = {"etag", "cache-control", "vary", "content-location", "expires"}
    return Response(status_code=304, headers={name: value for name, value in response.headers.items() if name in said})
