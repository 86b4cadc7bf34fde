"""A good profile document to break in one place, and the problems of the broken one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from portal.profile.document import read_document
from portal.profile.model import GatewayProfile, Logo

_GOOD: dict[str, Any] = {
    "name": "Example",
    "base_url": "https://api.example.com",
    "credential": "bearer",
    "models": {
        "opus": {"id": "big-1", "label": "Big"},
        "sonnet": {"id": "middle-1", "label": "Middle"},
        "haiku": {"id": "small-1", "label": "Small"},
    },
}
_PIXEL = Logo(b"<svg/>", "image/svg+xml")


def no_logo(_: str) -> Logo:
    return _PIXEL


def document(**changes: Any) -> dict[str, Any]:
    """The good document with other values: `models__opus__id="x"` reaches into tables, None removes."""
    result = deepcopy(_GOOD)
    for path, value in changes.items():
        *tables, key = path.split("__")
        table = result
        for name in tables:
            table = table.setdefault(name, {})
        if value is None:
            del table[key]
        else:
            table[key] = value
    return result


def read(**changes: Any) -> GatewayProfile:
    result = read_document(document(**changes), slug="example", read_logo=no_logo)
    assert isinstance(result, GatewayProfile), result
    return result


def problems_of(**changes: Any) -> tuple[str, ...]:
    result = read_document(document(**changes), slug="example", read_logo=no_logo)
    return () if isinstance(result, GatewayProfile) else result


def only_problem(**changes: Any) -> str:
    problems = problems_of(**changes)
    assert len(problems) == 1, problems
    return problems[0]
