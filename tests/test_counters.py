"""Limits are counted for all processes in a real Redis, and in each process while it is away."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from limits import RateLimitItemPerMinute

from portal import counters as rules
from portal.admin.throttle import BY_NAME, SignInThrottle
from portal.counters import Counters, Counting
from portal.errors import ConfigurationError
from portal.troubleshooting.routes import POSTS_PER_MINUTE
from tests.real_parts.redis_server import PASSWORD, RedisServer, running_redis
from tests.support.portal import running_portal
from tests.support.windows import seconds_to_room

pytestmark = pytest.mark.anyio

TWO = RateLimitItemPerMinute(2)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with running_redis(tmp_path) as server:
        yield server


@pytest.fixture
async def processes(redis: RedisServer) -> AsyncIterator[tuple[Counters, Counters]]:
    """Two that share the server, as two processes do."""
    both = Counters(redis.url), Counters(redis.url)
    yield both
    for one in both:
        await one.close()


async def allowed(counters: Counters, times: int = 1, who: str = "192.0.2.1") -> list[bool]:
    return [await counters.hit(TWO, who) == 0 for _ in range(times)]


async def until(counters: Counters, state: Counting) -> None:
    """Use the counters, as requests do, until they are in this state."""
    deadline = time.monotonic() + 20
    while counters.state is not state:
        assert time.monotonic() < deadline
        await counters.hit(RateLimitItemPerMinute(1000), "somebody")
        await asyncio.sleep(0.01)


async def test_each_is_alone_when_there_is_no_redis() -> None:
    counters = Counters()
    assert await counters.look() is Counting.ALONE
    assert await allowed(counters, 3) == [True, True, False]
    assert await allowed(counters, who="192.0.2.2") == [True]


@pytest.mark.real("redis")
async def test_two_processes_count_together(processes: tuple[Counters, Counters]) -> None:
    one, other = processes
    assert await allowed(one) + await allowed(other) == [True, True]
    assert 1 <= await other.hit(TWO, "192.0.2.1") <= 60
    assert await allowed(one, who="192.0.2.2") == [True]
    assert await one.look() is Counting.TOGETHER


@pytest.mark.real("redis")
async def test_each_counts_on_its_own_while_redis_is_away_and_together_when_it_is_back(
    redis: RedisServer,
    processes: tuple[Counters, Counters],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "REDIS_REST_SECONDS", 0.1)
    one, other = processes
    assert await allowed(one, 2) == [True, True]
    with caplog.at_level(logging.DEBUG):
        redis.kill()
        assert await allowed(one, 3) == [True, True, False]
        assert await allowed(other, 3) == [True, True, False]
        assert await one.look() is Counting.AWAY
        await asyncio.sleep(0.2)
        assert await allowed(one, 3) == [False] * 3
        redis.start()
        await until(one, Counting.TOGETHER)
        await until(other, Counting.TOGETHER)
        assert await allowed(one) + await allowed(other, 2) == [True, True, False]
    said = [record.getMessage() for record in caplog.records if record.name == "portal"]
    assert sorted(text.split(" (")[0] for text in said) == ["Redis counts again"] * 2 + ["Redis does not count"] * 2
    assert PASSWORD not in caplog.text


@pytest.mark.real("redis")
async def test_nobody_waits_for_a_redis_that_hangs_but_who_finds_out(
    redis: RedisServer, processes: tuple[Counters, Counters]
) -> None:
    counters, _ = processes
    assert await allowed(counters) == [True]
    redis.pause()
    started = time.monotonic()
    assert await allowed(counters, 3) == [True, True, False]  # the first one waited, and all are counted
    found_out = time.monotonic() - started
    assert rules.REDIS_SECONDS <= found_out < rules.REDIS_SECONDS + 5
    slowest = 0.0
    while time.monotonic() < started + found_out + rules.REDIS_REST_SECONDS + 1:  # a probe runs beside these
        before = time.monotonic()
        await counters.hit(TWO, "192.0.2.9")
        slowest = max(slowest, time.monotonic() - before)
        await asyncio.sleep(0.01)
    assert slowest < rules.REDIS_SECONDS


@pytest.mark.real("redis")
async def test_attempts_to_sign_in_are_counted_together(processes: tuple[Counters, Counters]) -> None:
    one, other = (SignInThrottle(counters) for counters in processes)
    waits = [await (one if number % 2 else other).admit("anna", f"10.0.0.{number}") for number in range(BY_NAME.free)]
    assert waits == [0] * BY_NAME.free
    assert await other.admit("anna", "10.0.1.1") > 0
    await one.forgive("anna")
    assert await other.admit("anna", "10.0.1.1") == 0


@pytest.mark.real("redis")
async def test_portals_share_every_limit_that_protects(redis: RedisServer) -> None:
    async with (
        running_portal(redis_url=redis.url, key_checks_per_minute=1) as one,
        running_portal(redis_url=redis.url, key_checks_per_minute=1) as other,
    ):
        await asyncio.sleep(seconds_to_room(20))
        assert (await one.post("/key-check", data={"key": "sk-x"})).status_code == 200
        assert (await other.post("/key-check", data={"key": "sk-x"})).status_code == 429
        for _ in range(POSTS_PER_MINUTE):
            assert (await one.post("/troubleshoot/diagnose", data={"text": "x"})).status_code == 200
        assert (await other.post("/troubleshoot/diagnose", data={"text": "x"})).status_code == 429
        ready = (await other.get("/readyz")).json()
        assert ready == {"status": "ready", "parts": {"database": "ready", "redis": "ready"}, "reasons": []}


@pytest.mark.parametrize("url", ["redis-that-is-none://:hunter2@x", "redis://:hunter2@host:no-port"])
def test_start_is_refused_with_a_sentence_and_no_password_when_redis_cannot_be_used(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_REDIS_URL") as refused:
        Counters(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
async def test_nobody_is_locked_out_when_the_clock_is_set(jump: float, monkeypatch: pytest.MonkeyPatch) -> None:
    counters = Counters()
    throttle = SignInThrottle(counters)
    while not await throttle.admit("anna", "10.0.0.1"):
        pass
    assert await allowed(counters, 3) == [True, True, False]
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    assert await throttle.admit("anna", "10.0.0.1") == 0
    assert await allowed(counters, 3) == [True, True, False]
