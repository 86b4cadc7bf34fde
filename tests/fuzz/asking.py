"""Asks an ASGI application without a client in between: bytes in, bytes out, and the processor time that it took."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

Headers = list[tuple[bytes, bytes]]
FORM: Final = (b"content-type", b"application/x-www-form-urlencoded")

SHARE: Final = os.environ.get("ONBOARDING_TEST_FUZZ", "")
"""`all` asks everything that the portal has to bear; otherwise a sample of it is asked."""


def how_many(*, sample: int, everything: int) -> int:
    """How many requests to make in this run."""
    return everything if SHARE == "all" else sample


def tell(capsys: pytest.CaptureFixture[str], report: str) -> None:
    """Print what was measured, in a run that asks everything."""
    if SHARE == "all":
        with capsys.disabled():
            print(f"\n{report}")  # noqa: T201 - a measurement


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it goes to the application: nothing in it is checked or quoted."""

    path: str
    query: bytes = b""
    method: str = "GET"
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    client: str = "192.0.2.1"


@dataclass(frozen=True, slots=True)
class Answered:
    """The whole answer. `seconds` is processor time of this process, so that a busy machine does not count."""

    status: int
    headers: Headers
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """The first header of that name in lower case, or nothing."""
        return next((value.decode("latin-1") for key, value in self.headers if key.decode().lower() == name), "")


async def ask(app: Any, asked: Asked) -> Answered:
    """What the application answers. What it raises is raised."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http",
        "path": asked.path,
        "raw_path": asked.path.encode("utf-8", "surrogateescape"),
        "root_path": "",
        "query_string": asked.query,
        "headers": [(b"host", b"portal.test"), *asked.headers],
        "client": (asked.client, 1),
        "server": ("portal.test", 80),
        "state": {},
    }
    sent: list[dict[str, Any]] = []
    bodies = iter([{"type": "http.request", "body": asked.body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(bodies, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    before = time.process_time()
    await app(scope, receive, send)
    took = time.process_time() - before
    head = sent[0]
    return Answered(head["status"], list(head["headers"]), b"".join(m.get("body", b"") for m in sent[1:]), took)
