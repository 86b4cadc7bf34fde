"""The clock is set back and forth under the portal: sessions, limits and days survive it."""

from __future__ import annotations

import asyncio
import json
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from portal.gateway.fake import create_fake_gateway
from tests.faults.processes import PortalProcess, environment, profile_for
from tests.faults.visitors import add_operator, client, sign_in
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import serve
from tests.support.databases import migrated

pytestmark = [pytest.mark.anyio, pytest.mark.real("faketime")]

DAY = 86_400


class Clock:
    """The clock of one portal."""

    def __init__(self, folder: Path, portal: PortalProcess) -> None:
        self._file = folder / "clock"
        self._portal = portal
        self._file.write_text("+0\n")
        portal.environment |= {
            "LD_PRELOAD": str(real_part("faketime").path),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    async def set(self, seconds: int) -> None:
        """Let it differ by so many seconds from this machine's; returns when the portal goes by it."""
        self._file.write_text(f"{seconds:+d}\n")
        deadline = time.monotonic() + 60
        async with client(self._portal.address) as browser:
            while True:
                date = parsedate_to_datetime((await browser.get("/healthz")).headers["date"])
                if abs(date.timestamp() - time.time() - seconds) < 60:
                    return
                assert time.monotonic() < deadline
                await asyncio.sleep(0.2)


async def record(browser: httpx.AsyncClient, name: str) -> None:
    event = {"id": f"event-of-a-visitor-{name}", "kind": "copied", "target": "apply"}
    answer = await browser.post("/journey", json={"events": [event]})
    assert answer.status_code == 200, answer.text


async def visits(operator: httpx.AsyncClient) -> int:
    """What the statistics say of the last days, by the portal's clock."""
    answer = await operator.get("/admin/stats.json")
    assert answer.status_code == 200, answer.text
    return sum(row["count"] for row in json.loads(answer.text)["rows"] if row["measure"] == "visits")


async def check(address: str) -> int:
    async with client(address) as browser:
        browser.headers["x-forwarded-for"] = "10.9.0.1"
        return (await browser.post("/key-check", data={"key": "sk-demo-rejected"})).status_code


async def test_sessions_limits_and_days_survive_when_the_clock_is_set(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'portal.db'}"
    await asyncio.to_thread(migrated, database)
    with serve(create_fake_gateway(event_seconds=0)) as gateway:
        given = environment(tmp_path, database, profile=profile_for(tmp_path, gateway), key_checks_per_minute="1")
        portal = PortalProcess(given, tmp_path / "portal.log")
        clock = Clock(tmp_path, portal)
        try:
            await asyncio.to_thread(portal.start)
            await add_operator(database)
            async with client(portal.address) as operator, client(portal.address) as visitor:
                await sign_in(operator)
                await record(visitor, "one")
                cookie = dict(visitor.cookies)
                assert await visits(operator) == 1
                assert [await check(portal.address) for _ in range(2)] == [200, 429]

                await clock.set(-DAY)
                assert await visits(operator) == 0, "the session lives on, and the visit began tomorrow"
                await record(visitor, "two")
                assert dict(visitor.cookies) == cookie, "it is the same visit"
                async with client(portal.address) as another:
                    await record(another, "three")
                assert await visits(operator) == 2
                assert await check(portal.address) == 200, "nobody is locked out until tomorrow"

                await clock.set(0)
                assert (await operator.get("/admin")).status_code == 303, "by the clock, nobody was here for a day"
                await sign_in(operator)
                assert await visits(operator) == 4, "two visitors and two key checks"

                await asyncio.to_thread(portal.end)
                await asyncio.to_thread(portal.start)
                await clock.set(30 * DAY)
                assert (await operator.get("/admin")).status_code == 303, "thirty days are too long for a session"
                await sign_in(operator)
                async with client(portal.address) as another:
                    await record(another, "four")
                await _until(portal, "counted")  # it closes the days of the next month

                await clock.set(0)
                await asyncio.to_thread(portal.end)
                await asyncio.to_thread(portal.start)
                async with client(portal.address) as another:
                    await record(another, "five")
                deadline = time.monotonic() + 60
                while await visits(operator) != 5:  # until the closed days of the future are forgotten
                    assert time.monotonic() < deadline, await visits(operator)
                    await asyncio.sleep(0.5)
        finally:
            if portal.process:
                portal.process.kill()
                portal.process.wait()
    assert "Traceback" not in portal.said


async def _until(portal: PortalProcess, word: str) -> None:
    deadline = time.monotonic() + 60
    while word not in portal.said:
        assert time.monotonic() < deadline, portal.said
        await asyncio.sleep(0.2)
