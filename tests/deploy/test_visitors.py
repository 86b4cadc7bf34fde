"""What reaches a portal through the Caddyfile that is shipped: who a visitor is, also behind a CDN."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from portal.setting_checks import check_trusted_proxies
from portal.web.middleware import SECURITY_HEADERS
from portal.web.proxies import BehindProxies
from tests.deploy.caddy import Caddy, running_caddy
from tests.deploy.composed import MAIN, prepared, resolved
from tests.real_parts.servers import serve

pytestmark = pytest.mark.real("caddy")

CDN, VISITOR, FORGED = "127.0.0.5", "203.0.113.7", "198.51.100.1"
Seen = dict[str, str]


@contextmanager
def seen_behind(folder: Path, trusted: str = "127.0.0.1", **variables: str) -> Iterator[tuple[Caddy, list[Seen]]]:
    """Caddy, and what reaches a portal behind it that trusts these: its headers, and `client`."""
    seen: list[Seen] = []

    async def look(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        seen.append({**headers, "client": scope["client"][0]})
        await PlainTextResponse("seen")(scope, receive, send)

    with (
        serve(BehindProxies(look, trusted), proxy_headers=False, lifespan="off") as url,
        running_caddy(folder, "127.0.0.1", urlsplit(url).port or 0, None, **variables) as caddy,
    ):
        yield caddy, seen


def test_caddy_adds_no_security_header_of_its_own(tmp_path: Path) -> None:
    # So that an empty PORTAL_HSTS means none.
    with seen_behind(tmp_path) as (caddy, _), caddy.client() as client:
        assert {*SECURITY_HEADERS, "strict-transport-security", "server"} & client.get("/").headers.keys() == set()


def test_nothing_of_a_trace_of_visitors_is_passed_on(tmp_path: Path) -> None:
    with seen_behind(tmp_path) as (caddy, seen), caddy.client() as client:
        client.get("/", headers={"traceparent": "00-x", "tracestate": "a=b", "x-request-id": "c", "accept": "*/*"})
    assert {"traceparent", "tracestate", "x-request-id"} & seen[-1].keys() == set()
    assert seen[-1]["accept"] == "*/*"


@pytest.mark.parametrize(
    ("comes_from", "claims", "counts_as"),
    [
        (CDN, VISITOR, VISITOR),
        (CDN, f"{FORGED}, {VISITOR}", VISITOR),
        ("127.0.0.6", FORGED, "127.0.0.6"),
    ],
    ids=["behind the CDN", "behind the CDN with a lie", "around the CDN"],
)
def test_each_visitor_is_one_client_when_a_cdn_is_in_front(
    tmp_path: Path, comes_from: str, claims: str, counts_as: str
) -> None:
    # The addresses as compose gives them to the portal and, by the shell in its command, to Caddy.
    place = prepared(tmp_path)
    services = resolved(place, MAIN, FRONT_SUBNET="127.0.0.1/32", CDN_SUBNETS=f"192.0.2.0/24,{CDN}/32")["services"]
    shell = [part.replace("$$", "$").replace("exec caddy run", "env #") for part in services["proxy"]["command"]]
    given = {"PATH": os.environ["PATH"], "CDN_SUBNETS": services["proxy"]["environment"]["CDN_SUBNETS"]}
    (subnets,) = re.findall(r"(?m)^CDN_SUBNETS=(.+)$", subprocess.check_output(shell, env=given, text=True))
    trusted = check_trusted_proxies(services["portal"]["environment"]["PORTAL_TRUSTED_PROXIES"])
    with seen_behind(tmp_path, trusted, CDN_SUBNETS=subnets) as (caddy, seen):
        context = ssl.create_default_context(cafile=caddy.authority)
        transport = httpx.HTTPTransport(verify=context, local_address=comes_from)
        with caddy.client(transport=transport) as client:
            assert client.get("/", headers={"x-forwarded-for": claims}).text == "seen"
    assert seen[-1]["client"] == counts_as
