"""A gateway made of fixed answers, for the probes without a network; and the access that all tests use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from portal.gateway.access import Access, access_for
from portal.gateway.answers import BODY_LIMIT, Answer
from portal.gateway.exchanges import Answered, Exchange, Reader, Unanswered
from portal.gateway.outgoing import Outgoing
from portal.gateway.results import TimedOut, Unreachable
from portal.keys import ApiKey
from tests.gateway.conftest import make_profile

KEY = "sk-Rk3v9QzTfW2mXb7LpYcN5hJd"
JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}


def access() -> Access:
    return access_for(make_profile(), ApiKey(KEY))


@dataclass
class Wire:
    """Answers each request by `reply`; each of the body's pieces comes `pause_ms` after the one before."""

    reply: Callable[[Outgoing], Answer | TimedOut | Unreachable]
    pause_ms: int = 50
    piece: int = 64
    sent: list[Outgoing] = field(default_factory=list)

    async def __call__(self, request: Outgoing, *, reader: Reader | None = None, limit: int = BODY_LIMIT) -> Exchange:
        self.sent.append(request)
        answer = self.reply(request)
        if not isinstance(answer, Answer):
            return Unanswered(answer)
        at_ms = 0
        for start in range(0, len(answer.body[:limit]) if reader else 0, self.piece):
            at_ms += self.pause_ms
            assert reader
            if reader.feed(answer.body[start : start + self.piece], at_ms):
                break
        return Answered(answer, at_ms, datetime(2026, 1, 1, tzinfo=UTC))
