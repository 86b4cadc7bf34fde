"""Visitors that record without a pause at a running portal, and remember what was acknowledged to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx

from portal.journeys.events import key_of


@dataclass
class Recorded:
    """Keys of events as the database holds them, in the order in which they were acknowledged."""

    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0

    async def more(self, events: int) -> None:
        """Wait until so many further events are acknowledged."""
        goal = len(self.acknowledged) + events
        async with asyncio.timeout(60):
            while len(self.acknowledged) < goal:  # noqa: ASYNC110 - polled: visitors need not know who waits
                await asyncio.sleep(0.01)


def forwarded_for(number: int) -> dict[str, str]:
    """The header of a proxy about one of many visitors, each at an address of its own."""
    return {"x-forwarded-for": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


@asynccontextmanager
async def recording(address: str, *, visitors: int = 4, name: str = "e") -> AsyncIterator[Recorded]:
    """Let visitors record for as long as the block lasts, each event again until it is acknowledged."""
    told = Recorded()
    numbers = count()
    stop = asyncio.Event()

    async def visitor(client: httpx.AsyncClient) -> None:
        while not stop.is_set():
            number = next(numbers)
            event = {"id": f"{name}{number}", "kind": "copied", "target": "apply"}
            one_of_many = forwarded_for(number)
            while not stop.is_set():
                try:
                    answer = await client.post("/journey", json={"events": [event]}, headers=one_of_many)
                except httpx.TransportError:
                    told.refused += 1
                    await asyncio.sleep(0.02)
                    continue
                assert answer.status_code in {200, 503}, answer.text
                if answer.status_code == 200:
                    told.acknowledged.append(key_of(event["id"]))
                    break
                told.refused += 1
                await asyncio.sleep(0.02)
            client.cookies.clear()  # a visit of its own each time

    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=30) as client, asyncio.TaskGroup() as group:
        for _ in range(visitors):
            group.create_task(visitor(client))
        try:
            yield told
        finally:
            stop.set()


async def ask(address: str, method: str = "GET", json: object = None) -> httpx.Response:
    """One request beside the visitors."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return await client.request(method, address, json=json)
