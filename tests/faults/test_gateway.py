"""The gateway hangs, resets, or answers garbage: each check says so, the guide goes on, and a good gateway is found."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import httpx
import pytest

from portal.gateway.fake import create_fake_gateway
from tests.faults.line import Fault, Line, troubled_line
from tests.faults.processes import profile_for, serving
from tests.faults.visitors import busy, client
from tests.real_parts.servers import serve
from tests.support.pages import one, parse

pytestmark = pytest.mark.anyio

HANGING = 12
"""Checks that hang at one time."""


async def verdict(browser: httpx.AsyncClient) -> str:
    answer = await browser.post("/key-check", data={"key": "sk-demo-good"})
    assert answer.status_code == 200, answer.text
    return str(one(parse(answer.text), "[data-verdict]").get("data-verdict"))


async def hang(address: str, begun: list[int]) -> None:
    """Begin a check over the stream, and leave when the first region has come."""
    async with (
        client(address) as browser,
        browser.stream("POST", "/key-check/live", data={"key": "sk-demo-good"}) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("event: region"):
                begun.append(1)
                await asyncio.sleep(3)
                return


async def test_guide_goes_on_and_checks_end_with_a_verdict_when_the_gateway_fails(tmp_path: Path) -> None:
    with (
        serve(create_fake_gateway(event_seconds=0)) as gateway,
        troubled_line(gateway) as line,
        serving(tmp_path, f"sqlite:///{tmp_path / 'portal.db'}", profile=profile_for(tmp_path, line.address)) as portal,
    ):
        async with client(portal.address) as browser, busy(lambda: portal.address, recorders=1) as told:
            assert await verdict(browser) == "accepted"
            for fault in (Fault.RESETS, Fault.GARBAGE, Fault.CUT):
                _fail(line, fault)
                assert await verdict(browser) not in {"accepted", "rejected"}, fault
            _fail(line, Fault.HANGS)
            begun: list[int] = []
            before = told.statuses["/ 200"]
            await asyncio.gather(*(hang(portal.address, begun) for _ in range(HANGING)))
            assert len(begun) == HANGING
            assert told.statuses["/ 200"] > before
            _fail(line, Fault.NONE)
            assert await verdict(browser) == "accepted"
        assert told.slowest["/"] < 10


def _fail(line: Line, fault: Fault) -> None:
    """Let new connections fail, and end the ones that there are."""
    line.fault = fault
    while line.open:
        line.open.pop().close()


async def test_running_check_ends_and_nothing_waits_when_the_portal_is_stopped(tmp_path: Path) -> None:
    with (
        serve(create_fake_gateway(slow_seconds=4, event_seconds=0)) as gateway,
        serving(tmp_path, f"sqlite:///{tmp_path / 'portal.db'}", profile=profile_for(tmp_path, gateway)) as portal,
    ):
        async with client(portal.address) as browser, client(portal.address) as idle:
            assert (await idle.get("/")).status_code == 200  # its connection stays open
            lines: list[str] = []

            async def listen() -> None:
                async with browser.stream("POST", "/key-check/live", data={"key": "sk-demo-slow"}) as answer:
                    lines.extend([line async for line in answer.aiter_lines()])

            listening = asyncio.create_task(listen())
            await asyncio.sleep(1)
            took = await asyncio.to_thread(portal.end, signal.SIGTERM)
            await listening
        assert "event: end" in lines
        assert 1 < took < 24
        await asyncio.to_thread(portal.start)
        assert await asyncio.to_thread(portal.end, signal.SIGTERM) < 10, "nothing ran"
