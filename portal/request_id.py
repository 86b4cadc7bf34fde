"""Owns the name of a request: 128 random bits as 32 hexadecimal digits, carried along with everything the request does.

The visitor sees it on an error page, the operator finds it in the log. It says nothing about either of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextvars import ContextVar, Token
from typing import Final

HEADER: Final = b"x-request-id"

_ACCEPTED: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_current: Final[ContextVar[str]] = ContextVar("portal_request_id", default="")


def current_request_id() -> str:
    """The name of the request that this code runs for; empty outside of requests."""
    return _current.get()


def new_request_id() -> str:
    """A name that nobody else has."""
    return os.urandom(16).hex()


def given_request_id(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The name that a proxy gave the request: 8 to 64 letters, digits, `.`, `_`, `-`; else empty.

    Only for requests of a trusted proxy: whoever may choose the name may write it into the log.
    """
    given = [value for name, value in headers if name == HEADER]
    return given[0].decode("ascii") if len(given) == 1 and _ACCEPTED.fullmatch(given[0]) else ""


def enter_request(name: str) -> Token[str]:
    """Let `name` be the current one until `leave_request`."""
    return _current.set(name)


def leave_request(token: Token[str]) -> None:
    """Let the one before be the current one again."""
    _current.reset(token)
