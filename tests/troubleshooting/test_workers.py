"""Answers through the real route of two workers, one of them killed: what was acknowledged is there, nothing twice."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from portal.db import Database
from portal.journeys.models import Journey, Outcome
from tests.journeys.test_workers import Worker, worker

pytestmark = pytest.mark.anyio

CLIENTS = 8
VISITS = 8
"""Visits of each client; each answers two steps, at the same time as in two tabs, and then one of them again."""

SYMPTOM, FIRST, SECOND = "rejected-401", "remove-leftover-key", "log-out"


@dataclass
class Told:
    """What the clients were told."""

    visits: int = 0
    failed: int = 0
    half: asyncio.Event = field(default_factory=asyncio.Event)


async def say(client: httpx.AsyncClient, workers: list[Worker], step: str, outcome: str, told: Told, once: str) -> None:
    """Press a button until a worker says that it is saved, as a browser does that sends a form again."""
    deadline = time.monotonic() + 60
    fields = {"os": "linux", "shell": "bash", "once": once, "outcome": outcome}
    while time.monotonic() < deadline:
        try:
            address = random.choice(workers).address  # noqa: S311
            answer = await client.post(f"{address}/troubleshoot/{SYMPTOM}/{step}", data=fields)
        except httpx.TransportError:
            told.failed += 1
            await asyncio.sleep(0.01)
            continue
        if answer.status_code == 200:
            return
        assert answer.status_code == 503, answer.text
        told.failed += 1
    raise AssertionError("nobody acknowledges")


async def visitor(workers: list[Worker], told: Told) -> None:
    for _ in range(VISITS):
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            once = secrets.token_urlsafe(16)
            tabs = ((FIRST, "not_resolved"), (SECOND, "not_resolved"))
            await asyncio.gather(*(say(client, workers, *tab, told, once) for tab in tabs))
            await say(client, workers, SECOND, "resolved", told, once)
        told.visits += 1
        if told.visits >= CLIENTS * VISITS // 2:
            told.half.set()


async def test_every_acknowledged_answer_is_there_once_when_a_worker_is_killed(
    database: Database, database_address: str, tmp_path: Path
) -> None:
    told = Told()
    with worker(database_address, tmp_path) as first, worker(database_address, tmp_path) as second:
        workers = [first, second]

        async def kill_in_the_middle() -> None:
            await told.half.wait()
            await asyncio.to_thread(first.kill)
            await asyncio.sleep(0.2)
            workers.remove(first)

        await asyncio.gather(kill_in_the_middle(), *(visitor(workers, told) for _ in range(CLIENTS)))
    async with database.reading() as connection:
        rows = (await connection.execute(select(Outcome.step, Outcome.outcome))).all()
        resolved = (await connection.execute(select(Journey.resolved_at, Journey.helped_at))).all()
    said = sorted((step, outcome) for step, outcome in rows if outcome != "shown")
    assert told.failed > 0, "the kill hit nothing"
    assert said == sorted([(FIRST, "not_resolved"), (SECOND, "resolved")] * (CLIENTS * VISITS))
    assert len(resolved) == CLIENTS * VISITS
    assert all(at and helped for at, helped in resolved)
