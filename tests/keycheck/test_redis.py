"""Checks are counted for all processes in a real Redis, and in each process while it is away."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.keycheck import admission as rules
from portal.keycheck.admission import Admission, AdmissionLimits, Slot, TooManyChecks
from tests.real_parts.redis_server import PASSWORD, RedisServer, running_redis
from tests.support.portal import running_portal

pytestmark = [pytest.mark.anyio, pytest.mark.real("redis")]

LIMITS = AdmissionLimits(per_minute=2, per_minute_in_total=1000, at_once=1000)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with running_redis(tmp_path) as server:
        yield server


@pytest.fixture
async def processes(redis: RedisServer) -> AsyncIterator[tuple[Admission, Admission]]:
    """Two that share the server, as two processes do."""
    both = Admission(replace(LIMITS, redis_url=redis.url)), Admission(replace(LIMITS, redis_url=redis.url))
    yield both
    for one in both:
        await one.close()


async def admitted(admission: Admission, times: int = 1, client: str = "192.0.2.1") -> list[bool]:
    return [isinstance(await admission.admit(client), Slot) for _ in range(times)]


async def test_two_processes_count_together(processes: tuple[Admission, Admission]) -> None:
    one, other = processes
    assert await admitted(one) + await admitted(other) == [True, True]
    answer = await other.admit("192.0.2.1")
    assert isinstance(answer, TooManyChecks)
    assert 1 <= answer.wait_seconds <= 60
    assert await admitted(one, client="192.0.2.2") == [True]


async def test_each_counts_on_its_own_while_redis_is_away_and_together_when_it_is_back(
    redis: RedisServer,
    processes: tuple[Admission, Admission],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "REDIS_REST_SECONDS", 0.0)
    one, other = processes
    assert await admitted(one, 2) == [True, True]
    with caplog.at_level(logging.DEBUG):
        redis.kill()
        assert await admitted(one, 3) == [True, True, False]
        assert await admitted(other, 3) == [True, True, False]
        redis.start()
        assert await admitted(one) + await admitted(other, 2) == [True, True, False]
    said = [record.getMessage() for record in caplog.records if record.name == "portal"]
    assert [text.split(" (")[0] for text in said] == ["Redis does not count"] * 2 + ["Redis counts again"] * 2
    assert PASSWORD not in caplog.text


async def test_redis_is_left_alone_for_a_while_after_it_did_not_answer(
    redis: RedisServer, processes: tuple[Admission, Admission]
) -> None:
    admission, _ = processes
    redis.kill()
    await admitted(admission)
    started = time.monotonic()
    assert await admitted(admission, 100) == [True] + [False] * 99
    assert time.monotonic() - started < 0.5


async def test_visitor_does_not_wait_for_a_redis_that_hangs(
    redis: RedisServer, processes: tuple[Admission, Admission]
) -> None:
    admission, _ = processes
    redis.pause()
    started = time.monotonic()
    assert await admitted(admission) == [True]
    assert time.monotonic() - started < 2 * rules.REDIS_SECONDS


async def test_portal_counts_in_redis_when_it_is_told_to(redis: RedisServer) -> None:
    async with running_portal(redis_url=redis.url, key_checks_per_minute=1) as portal:
        assert (await portal.post("/key-check", data={"key": "sk-x"})).status_code == 200
    async with running_portal(redis_url=redis.url, key_checks_per_minute=1) as another:
        assert (await another.post("/key-check", data={"key": "sk-x"})).status_code == 429
