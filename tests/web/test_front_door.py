"""Who is let in, and what they are told about coming back: names, https, proxies, and whom to tell of a weakness."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from portal.errors import ConfigurationError
from portal.setting_checks import check_trusted_proxies
from portal.settings import load_settings
from portal.web.hosts import hosts_of
from portal.web.security_txt import security_txt
from tests.real_parts.node_tools import csp_findings
from tests.support.operators import app_of, sign_in
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

HSTS = "strict-transport-security"
PUBLIC = "https://start.example.com"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("start.example.com", 200),
        ("START.example.com:443", 200),
        ("start.example.com.", 200),
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("evil.example", 400),
        ("start.example.com.evil.example", 400),
        ("evil.example:443@start.example.com", 400),
        ("xstart.example.com", 400),
        ("", 400),
        ("[::1", 400),
    ],
)
async def test_request_is_refused_when_it_names_another_host(host: str, status: int) -> None:
    async with running_portal(public_url=PUBLIC, allowed_hosts="") as portal:
        answer = await portal.get("/", headers={"host": host})
        health = await portal.get("/healthz", headers={"host": host})
    assert (answer.status_code, health.status_code) == (status, 200)
    assert host in {"", "[::1"} or "evil" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    if status == 400:
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"


def test_names_are_those_that_the_operator_gave_when_there_is_a_list() -> None:
    assert hosts_of((), "") is None
    assert hosts_of(("*",), PUBLIC) is None
    assert hosts_of(("a.example",), PUBLIC) == frozenset({"a.example", "start.example.com"})
    assert hosts_of((), PUBLIC) == frozenset({"localhost", "127.0.0.1", "[::1]", "start.example.com"})
    assert hosts_of(("B.example",), "") == frozenset({"b.example"})


async def test_names_below_a_domain_are_let_in_when_a_star_stands_for_them() -> None:
    async with running_portal(allowed_hosts="*.example.com") as portal:
        names = ("a.example.com", "b.a.example.com", "example.com", "badexample.com", "a.example.com.evil.example")
        statuses = [(await portal.get("/robots.txt", headers={"host": name})).status_code for name in names]
    assert statuses == [200, 200, 400, 400, 400]


@pytest.mark.parametrize(
    ("settings", "scheme", "value"),
    [
        ({}, "http", None),
        ({}, "https", "max-age=63072000"),
        ({"public_url": PUBLIC}, "http", "max-age=63072000"),
        ({"public_url": "http://start.example.com"}, "http", None),
        ({"hsts": ""}, "https", None),
        ({"hsts": "max-age=300; includeSubDomains"}, "https", "max-age=300; includeSubDomains"),
    ],
)
async def test_hsts_is_said_when_visitors_come_by_https(
    settings: dict[str, Any], scheme: str, value: str | None
) -> None:
    async with running_portal(**settings) as portal:
        for path in ("/", "/nothing", "/healthz"):
            assert (await portal.get(f"{scheme}://portal.test{path}")).headers.get(HSTS) == value


@asynccontextmanager
async def behind(trusted: str, peer: str) -> AsyncIterator[httpx.AsyncClient]:
    """A portal as uvicorn wraps it, asked from the address `peer`; `/who` says what it believes about the asker."""
    async with running_portal() as portal:
        app = app_of(portal)

        async def who(request: Request) -> JSONResponse:
            return JSONResponse([request.client.host if request.client else "", request.scope["scheme"]])

        assert isinstance(app, FastAPI)
        app.add_api_route("/who", who)
        wrapped = ProxyHeadersMiddleware(app, check_trusted_proxies(trusted))  # type: ignore[arg-type]
        transport = httpx.ASGITransport(wrapped, client=(peer, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as client:
            yield client


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "believed"),
    [
        ("127.0.0.1", "198.51.100.9", "203.0.113.5", ["198.51.100.9", "http"]),
        ("127.0.0.1", "127.0.0.1", "203.0.113.5", ["203.0.113.5", "https"]),
        ("127.0.0.1", "127.0.0.1", "6.6.6.6, 203.0.113.5", ["203.0.113.5", "https"]),
        ("10.0.0.0/8", "10.1.2.3", "6.6.6.6, 203.0.113.5, 10.9.9.9", ["203.0.113.5", "https"]),
        ("10.1.2.3/8", "10.7.7.7", "203.0.113.5", ["203.0.113.5", "https"]),
        ("", "127.0.0.1", "203.0.113.5", ["127.0.0.1", "http"]),
        ("*", "198.51.100.9", "6.6.6.6, 203.0.113.5", ["6.6.6.6", "https"]),
    ],
    ids=["stranger", "proxy", "forged-left", "two-proxies", "network-with-host-bits", "nobody", "everybody"],
)
async def test_client_is_the_last_hop_that_is_not_ours_when_headers_say_so(
    trusted: str, peer: str, forwarded: str, believed: list[str]
) -> None:
    said = {"x-forwarded-for": forwarded, "x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}
    async with behind(trusted, peer) as client:
        assert (await client.get("/who", headers=said)).json() == believed
        guide = await client.get("/guide.md", headers=said)
        page = await client.get("/", headers=said)
    assert "evil.example" not in guide.text + page.text
    assert (HSTS in page.headers) is (believed[1] == "https")


async def test_https_is_not_believed_when_a_proxy_says_something_else() -> None:
    async with behind("127.0.0.1", "127.0.0.1") as client:
        for word in ("javascript", "HTTPS", "https, http", ""):
            answer = await client.get("/who", headers={"x-forwarded-proto": word})
            assert answer.json() == ["127.0.0.1", "http"], word


def test_star_among_addresses_is_refused_because_it_would_mean_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_TRUSTED_PROXIES", "10.0.0.1, *")
    with pytest.raises(ConfigurationError, match="either"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORTAL_ALLOWED_HOSTS", "https://a.example", "without scheme"),
        ("PORTAL_ALLOWED_HOSTS", "a.example:80", "without scheme and port"),
        ("PORTAL_ALLOWED_HOSTS", "a.*.example", "'a.*.example'"),
        ("PORTAL_HSTS", "yes", "max-age"),
        ("PORTAL_HSTS", "max-age=1\r\nx: y", "max-age"),
        ("PORTAL_SECURITY_CONTACT", "security@example.com", "mailto:"),
        ("PORTAL_SECURITY_CONTACT", "http://example.com", "mailto:"),
    ],
)
def test_one_sentence_says_so_when_a_setting_of_the_door_is_broken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=re.escape(says)):
        load_settings()


async def test_security_txt_names_whom_to_tell_when_the_operator_said_so() -> None:
    contacts = "mailto:security@example.com, https://example.com/report"
    async with running_portal(security_contact=contacts, public_url=PUBLIC) as portal:
        answer = await portal.get("/.well-known/security.txt")
    fields = [line.split(": ", 1) for line in answer.text.splitlines()]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert [value for name, value in fields if name == "Contact"] == contacts.split(", ")
    assert ["Canonical", f"{PUBLIC}/.well-known/security.txt"] in fields
    (expires,) = [datetime.fromisoformat(value) for name, value in fields if name == "Expires"]
    assert timedelta(days=90) < expires - datetime.now(UTC) < timedelta(days=365)


async def test_security_txt_is_not_there_when_nobody_is_named() -> None:
    async with running_portal() as portal:
        assert (await portal.get("/.well-known/security.txt")).status_code == 404


def test_security_txt_changes_once_a_day() -> None:
    morning, evening = datetime(2026, 11, 23, 0, 1, tzinfo=UTC), datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
    first, second, third = (
        security_txt(["tel:+49"], now=now, public_url="", languages=["en"])
        for now in (morning, evening, evening + timedelta(minutes=2))
    )
    assert first == second != third


@pytest.mark.real("csp-evaluator")
async def test_csp_evaluator_finds_nothing_on_any_kind_of_page() -> None:
    async with running_portal() as portal:
        await sign_in(portal)
        assets = app_of(portal).state.services.assets
        paths = ("/", "/troubleshoot", "/privacy", "/nothing", "/admin", "/admin/audit", "/admin/login", "/guide.md",
                 "/apply.sh", "/robots.txt", assets.url("portal.js"))  # fmt: skip
        policies = {(await portal.get(path)).headers["content-security-policy"] for path in paths}
        icon = (await portal.get(assets.url("icon.svg"))).headers["content-security-policy"]
    assert policies
    for policy in policies:
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert [finding for finding in csp_findings(policy) if finding["severity"] <= 45] == []
    assert "sandbox" in icon
    assert "script-src" not in icon
