"""What shared caches may believe: asked of every route that can be read, as the routing table names them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.support.operators import app_of, sign_in
from tests.support.portal import running_portal
from tests.support.routing_table import known_routes

pytestmark = pytest.mark.anyio

TOKEN = "a-token-for-metrics"
CONTACT = "mailto:security@example.com"

ASKED: tuple[dict[str, str], ...] = (
    {"accept-language": "de"},
    {"accept-language": "fr;q=0.9, *"},
    {"accept-encoding": "gzip"},
    {"accept-encoding": "br, zstd"},
    {"hx-request": "true"},
    {"hx-request-type": "partial"},
    {"hx-request": "true", "hx-request-type": "partial"},
    {"accept": "application/json"},
    {"accept": "text/markdown"},
    {"user-agent": "curl/8.0"},
    {"user-agent": "PowerShell/7"},
    {"cookie": "visit=abc; operator=abc; lang=de; theme=dark"},
    {"authorization": "Bearer nobody"},
    {"dnt": "1"},
    {"sec-gpc": "1"},
    {"save-data": "on"},
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example", "referer": "https://evil.example/"},
    {"x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https", "x-forwarded-host": "evil.example"},
    {"forwarded": "host=evil.example;proto=https"},
    {"x-original-url": "/admin", "x-rewrite-url": "/admin", "x-http-method-override": "POST"},
    {"range": "bytes=0-9"},
    {"if-modified-since": "Tue, 01 Jan 2030 00:00:00 GMT"},
)


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings: dict[str, Any] = {"metrics_token": SecretStr(TOKEN), "security_contact": CONTACT}
    async with running_portal(database_url=SecretStr(f"sqlite:///{tmp_path}/portal.db"), **settings) as client:
        yield client


def addresses(portal: httpx.AsyncClient, *, guarded: bool) -> list[str]:
    """One address for each route that can be read."""
    app = app_of(portal)
    assets, catalogue = app.state.services.assets, app.state.catalogue
    symptom = next(iter(catalogue.symptoms.values()))
    step = next(step for step in catalogue.steps.values() if set(step.causes) & set(symptom.causes))
    paths = [route.path for route in known_routes(app) if route.method == "GET" and route.guarded is guarded]
    assert len(paths) > 3
    names = {"address": assets.url("portal.js").removeprefix("/static/"), "symptom": symptom.id, "step": step.id}
    return [path.format(**names) for path in paths]


async def plainly(portal: httpx.AsyncClient, method: str, path: str, **headers: str) -> httpx.Response:
    """Ask as a client that says nothing about itself."""
    portal.headers = httpx.Headers({})
    request = portal.build_request(method, path, headers=headers)
    for name in ("accept", "accept-encoding", "user-agent", "connection"):
        if name not in headers:
            request.headers.pop(name, None)
    return await portal.send(request, follow_redirects=False)


async def test_every_route_is_either_kept_correctly_or_not_at_all(portal: httpx.AsyncClient) -> None:
    public = []
    for path in addresses(portal, guarded=False):
        first = await plainly(portal, "GET", path)
        caching = first.headers.get("cache-control", "")
        if "public" not in caching:
            assert caching == "no-store" or first.status_code == 303, (path, caching)
            continue
        public.append(path)
        assert first.status_code == 200, path
        assert "max-age=" in caching, path
        assert "set-cookie" not in first.headers, path
        tag = first.headers["etag"]
        assert tag.startswith('"'), path
        again = await plainly(portal, "GET", path, **{"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b""), path
        assert {name: again.headers.get(name) for name in ("etag", "cache-control", "vary")} == {
            name: first.headers.get(name) for name in ("etag", "cache-control", "vary")
        }, path
    assert {"/", "/guide.md", "/robots.txt", "/favicon.ico", "/troubleshoot", "/.well-known/security.txt"} <= set(
        public
    )


async def test_head_says_what_get_says_when_a_route_takes_both(portal: httpx.AsyncClient) -> None:
    both = {route.path for route in known_routes(app_of(portal)) if route.method == "HEAD"}
    for path in addresses(portal, guarded=False):
        get, head = [await plainly(portal, method, path) for method in ("GET", "HEAD")]
        if head.status_code == 405:
            assert path not in both
            continue
        assert head.content == b""
        assert head.headers.pop("x-request-id") != get.headers.pop("x-request-id")
        assert (head.status_code, dict(head.headers)) == (get.status_code, dict(get.headers)), path


async def test_vary_names_every_header_that_changes_a_kept_answer(portal: httpx.AsyncClient) -> None:
    changed: set[str] = set()
    for path in addresses(portal, guarded=False):
        first = await plainly(portal, "GET", path)
        if "public" not in first.headers.get("cache-control", ""):
            continue
        vary = {name.strip().lower() for name in first.headers.get("vary", "").split(",")}
        for headers in ASKED:
            other = await plainly(portal, "GET", path, **headers)
            coding = (first.headers.get("content-encoding"), other.headers.get("content-encoding"))
            if (first.status_code, first.content) != (other.status_code, other.content) or coding[0] != coding[1]:
                assert set(headers) & vary, (path, headers)
                assert other.headers["vary"] == first.headers["vary"], path
                assert other.headers["etag"] != first.headers["etag"] or other.content == first.content, path
                changed |= set(headers) & vary
    assert {"accept-encoding", "hx-request", "hx-request-type"} <= changed


async def test_operators_pages_are_never_kept(portal: httpx.AsyncClient) -> None:
    for signed_in in (False, True):
        if signed_in:
            await sign_in(portal)
        for path in addresses(portal, guarded=True):
            answer = await plainly(portal, "GET", path)
            assert answer.headers["cache-control"] == "no-store", path
            assert answer.status_code == (200 if signed_in else answer.status_code), path


async def test_static_file_is_kept_for_ever_when_its_name_holds_its_content(portal: httpx.AsyncClient) -> None:
    for name in ("portal.css", "portal.js", "admin.css", "icon.svg", "htmx.min.js"):
        answer = await portal.get(app_of(portal).state.services.assets.url(name))
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"


async def test_pages_may_be_served_stale_while_they_are_asked_again(portal: httpx.AsyncClient) -> None:
    for path in ("/", "/guide.md", "/privacy", "/troubleshoot"):
        assert "stale-while-revalidate=" in (await portal.get(path)).headers["cache-control"]
