"""Owns what the simulated gateway remembers of the requests it saw: never a whole credential, never a prompt."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_CREDENTIAL_NAME: Final = re.compile(r"authorization|cookie|.*(?:api-?key|token|secret).*", re.IGNORECASE)
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request.

    Attributes:
        model: the model asked for, or empty when the request has none or was turned away before it was read.
        credentials: every header that carries a credential -> the last four characters of its value.
        headers: the names of all headers, in lower case.
        stream: whether a streamed answer was asked for.

    """

    method: str
    path: str
    query: str
    model: str
    credentials: Mapping[str, str]
    headers: tuple[str, ...]
    stream: bool


class RequestLog:
    """The last requests, oldest first; at most `limit` of them."""

    def __init__(self, limit: int = 1000) -> None:
        self._requests: deque[SeenRequest] = deque(maxlen=limit)

    @property
    def requests(self) -> tuple[SeenRequest, ...]:
        """What was seen so far, oldest first."""
        return tuple(self._requests)

    def messages(self) -> tuple[SeenRequest, ...]:
        """Only the requests to `POST /v1/messages`."""
        return tuple(seen for seen in self._requests if (seen.method, seen.path) == ("POST", "/v1/messages"))

    def add(self, seen: SeenRequest) -> None:
        """Remember a request, forgetting the oldest when full."""
        self._requests.append(seen)

    def clear(self) -> None:
        """Forget everything."""
        self._requests.clear()


def credentials_in(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The credential headers -> the last four characters of each value; nothing of values under eight characters."""
    return {
        name.lower(): value[-_SHOWN:] if len(value) >= 2 * _SHOWN else ""
        for name, value in headers
        if _CREDENTIAL_NAME.fullmatch(name)
    }
