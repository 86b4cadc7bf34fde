"""The real client against real sockets: names, ports, certificates, time and size."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from pathlib import Path

import pytest

from portal.gateway import results
from portal.gateway.access import access_for
from portal.gateway.answers import BODY_LIMIT
from portal.gateway.client import GatewayClient
from portal.gateway.results import Obstacle, Phase, Shape
from portal.keys import ApiKey
from tests.gateway.conftest import Serve, make_profile

pytestmark = pytest.mark.anyio

KEY = ApiKey("sk-Rk3v9QzTfW2mXb7LpYcN5hJd")
MODEL = "claude-sonnet-4.6"
CERTIFICATE = Path(__file__).parent / "data" / "self_signed_loopback.pem"
MESSAGE = b'{"id":"msg_1","type":"message","role":"assistant","content":[]}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


async def check(base_url: str, total_seconds: float = 5) -> results.CheckResult:
    async with GatewayClient(total_seconds=total_seconds) as client:
        return (await client.probe_message(access_for(make_profile(base_url), KEY), MODEL)).result


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


async def test_message_over_a_real_socket_is_accepted(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    requests: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        writer.write(HEAD + b"x-key: " + KEY.reveal().encode() + b"\r\ncontent-length: 63\r\n\r\n" + MESSAGE)
        await writer.drain()

    caplog.set_level(logging.DEBUG)
    async with serve(handle) as base_url:
        assert isinstance(await check(base_url), results.Accepted)
    assert requests[0].startswith(b"POST /v1/messages?beta=true HTTP/1.1\r\n")
    assert KEY.reveal() not in caplog.text


async def test_refused_port(closed_port: int) -> None:
    result = await check(f"http://127.0.0.1:{closed_port}")
    assert isinstance(result, results.Unreachable)
    assert (result.kind, result.status) == (Obstacle.REFUSED, None)


async def test_unknown_name() -> None:
    result = await check("https://no-such-name.invalid", total_seconds=15)
    assert isinstance(result, results.Unreachable)
    assert result.kind is Obstacle.DNS


async def test_self_signed_certificate(serve: Serve) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    async def handle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve(handle, context) as base_url:
        result = await check(base_url)
    assert isinstance(result, results.Unreachable)
    assert (result.kind, result.quote) == (Obstacle.TLS, "self-signed certificate")


async def test_https_on_a_plain_port_is_tls(serve: Serve) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    async with serve(handle) as base_url:
        result = await check(base_url.replace("http:", "https:"))
    assert isinstance(result, results.Unreachable)
    assert result.kind is Obstacle.TLS


async def test_connection_that_hangs_up(serve: Serve) -> None:
    async def handle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async with serve(handle) as base_url:
        result = await check(base_url)
    assert isinstance(result, results.Unreachable)
    assert result.kind is Obstacle.OTHER


async def test_server_that_speaks_something_else(serve: Serve) -> None:
    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)
        await writer.drain()

    async with serve(handle) as base_url:
        result = await check(base_url)
    assert isinstance(result, results.Unreachable)
    assert result.kind is Obstacle.OTHER


async def test_silence_times_out_within_the_budget(serve: Serve) -> None:
    async def handle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    started = time.perf_counter()
    async with serve(handle) as base_url:
        result = await check(base_url, total_seconds=0.3)
    assert isinstance(result, results.TimedOut)
    assert (result.waited_for, result.status) == (Phase.ANSWER, None)
    assert time.perf_counter() - started < 2


async def test_dripping_body_times_out_within_the_budget(serve: Serve) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + b"\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    started = time.perf_counter()
    async with serve(handle) as base_url:
        result = await check(base_url, total_seconds=0.4)
    assert isinstance(result, results.TimedOut)
    assert result.status == 200
    assert time.perf_counter() - started < 2


async def test_full_backlog_times_out_while_connecting() -> None:
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.settimeout(0)
            filler.connect_ex(address)
        result = await check(f"http://127.0.0.1:{address[1]}", total_seconds=0.6)
    assert isinstance(result, results.TimedOut)
    assert result.waited_for is Phase.CONNECT


async def test_endless_body_is_cut_at_the_limit(serve: Serve) -> None:
    written = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await read_request(reader)
        writer.write(HEAD + b'\r\n{"a": "')
        while not writer.is_closing() and written < 200 * BODY_LIMIT:
            writer.write(b"x" * 8192)
            written += 8192
            await writer.drain()

    async with serve(handle) as base_url:
        result = await check(base_url)
    assert isinstance(result, results.NotMessagesApi)
    assert result.kind is Shape.OVERSIZED
    assert written < 200 * BODY_LIMIT


async def test_body_shorter_than_promised_is_truncated(serve: Serve) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + b"content-length: 1000\r\n\r\n" + MESSAGE)
        await writer.drain()

    async with serve(handle) as base_url:
        result = await check(base_url)
    assert isinstance(result, results.NotMessagesApi)
    assert result.kind is Shape.TRUNCATED


async def test_redirect_target_is_not_contacted(serve: Serve) -> None:
    contacted = False

    async def elsewhere(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal contacted
        contacted = True

    async with serve(elsewhere) as target:

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            head = f"HTTP/1.1 308 Permanent Redirect\r\nlocation: {target}/v1/messages\r\ncontent-length: 0\r\n\r\n"
            writer.write(head.encode())
            await writer.drain()

        async with serve(handle) as base_url:
            result = await check(base_url)
    assert isinstance(result, results.NotMessagesApi)
    assert result.target == f"{target}/v1/messages"
    assert not contacted


async def test_cancelling_closes_the_connection_and_leaves_no_task(serve: Serve) -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        arrived.set()
        await reader.read()
        gone.set()

    async with serve(handle) as base_url, GatewayClient() as client:
        check_task = asyncio.create_task(client.probe_message(access_for(make_profile(base_url), KEY), MODEL))
        await asyncio.wait_for(arrived.wait(), 5)
        check_task.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await check_task
        await asyncio.wait_for(gone.wait(), 5)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [task for task in others if "probe_message" in repr(task) or "httpcore" in repr(task)]
    assert KEY.reveal() not in repr(cancelled.value)
