"""The probes against real sockets: TLS details, events as they arrive, cancelling, crowds, budgets."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.gateway import replies, results
from portal.gateway.access import Access, access_for
from portal.gateway.client import GatewayClient
from portal.gateway.stages import (
    ClientShape,
    Connection,
    ModelsUnlisted,
    Moment,
    RehearsalFailed,
    StreamBroke,
    Streamed,
    StreamFlaw,
)
from portal.keys import ApiKey
from tests.gateway.conftest import Serve, make_profile
from tests.gateway.test_client_sockets import read_request

pytestmark = pytest.mark.anyio

MODEL = "claude-sonnet-4.6"
CERTIFICATE = Path(__file__).parent / "data" / "self_signed_loopback.pem"
MESSAGE = b'{"id":"msg_1","type":"message","role":"assistant","content":[]}'
JSON_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
EVENTS = list(replies.events(MODEL, "one two three four five six", 24, 30))

Probe = Callable[[GatewayClient, Access], Awaitable[object]]
PROBES: dict[str, Probe] = {
    "message": lambda client, access: client.probe_message(access, MODEL),
    "models": lambda client, access: client.list_models(access),
    "stream": lambda client, access: client.probe_stream(access, MODEL),
    "rehearsal": lambda client, access: client.rehearse(access, MODEL, ClientShape.OLDER),
}
EVERY = pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES.keys())


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def access(base_url: str) -> Access:
    return access_for(make_profile(base_url), ApiKey("sk-Rk3v9QzTfW2mXb7LpYcN5hJd"))


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def request_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: ")]
    return head + await reader.readexactly(int(length[0].split()[1]) if length else 0)


async def answer_messages(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not reader.at_eof():
        await read_request(reader)
        writer.write(JSON_HEAD + b"content-length: 63\r\n\r\n" + MESSAGE)
        await writer.drain()


async def test_moments_and_times_of_a_new_connection_and_nothing_of_an_old_one(serve: Serve) -> None:
    moments: list[Moment] = []
    async with serve(answer_messages) as base_url, GatewayClient() as client:
        first = await client.probe_message(access(base_url), MODEL, moments.append)
        second = await client.probe_message(access(base_url), MODEL, moments.append)
    assert isinstance(first.result, results.Accepted)
    assert first.connection.connect_ms is not None
    assert first.connection.tls_version == ""
    assert second.connection == Connection()
    assert moments == [Moment.CONNECTING, Moment.ASKING, Moment.ASKING]


async def test_certificate_and_version_are_read(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(CERTIFICATE)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    moments: list[Moment] = []
    async with serve(answer_messages, server) as base_url, GatewayClient() as client:
        probes = [await client.probe_message(access(base_url), MODEL, moments.append) for _ in range(2)]
    for probe in probes:
        assert isinstance(probe.result, results.Accepted)
        assert probe.connection.tls_version == "TLSv1.3"
        assert probe.connection.certificate_ends is not None
        assert probe.connection.certificate_ends > datetime.now(UTC)
    assert moments == [Moment.CONNECTING, Moment.SECURING, Moment.ASKING, Moment.ASKING]


async def test_distrusted_certificate_says_how_far_it_came(serve: Serve) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(CERTIFICATE)
    async with serve(answer_messages, server) as base_url, GatewayClient() as client:
        probe = await client.probe_message(access(base_url), MODEL)
    assert isinstance(probe.result, results.Unreachable)
    assert probe.connection.connect_ms is not None
    assert probe.connection.tls_version == ""


@pytest.mark.parametrize(("pause", "held"), [(0.03, 0.0), (0.0, 0.3)])
async def test_events_are_timed_as_they_arrive(serve: Serve, pause: float, held: float) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(held)
        writer.write(STREAM_HEAD)
        for event in EVENTS:
            writer.write(chunk(event))
            if pause:
                await writer.drain()
                await asyncio.sleep(pause)
        writer.write(b"0\r\n\r\n")

    async with serve(handle) as base_url, GatewayClient() as client:
        found = await client.probe_stream(access(base_url), MODEL)
    assert isinstance(found, Streamed)
    assert found.in_one_block is bool(held)
    assert found.duration_ms >= 1000 * (held or pause * (len(EVENTS) - 1))
    assert found.first_token_ms < found.duration_ms or held


async def test_stream_is_over_at_message_stop_even_when_the_connection_stays_open(serve: Serve) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(STREAM_HEAD + chunk(b"".join(EVENTS)))
        await reader.read()

    started = time.perf_counter()
    async with serve(handle) as base_url, GatewayClient() as client:
        assert isinstance(await client.probe_stream(access(base_url), MODEL), Streamed)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(("hangs_up", "flaw"), [(True, StreamFlaw.CUT_OFF), (False, StreamFlaw.STALLED)])
async def test_stream_that_stops_in_the_middle(serve: Serve, flaw: StreamFlaw, *, hangs_up: bool) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(STREAM_HEAD + chunk(b"".join(EVENTS[:4])))
        await writer.drain()
        if not hangs_up:
            await reader.read()

    async with serve(handle) as base_url, GatewayClient(total_seconds=0.5) as client:
        found = await client.probe_stream(access(base_url), MODEL)
    assert isinstance(found, StreamBroke)
    assert found.flaw is flaw


@EVERY
async def test_silence_ends_within_the_budget(serve: Serve, probe: Probe) -> None:
    async def handle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    started = time.perf_counter()
    async with serve(handle) as base_url, GatewayClient(total_seconds=0.3) as client:
        found = await probe(client, access(base_url))
    assert time.perf_counter() - started < 1.5
    if isinstance(found, RehearsalFailed):
        assert isinstance(found.result, results.TimedOut)
    else:
        assert isinstance(found, (results.TimedOut, ModelsUnlisted)) or isinstance(
            getattr(found, "result", None), results.TimedOut
        )


@EVERY
@pytest.mark.parametrize("told", ["cancel", "deadline"])
async def test_upstream_is_closed_at_once_when_nobody_waits_any_more(serve: Serve, probe: Probe, told: str) -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(STREAM_HEAD + chunk(EVENTS[0]))
        await writer.drain()
        arrived.set()
        await reader.read()
        gone.set()

    async def ask(client: GatewayClient, base_url: str) -> None:
        async with asyncio.timeout(0.4 if told == "deadline" else None):
            await probe(client, access(base_url))

    async with serve(handle) as base_url, GatewayClient() as client:
        task = asyncio.create_task(ask(client, base_url))
        await asyncio.wait_for(arrived.wait(), 5)
        if told == "cancel":
            task.cancel()
        with pytest.raises(asyncio.CancelledError if told == "cancel" else TimeoutError):
            await task
        await asyncio.wait_for(gone.wait(), 2)
        assert not [other for other in asyncio.all_tasks() if "httpcore" in repr(other)]


async def test_shutdown_closes_what_is_open(serve: Serve) -> None:
    gone = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer_messages_once(reader, writer)
        await reader.read()
        gone.set()

    async with serve(handle) as base_url:
        async with GatewayClient() as client:
            assert isinstance((await client.probe_message(access(base_url), MODEL)).result, results.Accepted)
            assert not gone.is_set()
        await asyncio.wait_for(gone.wait(), 2)


async def answer_messages_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(JSON_HEAD + b"content-length: 63\r\n\r\n" + MESSAGE)
    await writer.drain()


async def test_connection_that_was_closed_meanwhile_is_opened_again(serve: Serve) -> None:
    connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await answer_messages_once(reader, writer)
        if connections == 1:
            await reader.read(1)  # the next request has begun: hang up without a word

    async with serve(handle) as base_url, GatewayClient() as client:
        found = [(await client.probe_message(access(base_url), MODEL)).result for _ in range(2)]
    assert [type(result) for result in found] == [results.Accepted] * 2
    assert connections == 2
