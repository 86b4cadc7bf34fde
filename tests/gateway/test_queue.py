"""Many requests at one time: who waits for whom, how long, and whose fault it is."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest

from portal.gateway import client as client_module
from portal.gateway import results
from portal.gateway.client import CONNECTIONS, GatewayClient
from portal.gateway.results import Phase
from portal.gateway.stages import MessageProbe
from tests.gateway.conftest import Serve
from tests.gateway.test_client_sockets import read_request
from tests.gateway.test_probes_sockets import EVENTS, JSON_HEAD, MESSAGE, MODEL, PROBES, STREAM_HEAD, access, chunk

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


async def test_crowd_waits_in_the_queue_and_does_not_grow(serve: Serve) -> None:
    open_now = most = 0

    async def handle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await reader.read()
        open_now -= 1

    async def ask(client: GatewayClient, base_url: str) -> results.CheckResult:
        return (await client.probe_message(access(base_url), MODEL)).result

    async with serve(handle) as base_url, GatewayClient(total_seconds=4, connections=8) as client:
        started = time.perf_counter()
        crowd = asyncio.gather(*(ask(client, base_url) for _ in range(60)))
        await asyncio.sleep(0.3)
        in_pool = len(client._http._transport._pool._requests)  # type: ignore[attr-defined]
        assert in_pool == 8, "the pool's own queue costs more with each one that waits in it"
        found = await crowd
        assert time.perf_counter() - started < 8
    phases = [result.waited_for for result in found if isinstance(result, results.TimedOut)]
    assert len(phases) == 60
    assert phases.count(Phase.ANSWER) == 8 == most
    assert phases.count(Phase.QUEUE) == 60 - 8


async def test_every_check_has_its_connections(serve: Serve) -> None:
    """Of thirty checks at a time, with three requests each, none waits for another."""
    assert CONNECTIONS >= 3 * 30
    together = asyncio.Barrier(90)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await together.wait()  # answers only when all are there
        writer.write(JSON_HEAD + b"content-length: 63\r\n\r\n" + MESSAGE)
        await writer.drain()

    async with serve(handle) as base_url, GatewayClient(connections=90) as client:
        found = await asyncio.gather(*(client.probe_message(access(base_url), MODEL) for _ in range(90)))
    assert {type(probe.result) for probe in found} == {results.Accepted}


async def test_wait_in_the_queue_is_within_the_stage_s_budget(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "CONNECT_SECONDS", 0.2)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                await read_request(reader)
                await asyncio.sleep(0.4)
                writer.write(JSON_HEAD + b"content-length: 63\r\n\r\n" + MESSAGE)
                await writer.drain()

    async with serve(handle) as base_url, GatewayClient(total_seconds=4, connections=2) as client:
        found = await asyncio.gather(*(client.probe_message(access(base_url), MODEL) for _ in range(8)))
    assert {type(probe.result) for probe in found} == {results.Accepted}  # the last waited for 1.2 seconds


@pytest.mark.parametrize("name", ["message", "stream"])
async def test_time_that_the_queue_took_is_not_the_gateway_s_fault(serve: Serve, name: str) -> None:
    """A request that has its turn late, and then runs out of time, was slowed down by the portal."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            await read_request(reader)
            await asyncio.sleep(0.6)
            writer.write(JSON_HEAD + b"content-length: 63\r\n\r\n" + MESSAGE)
            await read_request(reader)
            writer.write(STREAM_HEAD + chunk(EVENTS[0]))
            await asyncio.sleep(5)

    async with serve(handle) as base_url, GatewayClient(total_seconds=1.5, connections=1) as client:
        first = asyncio.create_task(client.probe_message(access(base_url), MODEL))
        await asyncio.sleep(0.1)
        late = await PROBES[name](client, access(base_url))
        assert isinstance((await first).result, results.Accepted)
    found = late.result if isinstance(late, MessageProbe) else late
    assert isinstance(found, results.TimedOut)
    assert found.waited_for is Phase.QUEUE
