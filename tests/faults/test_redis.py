"""Redis is killed and started again under visitors: limits hold in each process, and together again afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from portal.gateway.fake import create_fake_gateway
from tests.faults.processes import profile_for, serving
from tests.faults.visitors import busy, client, compare, ready, some_more, until
from tests.real_parts.redis_server import PASSWORD, running_redis
from tests.real_parts.servers import serve
from tests.support.windows import seconds_to_room

pytestmark = [pytest.mark.anyio, pytest.mark.real("redis")]

LIMIT = 3


async def checks(address: str, times: int, who: str) -> list[int]:
    """The statuses of so many key checks by one client."""
    async with client(address) as browser:
        browser.headers["x-forwarded-for"] = who
        return [(await browser.post("/key-check", data={"key": "sk-demo-rejected"})).status_code for _ in range(times)]


async def test_limits_hold_in_each_process_while_redis_is_away_and_together_when_it_is_back(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'portal.db'}"
    with running_redis(tmp_path) as redis, serve(create_fake_gateway(event_seconds=0)) as gateway:
        profile = profile_for(tmp_path, gateway)
        shared = {"redis_url": redis.url, "key_checks_per_minute": str(LIMIT), "profile": profile}
        with (
            serving(tmp_path, database, "one", **shared) as one,
            serving(tmp_path, database, "other", **shared) as other,
        ):
            await asyncio.sleep(seconds_to_room(10))
            assert await checks(one.address, 2, "10.9.0.1") == [200, 200]
            assert await checks(other.address, 2, "10.9.0.1") == [200, 429]
            async with busy(lambda: one.address, recorders=2) as told:
                redis.kill()
                await asyncio.sleep(seconds_to_room(15))
                for process in (one, other):
                    assert await checks(process.address, LIMIT + 2, "10.9.0.2") == [200] * LIMIT + [429] * 2
                    said = await ready(process.address)
                    assert (said["status"], said["parts"]) == ("degraded", {"database": "ready", "redis": "away"})
                await some_more(told)
                redis.start()
                async with client(one.address) as asking:
                    for process in (one, other):
                        said = {}

                        async def is_back(address: str = process.address) -> bool:
                            return bool((await asking.get(f"{address}/readyz")).json()["status"] == "ready")

                        while not await is_back():
                            await some_more(told, 1)
            await asyncio.sleep(seconds_to_room(10))
            assert await checks(one.address, 2, "10.9.0.3") == [200, 200]
            assert await checks(other.address, 2, "10.9.0.3") == [200, 429]
            await until(lambda: "Redis counts again" in one.said + other.said)
        for process in (one, other):
            assert process.said.count("Redis does not count") == 1
            assert process.said.count("Redis counts again") == 1
            assert PASSWORD not in process.said
        await compare(database, told)
