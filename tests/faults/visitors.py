"""Visitors who go on while something fails: what they were told is kept, to be compared with what is there."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import httpx
from sqlalchemy import select

from portal.admin import accounts
from portal.admin.passwords import Passwords
from portal.db import Database
from portal.journeys.events import key_of
from portal.journeys.models import JourneyEvent
from portal.journeys.vocabulary import Kind
from portal.web.readiness import KEPT_SECONDS
from tests.support.load import forwarded_for

PASSWORD: Final = "kettle-orbit-mango"
PATIENCE: Final = 60.0
_numbers = count(1)


@dataclass
class Told:
    """What visitors were told, and what they saw."""

    recorded: set[str] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    verify: ssl.SSLContext | bool = True

    def saw(self, what: str, answer: httpx.Response, started: float, allowed: set[int]) -> None:
        self.statuses[f"{what} {answer.status_code}"] += 1
        self.slowest[what] = max(self.slowest.get(what, 0.0), time.monotonic() - started)
        if answer.status_code not in allowed:
            self.odd.append(f"{what} {answer.status_code} {answer.text[:200]}")


def client(address: str, verify: ssl.SSLContext | bool = True) -> httpx.AsyncClient:  # noqa: FBT001, FBT002 - httpx's own
    """A browser at an address of its own, if the portal believes its proxy; `verify` is httpx's."""
    headers = forwarded_for(next(_numbers))
    return httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=PATIENCE, verify=verify)


async def recording(addresses: Callable[[], str], told: Told) -> None:
    """New visitors, each with one event, sent with the same id until somebody acknowledges; as the page does."""
    while not told.over.is_set():
        name = f"event-of-a-visitor-{next(_numbers)}"
        async with client("http://unused", told.verify) as browser:
            while True:
                started = time.monotonic()
                event = {"id": name, "kind": "copied", "target": "apply"}
                try:
                    answer = await browser.post(f"{addresses()}/journey", json={"events": [event]})
                except httpx.TransportError as error:  # its portal ended: whether it was recorded is not known
                    told.statuses[f"journey {type(error).__name__}"] += 1
                    await asyncio.sleep(0.05)
                    continue
                by_proxy = answer.status_code in {502, 503} and "x-request-id" not in answer.headers
                told.saw("journey by the proxy" if by_proxy else "journey", answer, started, {200, 502, 503})
                if answer.status_code == 200:
                    told.recorded.add(name)
                    break
                if answer.status_code == 503 and not by_proxy:
                    assert answer.headers.get("retry-after"), answer.text
                await asyncio.sleep(0.05)
                if told.over.is_set():
                    break


async def reading(addresses: Callable[[], str], told: Told, *paths: str) -> None:
    """A visitor who clicks on, from page to page, and never meets an error."""
    async with client("http://unused", told.verify) as browser:
        while not told.over.is_set():
            for path in paths:
                started = time.monotonic()
                answer = await browser.get(addresses() + path)
                told.saw(path, answer, started, {200})
            await asyncio.sleep(0.02)


@asynccontextmanager
async def busy(
    addresses: Callable[[], str],
    *,
    recorders: int = 4,
    pages: tuple[str, ...] = ("/",),
    verify: ssl.SSLContext | bool = True,
) -> AsyncIterator[Told]:
    """Visitors record and read while the block runs; a mistake of theirs is raised at its end."""
    told = Told(verify=verify)
    work = [asyncio.create_task(recording(addresses, told)) for _ in range(recorders)]
    work.append(asyncio.create_task(reading(addresses, told, *pages)))
    try:
        yield told
    finally:
        told.over.set()
        await asyncio.gather(*work)
    assert not told.odd, told.odd[:5]


async def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        await asyncio.sleep(0.05)


async def some_more(told: Told, events: int = 40) -> None:
    """Wait until so many further events were acknowledged."""
    wanted = len(told.recorded) + events
    await until(lambda: len(told.recorded) >= wanted)


async def ready(address: str) -> dict[str, object]:
    """What `/readyz` says of now: what was found before is waited out."""
    await asyncio.sleep(KEPT_SECONDS)
    async with client(address) as browser:
        answer = await browser.get("/readyz")
    found = answer.json()
    assert isinstance(found, dict)
    return found


async def compare(database: str, told: Told) -> None:
    """Every acknowledged event is there, once; and each visitor is one visit."""
    looked_at = Database(database)
    try:
        async with looked_at.reading() as connection:
            found = select(JourneyEvent.key, JourneyEvent.journey_id).where(JourneyEvent.kind == Kind.COPIED.value)
            rows = list(await connection.execute(found))
    finally:
        await looked_at.close()
    keys = {row.key for row in rows}
    assert len(rows) == len(keys) == len({row.journey_id for row in rows})
    missing = {name for name in told.recorded if key_of(name) not in keys}
    assert not missing
    print(f"\n{len(told.recorded)} acknowledged, {len(keys)} there; {dict(told.statuses)}; {told.slowest}")  # noqa: T201


async def add_operator(database: str) -> None:
    """An account, `anna`, made beside the running portal."""
    made = Database(database)
    try:
        hashed = await Passwords().hashed(PASSWORD)
        async with made.writing() as connection:
            assert await accounts.add(connection, "anna", hashed, 1)
    finally:
        await made.close()


async def sign_in(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(
        "/admin/login", data={"name": "anna", "password": PASSWORD}, headers={"sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 303, answer.text
