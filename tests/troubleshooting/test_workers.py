"""Answers through two real `portal serve`, one of them killed: what was acknowledged is there, and nothing twice.

An ordinary run records two thousand outcomes on each database; `ONBOARDING_TEST_OUTCOMES=10000` records that many.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import select

from portal.db import Database
from portal.diagnosis.load import load_catalogue
from portal.journeys.models import Journey, JourneyEvent, Outcome
from portal.profile.load import load_profile
from portal.troubleshooting.setup import read_setup
from portal.troubleshooting.symptom_page import fitting_steps
from portal.troubleshooting.views import Place
from tests.troubleshooting.serving import Worker, serving

pytestmark = pytest.mark.anyio

OUTCOMES: Final = int(os.environ.get("ONBOARDING_TEST_OUTCOMES", "2000"))
CLIENTS: Final = 8
EACH: Final = 10
"""Steps that a visit answers; every second one is answered "Still broken" first."""

SYMPTOM: Final = "hangs"
MACHINE: Final = (("os", "linux"), ("shell", "bash"))


@dataclass
class Told:
    """What the clients were told is saved."""

    visits: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    answers: int = 0
    failed: int = 0
    half: asyncio.Event = field(default_factory=asyncio.Event)


def steps_of_the_symptom() -> tuple[str, ...]:
    profile = load_profile("tokenbay")
    place = Place(load_catalogue(profile), profile, read_setup(MACHINE, profile), "http://portal.test")
    return tuple(step.id for step in fitting_steps(place, place.catalogue.symptoms[SYMPTOM]))


async def say(
    client: httpx.AsyncClient, workers: list[Worker], step: str, outcome: str, told: Told, **fields: str
) -> None:
    """Press a button until a worker says that it is saved, as a browser does that sends a form again."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        worker = random.choice(workers)  # noqa: S311
        try:
            answer = await client.post(
                f"{worker.address}/troubleshoot/{SYMPTOM}/{step}", data={**dict(MACHINE), **fields, "outcome": outcome}
            )
        except httpx.TransportError:
            told.failed += 1
            await asyncio.sleep(0.01)
            continue
        if answer.status_code == 200:
            assert "data-notice" not in answer.text
            return
        assert answer.status_code == 503, answer.text
        told.failed += 1
        await asyncio.sleep(0.05)
    raise AssertionError("nobody acknowledges")


async def visitor(number: int, workers: list[Worker], steps: tuple[str, ...], told: Told, visits: int) -> None:
    for index in range(visits):
        headers = {
            "X-Forwarded-For": f"10.{number}.{index // 250}.{index % 250}",
            "Accept-Encoding": "identity",
            "HX-Request": "true",
            "HX-Request-Type": "partial",
        }
        mine = random.sample(steps, EACH)
        once = secrets.token_urlsafe(16)
        async with httpx.AsyncClient(trust_env=False, timeout=60, headers=headers) as client:
            # The first two at the same time, as in two tabs: neither has a cookie yet.
            await asyncio.gather(*(say(client, workers, one, "not_resolved", told, once=once) for one in mine[:2]))
            for step in mine[2:]:
                await say(client, workers, step, "not_resolved", told, once=once)
            await say(client, workers, mine[0], "resolved", told, once=once)
        told.visits.append(tuple(sorted((one, "resolved" if one == mine[0] else "not_resolved") for one in mine)))
        told.answers += EACH
        if told.answers >= OUTCOMES // 2:
            told.half.set()


async def kept(database: Database) -> list[tuple[tuple[str, str], ...]]:
    """What the database holds of each visit."""
    async with database.reading() as connection:
        rows = (await connection.execute(select(Outcome.journey_id, Outcome.step, Outcome.outcome))).all()
    visits: dict[str, list[tuple[str, str]]] = {}
    for journey, step, outcome in rows:
        if outcome != "shown":
            visits.setdefault(journey, []).append((step, outcome))
    return [tuple(sorted(answers)) for answers in visits.values()]


def differences(
    told: Iterable[tuple[tuple[str, str], ...]], found: Iterable[tuple[tuple[str, str], ...]]
) -> tuple[int, int]:
    """How many visits are missing or incomplete, and how many are there that nobody was told of, or twice."""
    was, has = Counter(told), Counter(found)
    return (was - has).total(), (has - was).total()


async def test_every_acknowledged_outcome_is_there_once_when_a_worker_is_killed(
    database: Database, database_address: str, database_kind: str, tmp_path: Path
) -> None:
    told, steps = Told(), steps_of_the_symptom()
    with ExitStack() as stack:
        first, second = (stack.enter_context(serving(database_address, tmp_path)) for _ in range(2))
        workers = [first, second]

        async def kill_in_the_middle() -> None:
            await told.half.wait()
            await asyncio.to_thread(first.kill)
            await asyncio.sleep(0.2)  # requests to it fail for a moment, and go to the other one
            workers.remove(first)

        started = time.monotonic()
        visits = OUTCOMES // EACH // CLIENTS
        await asyncio.gather(
            kill_in_the_middle(), *(visitor(number, workers, steps, told, visits) for number in range(CLIENTS))
        )
        took = time.monotonic() - started
    print(f"\n{database_kind}: {told.answers} outcomes in {took:.0f} s; {told.failed} tries failed")  # noqa: T201
    assert told.failed > 0, "the kill hit nothing"
    assert told.answers == visits * CLIENTS * EACH
    assert differences(told.visits, await kept(database)) == (0, 0)
    async with database.reading() as connection:
        events = Counter((await connection.execute(select(JourneyEvent.kind))).scalars())
        resolved = (await connection.execute(select(Journey.resolved_at, Journey.helped_at))).all()
    assert events == {"help_opened": len(told.visits)}
    assert len(resolved) == len(told.visits)
    assert all(at and helped for at, helped in resolved)


async def test_the_comparison_notices_an_answer_that_counts_twice_or_is_lost(
    database: Database, database_address: str, tmp_path: Path
) -> None:
    """Without the page's random word, an answer that is sent again begins another visit: that is what is looked for."""
    told = [(("log-out", "not_resolved"),)]
    with serving(database_address, tmp_path) as worker:
        async with httpx.AsyncClient(trust_env=False, timeout=60, base_url=worker.address) as client:
            for times in (1, 2):
                client.cookies.clear()
                answer = await client.post("/troubleshoot/rejected-401/log-out", data={"outcome": "not_resolved"})
                assert answer.status_code == 200
                assert differences(told, await kept(database)) == (0, times - 1)
    assert differences([*told, (("log-out", "resolved"),)], await kept(database)) == (1, 1)
