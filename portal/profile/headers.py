"""PURE: owns the rules for custom headers, which reach Claude Code through `ANTHROPIC_CUSTOM_HEADERS`.

That variable holds one `Name: Value` per line, so neither part may break a line. An `Authorization` there loses
against `ANTHROPIC_AUTH_TOKEN`, and an `x-api-key` there is sent beside the credential (measured with 2.1.330).
"""

from __future__ import annotations

import re
from typing import Final

from portal.profile.model import KEY_FIELD
from portal.profile.texts import nearest, shown, text_problems

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, section 5.6.2."""

_FIELD: Final = re.compile(r"\{\s*\w*\s*\}")
_CREDENTIALS: Final = {
    "authorization": 'is overruled by Claude Code\'s own Authorization; remove it and set credential = "bearer"',
    "x-api-key": 'would be sent beside the credential; remove it and set credential = "x-api-key"',
}
_TRANSPORT: Final = frozenset({"host", "content-length", "content-type", "connection", "transfer-encoding"})


def header_name_problems(name: str) -> list[str]:
    """Judge the name of a custom header."""
    if len(name) > 100:
        return ["is too long for a header name; shorten it to 100 characters or fewer"]
    if not _TOKEN.fullmatch(name):
        return ["is not a header name (RFC 9110); use letters, digits and hyphens, without blanks or colon"]
    if problem := _CREDENTIALS.get(name.lower()):
        return [problem]
    if name.lower() in _TRANSPORT:
        return ["belongs to the HTTP client, which sets it itself; remove it"]
    return []


def header_value_problems(value: str) -> list[str]:
    """Judge the value of a custom header; `{key}` in it stands for the visitor's key."""
    problems = text_problems(value, limit=1000)
    if not value.isascii():
        problems.append("contains a non-ASCII character, which a header cannot carry; write it in ASCII")
    if value != value.strip(" "):
        problems.append("begins or ends with a blank, which HTTP drops; remove it")
    for field in _FIELD.findall(value):
        if field != KEY_FIELD:
            meant = f"write {KEY_FIELD}" if nearest(field, [KEY_FIELD]) else f"write it out, or {KEY_FIELD} for the key"
            problems.append(f"contains {shown(field)}, which the portal cannot fill; {meant}")
    return problems
