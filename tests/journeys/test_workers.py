"""Two workers on one database, one of them killed in the middle: what was acknowledged is there, and nothing twice."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from portal.db import Database
from portal.journeys.models import Journey, JourneyEvent, Outcome

pytestmark = pytest.mark.anyio

OUTCOMES = 10_000
CLIENTS = 16
BATCH = 25
START_SECONDS = 60.0


@dataclass
class Worker:
    """A process of `tests.journeys.worker` (the portal, and a route that records outcomes as troubleshooting does)."""

    process: subprocess.Popen[str]
    address: str

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def worker(database: str, folder: Path) -> Iterator[Worker]:
    command = [sys.executable, "-u", "-m", "tests.journeys.worker", database]
    with (
        (folder / "worker.log").open("a") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address.startswith("http"), (folder / "worker.log").read_text()
        try:
            yield Worker(process, address)
        finally:
            process.kill()


@dataclass
class Told:
    """What the clients were told was recorded."""

    outcomes: set[tuple[str, str]] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    refused: int = 0
    half: asyncio.Event = field(default_factory=asyncio.Event)


async def send(client: httpx.AsyncClient, workers: list[Worker], path: str, body: object, told: Told) -> httpx.Response:
    """Send until one worker acknowledges, as a browser does: again, with the same ids."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            answer = await client.post(random.choice(workers).address + path, json=body)  # noqa: S311
        except httpx.TransportError:  # the worker was killed: whether it was recorded is not known
            told.refused += 1
            await asyncio.sleep(0.01)
            continue
        if answer.status_code == 200:
            return answer
        assert answer.status_code == 503, answer.text
        told.refused += 1
        await asyncio.sleep(0.05)
    raise AssertionError("nobody acknowledges")


async def visitor(workers: list[Worker], numbers: list[int], told: Told) -> None:
    """Record outcomes in batches, half of the steps answered twice, and events beside each batch."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        for start in range(0, len(numbers), BATCH):
            batch = numbers[start : start + BATCH]
            journey = f"visit-{batch[0]}"
            twice = start % (2 * BATCH) == 0  # every other batch is answered twice
            for outcome in ("not_resolved", "resolved") if twice else ("resolved",):
                steps = [{"step": f"step-{number}", "outcome": outcome} for number in batch]
                await send(client, workers, f"/outcomes/{journey}", steps, told)
            told.outcomes |= {(journey, f"step-{number}") for number in batch}
            if len(told.outcomes) >= OUTCOMES // 2:
                told.half.set()
            events = [{"id": f"e{number}", "kind": "copied", "target": "apply"} for number in batch[:5]]
            answer = await send(client, workers, "/journey", {"events": events}, told)
            told.events |= {one["id"] for one in answer.json()["results"]}


async def test_every_acknowledged_outcome_is_there_once_when_a_worker_is_killed(
    database: Database, database_address: str, tmp_path: Path, database_kind: str
) -> None:
    told = Told()
    with worker(database_address, tmp_path) as first, worker(database_address, tmp_path) as second:
        workers = [first, second]

        async def kill_in_the_middle() -> None:
            await told.half.wait()
            await asyncio.to_thread(first.kill)
            await asyncio.sleep(0.2)  # requests to it fail for a moment, and go to the other one
            workers.remove(first)

        started = time.monotonic()
        numbers = list(range(OUTCOMES))
        parts = [numbers[index * OUTCOMES // CLIENTS : (index + 1) * OUTCOMES // CLIENTS] for index in range(CLIENTS)]
        await asyncio.gather(kill_in_the_middle(), *(visitor(workers, part, told) for part in parts))
        took = time.monotonic() - started
    async with database.reading() as connection:
        rows = (await connection.execute(select(Outcome.journey_id, Outcome.step, Outcome.outcome))).all()
        events = (await connection.execute(select(func.count()).select_from(JourneyEvent))).scalar()
        unfinished = select(func.count()).select_from(Journey).where(Journey.started_at > Journey.last_at)
        assert (await connection.execute(unfinished)).scalar() == 0
        visits = (await connection.execute(select(func.count()).select_from(Journey))).scalar()
    print(f"\n{database_kind}: {OUTCOMES} outcomes in {took:.1f} s; {told.refused} tries failed")  # noqa: T201
    assert told.refused > 0, "the kill hit nothing"
    # A row's key keeps it single within a visit; what was sent again could count twice only as a visit of its own.
    assert visits == len({journey for journey, _ in told.outcomes}) + CLIENTS
    assert len(rows) == OUTCOMES
    assert {(journey, step) for journey, step, _ in rows} == told.outcomes
    assert {outcome for _, _, outcome in rows} == {"resolved"}
    assert events == len(told.events)
