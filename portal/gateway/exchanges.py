"""Owns what one request over the wire can come to, before it is understood; what `client` gives to the probes. PURE."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from portal.gateway.answers import BODY_LIMIT, Answer
from portal.gateway.outgoing import Outgoing
from portal.gateway.results import TimedOut, Unreachable
from portal.gateway.stages import Connection


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer's head came, and as much of its body as was wanted.

    Attributes:
        duration_ms: from the start of the request to the last byte read, in milliseconds.
        now: when it came; aware.

    """

    answer: Answer
    duration_ms: int
    now: datetime
    connection: Connection = field(default_factory=Connection)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer, or its body did not come to an end in time (then `result.status` is known)."""

    result: TimedOut | Unreachable
    connection: Connection = field(default_factory=Connection)


Exchange: TypeAlias = Answered | Unanswered


class Reader(Protocol):
    """Looks at a body while it arrives."""

    def feed(self, data: bytes, at_ms: int) -> bool:
        """Take the next bytes (decompressed), which came `at_ms` after the request's start; True: that is enough."""


class Send(Protocol):
    """Sends one request within the time that is left; never raises but for cancellation."""

    def __call__(
        self, request: Outgoing, *, reader: Reader | None = None, limit: int = BODY_LIMIT
    ) -> Awaitable[Exchange]:
        """Read at most `limit` bytes of the answer, showing them to `reader` as they come."""
