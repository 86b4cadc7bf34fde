"""Clients that are slow or long-winded on purpose, as raw sockets against a real server."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from portal import cli
from portal.app import create_app
from portal.profile.load import load_profile
from portal.settings import Settings
from portal.web import slow_clients
from portal.web.slow_clients import MAX_HEAD, MAX_URL, PatientProtocol
from tests.real_parts.servers import serve

HEAD = b"Host: portal.test\r\n"
FORM = HEAD + b"Content-Type: application/x-www-form-urlencoded\r\n"


class Impatient(PatientProtocol):
    head_seconds = 1.0
    body_seconds = 2.0


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A portal that waits a second for a head, and two for a body."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("portal.web.middleware.BODY_SECONDS", 1.0)
        database = SecretStr(f"sqlite:///{tmp_path_factory.mktemp('slow')}/portal.db")
        app = create_app(Settings(database_url=database), load_profile("tokenbay"))
        with serve(app, http=Impatient) as url:
            parts = urlsplit(url)
            assert parts.hostname
            assert parts.port
            yield parts.hostname, parts.port


@contextmanager
def connection(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=20) as made:
        yield made


def until_closed(client: socket.socket) -> bytes:
    """Everything that the server says until it closes the connection; a reset counts as closing."""
    said = b""
    try:
        while piece := client.recv(65536):
            said += piece
    except ConnectionError:
        pass
    return said


def test_connection_is_ended_when_nothing_is_asked(address: tuple[str, int]) -> None:
    with connection(address) as client:
        assert until_closed(client) == b""


def test_head_is_ended_when_it_trickles(address: tuple[str, int]) -> None:
    with connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        started = time.monotonic()
        with pytest.raises(ConnectionError):  # noqa: PT012 - which of the sends finds out is chance
            while time.monotonic() - started < 15:
                client.sendall(b"X-A: b\r\n")
                time.sleep(0.1)


def test_trickling_head_is_told_why(address: tuple[str, int]) -> None:
    with connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: por")
        assert until_closed(client).startswith(b"HTTP/1.1 408 ")


def test_second_head_is_ended_when_it_trickles_after_an_answer(address: tuple[str, int]) -> None:
    with connection(address) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
        client.sendall(b"GET /healthz HT")
        assert b"408" in until_closed(client)


def test_body_is_answered_with_408_when_it_does_not_come(address: tuple[str, int]) -> None:
    with connection(address) as client:
        client.sendall(b"POST /troubleshoot/diagnose HTTP/1.1\r\n" + FORM + b"Content-Length: 100\r\n\r\ntext=a")
        said = until_closed(client)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"That took too long" in said
    assert b"content-security-policy" in said


def test_unwanted_body_is_ended_when_its_answer_is_long_there(address: tuple[str, int]) -> None:
    with connection(address) as client:
        client.sendall(b"PUT / HTTP/1.1\r\n" + FORM + b"Content-Length: 1000000000\r\n\r\n")
        started = time.monotonic()
        with pytest.raises(ConnectionError):  # noqa: PT012 - see above
            while time.monotonic() - started < 15:
                client.sendall(b"x")
                time.sleep(0.1)


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("/?a=" + "x" * 8_000, "", 200),
        ("/?a=" + "x" * (MAX_URL - 3), "", 414),
        ("/?a=" + "x" * 1_000_000, "", 414),
        ("/", "x" * 8_000, 200),
        ("/", "x" * MAX_HEAD, 431),
        ("/", "x" * 1_000_000, 431),
    ],
    ids=lambda value: str(len(value)) if isinstance(value, str) else str(value),
)
def test_head_is_refused_when_it_is_too_long(address: tuple[str, int], path: str, header: str, status: int) -> None:
    with connection(address) as client:
        try:
            client.sendall(
                f"GET {path} HTTP/1.1\r\nHost: portal.test\r\nX-Long: {header}\r\nConnection: close\r\n\r\n".encode()
            )
        except ConnectionError:
            assert status != 200
        said = until_closed(client)
    assert said.startswith(f"HTTP/1.1 {status} ".encode()) or (said == b"" and len(path + header) > 500_000)


def test_requests_are_served_when_they_come_at_once_on_one_connection(address: tuple[str, int]) -> None:
    one = b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n"
    post = b"POST /journey HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}"
    last = b"GET /healthz HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n"
    with connection(address) as client:
        client.sendall(one + post + one + last)
        said = until_closed(client)
    assert re.findall(rb"HTTP/1\.1 (\d+)", said) == [b"200", b"415", b"200", b"200"]


def test_answer_may_take_longer_than_a_head_when_the_request_is_there() -> None:
    async def slow(scope: object, receive: object, send: object) -> None:
        assert callable(receive)
        assert callable(send)
        await asyncio.sleep(3)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"late"})

    with serve(slow, http=Impatient, lifespan="off") as url:
        assert httpx.get(url, timeout=20).text == "late"


def test_guide_answers_when_hundreds_hold_connections_and_trickle(address: tuple[str, int]) -> None:
    host, port = address
    with ExitStack() as held:
        idle = [held.enter_context(connection(address)) for _ in range(200)]
        posts = [held.enter_context(connection(address)) for _ in range(50)]
        for post in posts:
            post.sendall(b"POST /key-check HTTP/1.1\r\n" + FORM + b"Content-Length: 5000\r\n\r\nkey=")
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=20) as client:
            for number in range(20):
                assert client.get(f"/?os=linux&timeout_ms={2000 + number}").status_code == 200
        for waiting in (*idle, *posts):
            until_closed(waiting)


def test_most_connections_leave_files_for_the_program() -> None:
    most = slow_clients.most_connections()
    assert most
    assert 500 < most < 65_536


def test_server_of_the_command_is_patient_only_so_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr("uvicorn.Server.run", lambda server, sockets: seen.extend([server.config, *sockets]))
    settings = Settings(port=0, database_url=SecretStr(f"sqlite:///{tmp_path / 'portal.db'}"))
    cli.run_server(create_app(settings, load_profile("tokenbay")), settings, "nothing")
    config, listener = seen
    assert isinstance(listener, socket.socket)
    listener.close()
    assert getattr(config, "http", None) is PatientProtocol
    assert getattr(config, "limit_concurrency", None) == slow_clients.most_connections()
