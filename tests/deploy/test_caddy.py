"""What a visitor gets through the Caddyfile that is shipped: a real Caddy in front of a real portal."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from portal.app import create_app
from portal.demo import demo_profile
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.fake import create_fake_gateway
from portal.keycheck.service import KeyChecks
from portal.profile.load import load_profile
from portal.settings import Settings
from portal.web.middleware import OF_PAGES, SECURITY_HEADERS
from portal.web.proxies import BehindProxies
from tests.deploy.caddy import CADDYFILE, Caddy, environment, running_caddy
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import serve
from tests.support.windows import seconds_to_room

pytestmark = pytest.mark.real("caddy")

CHECKS_A_MINUTE = 6
TOKEN = "a-token-for-prometheus"
GOOD = {"key": DEMO_KEYS[Behaviour.GOOD]}
SLOW = {"key": DEMO_KEYS[Behaviour.SLOW]}
REJECTED = {"key": "sk-demo-of-nobody"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, int]]:
    """The portal in front of a simulated gateway, and its port."""
    settings = Settings.model_validate(
        {
            "key_checks_per_minute": CHECKS_A_MINUTE,
            "metrics_token": TOKEN,
            "database_url": f"sqlite:///{tmp_path_factory.mktemp('portal')}/portal.db",
        }
    )
    with serve(create_fake_gateway(event_seconds=0.05)) as gateway:
        app = create_app(settings, demo_profile(load_profile("tokenbay"), gateway))
        with serve(BehindProxies(app, settings.trusted_proxies), proxy_headers=False) as url:
            yield app, urlsplit(url).port or 0


@pytest.fixture(scope="module")
def caddy(portal: tuple[FastAPI, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caddy]:
    with running_caddy(tmp_path_factory.mktemp("caddy"), "127.0.0.1", portal[1]) as running:
        yield running


@pytest.fixture
def checks(portal: tuple[FastAPI, int]) -> KeyChecks:
    found: KeyChecks = portal[0].state.key_checks
    return found


@pytest.fixture
def client(caddy: Caddy) -> Iterator[httpx.Client]:
    with caddy.client() as client:
        yield client


def curl(caddy: Caddy, *arguments: str) -> str:
    command = ["curl", "--silent", "--show-error", "--cacert", str(caddy.authority), "--noproxy", "*", *arguments]
    answer = subprocess.run(
        [*command, f"https://localhost:{caddy.port}/"], capture_output=True, text=True, timeout=60, check=True
    )
    return answer.stdout


@pytest.mark.parametrize("address", ["start.example.com", "localhost:8443"])
def test_configuration_is_valid_and_formatted(tmp_path: Path, address: str) -> None:
    program = real_part("caddy").path
    validate: list[str | Path] = [program, "validate", "--config", CADDYFILE, "--adapter", "caddyfile"]
    answer = subprocess.run(
        validate, env=environment(tmp_path, SITE_ADDRESS=address), capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert '"level":"warn"' not in answer.stderr
    formatted = subprocess.run([program, "fmt", CADDYFILE], capture_output=True, text=True, check=True).stdout
    assert formatted == CADDYFILE.read_text(encoding="utf-8")


def test_pages_come_over_https_and_http_2(caddy: Caddy, client: httpx.Client) -> None:
    page = client.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    said = curl(caddy, "--http2", "--output", os.devnull, "--write-out", "%{http_version} %{http_code}")
    assert said == "2 200"


def test_plain_http_is_sent_on_to_https(caddy: Caddy) -> None:
    answer = httpx.get(f"http://localhost:{caddy.http_port}/privacy?a=b", trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://localhost:{caddy.port}/privacy?a=b")


def test_http_3_is_offered_and_answers(caddy: Caddy, client: httpx.Client) -> None:
    assert re.search(rf'h3=":{caddy.port}"', client.get("/").headers["alt-svc"])
    # A packet of an unknown version of QUIC: the answer lists those that are spoken (RFC 9000, 17.2.1).
    unknown = b"\xc0\x1a\x2a\x3a\x4a" + b"\x08" + b"D" * 8 + b"\x08" + b"S" * 8
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(10)
        udp.sendto(unknown.ljust(1200, b"\x00"), ("127.0.0.1", caddy.port))
        answer = udp.recv(2000)
    assert answer[1:5] == bytes(4)
    assert b"\x00\x00\x00\x01" in answer[23:]


def test_security_headers_come_once(client: httpx.Client) -> None:
    for path in ("/", "/healthz", "/no-such-page", "/admin"):
        names = [name.lower() for name, _ in client.get(path).headers.multi_items()]
        wanted = {*SECURITY_HEADERS, "strict-transport-security"} - (
            OF_PAGES if path in {"/healthz", "/admin"} else frozenset()
        )
        assert {name: names.count(name) for name in wanted} == dict.fromkeys(wanted, 1), path
        assert "server" not in names


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_guide_is_compressed_once_and_keeps_its_tag(client: httpx.Client, coding: str) -> None:
    page = client.get("/", headers={"accept-encoding": coding})
    assert page.headers.get_list("content-encoding") == [coding]
    assert page.text.lstrip().lower().startswith("<!doctype html>")
    again = client.get("/", headers={"accept-encoding": coding, "if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert page.headers["cache-control"].startswith("public, max-age=")


def test_events_of_a_key_check_come_one_by_one(client: httpx.Client) -> None:
    arrived: list[tuple[float, str]] = []
    with client.stream("POST", "/key-check/live", data=GOOD, headers={"accept-encoding": "gzip, zstd, br"}) as answer:
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/event-stream")
        assert "content-encoding" not in answer.headers
        for chunk in answer.iter_text():
            arrived += [(time.monotonic(), name) for name in re.findall(r"(?m)^event: (.+)$", chunk)]
    assert len(arrived) > 3
    assert arrived[-1][0] - arrived[0][0] > 0.2, "they all came at the end"


def test_check_ends_when_its_visitor_leaves(client: httpx.Client, checks: KeyChecks) -> None:
    with client.stream("POST", "/key-check/live", data=SLOW) as answer:
        texts = answer.iter_text()  # closes the connection as soon as nobody holds it
        first = next(texts)
        assert (answer.status_code, checks.running) == (200, 1), first
    deadline = time.monotonic() + 10
    while checks.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert checks.running == 0


def test_claimed_addresses_do_not_get_past_the_limit(client: httpx.Client) -> None:
    time.sleep(seconds_to_room(15))
    statuses = [
        client.post(
            "/key-check",
            data=REJECTED,
            headers={"x-forwarded-for": f"203.0.113.{number}", "forwarded": f"for=203.0.113.{number}"},
        ).status_code
        for number in range(CHECKS_A_MINUTE + 1)
    ]
    assert (statuses[0], statuses[-1]) == (200, 429)


@pytest.mark.parametrize("name", ["metrics", "readyz"])
def test_what_is_not_for_visitors_stays_inside(client: httpx.Client, portal: tuple[FastAPI, int], name: str) -> None:
    token = {"authorization": f"Bearer {TOKEN}"}
    assert httpx.get(f"http://127.0.0.1:{portal[1]}/{name}", headers=token, trust_env=False).status_code == 200
    hidden = f"%{ord(name[0]):X}{name[1:]}"
    for path in (f"/{name}", f"/{hidden}", f"/{name.upper()}", f"/{name}/", f"{client.base_url}//{name}"):
        answer = client.get(path, headers=token)
        assert (answer.status_code, answer.text) == (404, "404 Not Found"), path
    assert client.get("/healthz").status_code == 200


def test_visitors_do_not_name_their_requests(client: httpx.Client, portal: tuple[FastAPI, int]) -> None:
    chosen = {"x-request-id": "chosen-by-a-visitor"}
    answer = httpx.get(f"http://127.0.0.1:{portal[1]}/healthz", headers=chosen, trust_env=False)
    assert answer.headers["x-request-id"] == chosen["x-request-id"]
    assert client.get("/healthz", headers=chosen).headers["x-request-id"] != chosen["x-request-id"]


def test_long_bodies_are_refused_by_portal_and_by_caddy(client: httpx.Client) -> None:
    refused = client.post("/key-check", data={f"field{number}": "x" * 9_000 for number in range(8)})
    assert refused.status_code == 413
    assert "<html" in refused.text
    refused = client.post("/key-check", data={"key": "x" * 1_000_000})
    assert (refused.status_code, refused.text) == (413, "413 Request Entity Too Large")
    assert_safe(refused)


def test_endless_body_of_no_length_is_cut(client: httpx.Client) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b"key="
        while sent < 100_000_000:
            sent += 10_000
            yield b"x" * 10_000

    headers = {"content-type": "application/x-www-form-urlencoded"}
    with suppress(httpx.TransportError):  # the connection may be closed before the answer is read
        assert client.post("/key-check", content=endless(), headers=headers).status_code in {400, 413}
    assert sent < 20_000_000


def test_slow_headers_do_not_hold_a_connection(caddy: Caddy) -> None:
    context = ssl.create_default_context(cafile=caddy.authority)
    with (
        socket.create_connection(("127.0.0.1", caddy.port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        started = time.monotonic()
        while connection.recv(1000):
            pass
        assert 5 < time.monotonic() - started < 25


def test_missing_portal_is_said_in_a_sentence(tmp_path: Path) -> None:
    with running_caddy(tmp_path, "127.0.0.1", 9, PATIENCE="1s") as caddy, caddy.client(timeout=60) as client:
        started = time.monotonic()
        answer = client.get("/")
    assert time.monotonic() - started > 1
    assert_safe(answer)
    assert (answer.status_code, answer.headers["retry-after"]) == (502, "10")
    assert answer.text == "The portal does not answer at the moment. Try again in a minute."


def assert_safe(answer: httpx.Response) -> None:
    """What Caddy says itself has the headers that matter for plain text, and does not name Caddy."""
    kept = {name: answer.headers.get(name) for name in ("cache-control", "content-type", "x-content-type-options")}
    assert kept == {
        "cache-control": "no-store",
        "content-type": "text/plain; charset=utf-8",
        "x-content-type-options": "nosniff",
    }
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers
