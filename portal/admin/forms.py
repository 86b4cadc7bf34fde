"""Owns reading the sign-in form and the way back (PURE): what was typed, and where to go afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HOME: Final = "/admin"
MAX_FIELD: Final = 2048
MAX_BACK: Final = 1024
"""Longest way back in characters; it travels in a cookie, which may have 4,096 bytes."""

_PATH: Final = r"/admin(?:/[a-z0-9][a-z0-9-]*(?:\.[a-z0-9]+)?)*"
_QUERY: Final = r"(?:\?[A-Za-z0-9_.~%&=+:,@/*!-]*)?"
_BACK: Final = re.compile(_PATH + _QUERY)
_NOT_BACK: Final = re.compile(r"/admin/(?:login|logout|oidc)\b")


@dataclass(frozen=True, slots=True)
class SignInForm:
    """What was typed. The password stays out of the repr."""

    name: str
    password: Password
    next: str


class Password:
    """A typed password: nothing prints it by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Password(…)"

    def reveal(self) -> str:
        """The password itself; for hashing and checking only."""
        return self._value


def read_sign_in(fields: Sequence[tuple[str, str]]) -> SignInForm:
    """Read the form's fields. What is too long becomes something that no account has."""
    values = dict(fields)
    return SignInForm(
        name=values.get("name", "").strip()[:MAX_FIELD],
        password=Password(values.get("password", "")[:MAX_FIELD]),
        next=way_back(values.get("next", "")),
    )


def way_back(given: str) -> str:
    r"""Where to go after signing in: `given` if it is an address of ours below `/admin`, else `/admin`.

    A list of what is allowed, not of what is dangerous: no other host (`//host`, `/\\host`), no dots that climb, no
    encoded signs in the path, nothing that a browser drops or reads as a slash.
    """
    if len(given) > MAX_BACK or not _BACK.fullmatch(given) or _NOT_BACK.match(given):
        return HOME
    return given


def query_text(query: Mapping[str, str], name: str, most: int = MAX_FIELD) -> str:
    """A parameter of the query, or empty when it is missing or too long."""
    value = query.get(name, "")
    return value if len(value) <= most else ""
