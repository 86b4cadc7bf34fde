"""Owns what the operator's routes share: built once by the composition root, found again through the request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from portal.admin.sessions import Lifetimes
from portal.db import Database
from portal.signing import Signer


def now_ms() -> int:
    """The time, in milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class AdminServices:
    """What signing in and looking needs; `app.state.admin`."""

    database: Database
    signer: Signer
    lifetimes: Lifetimes
    now: Callable[[], int] = now_ms


def admin(request: Request) -> AdminServices:
    """The operator's side of the application that got this request."""
    return cast(AdminServices, request.app.state.admin)
