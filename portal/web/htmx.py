"""Owns htmx's side of HTTP (htmx 4): the only module that spells an `HX-` header.

A request from htmx for a part of the page carries `HX-Request: true` and `HX-Request-Type: partial`; with boosted
links and history restores it asks for whole pages, which it gets like everybody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VARY: Final = ("HX-Request", "HX-Request-Type")
"""What a response that may be a page or a region depends on."""


def wants_region(headers: Mapping[bytes, bytes]) -> bool:
    """Whether htmx asks for a region instead of the page. `headers` are raw: lower-case names, as ASGI gives them."""
    return headers.get(b"hx-request") == b"true" and headers.get(b"hx-request-type") == b"partial"


def pushed_address(address: str) -> dict[str, str]:
    """The response header that makes htmx show `address` in the address bar."""
    return {"HX-Push-Url": address}


def whole_page(address: str) -> dict[str, str]:
    """The response header that makes htmx open `address` as a page instead of swapping a region."""
    return {"HX-Redirect": address}
