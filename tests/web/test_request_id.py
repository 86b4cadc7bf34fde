"""Every answer has a request's id of its own; only a trusted proxy may choose it."""

from __future__ import annotations

import json
import logging
import re

import httpx
import pytest

from portal.app import create_app
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.logs import JsonLines
from portal.profile.load import load_profile
from portal.settings import Settings
from portal.web.proxies import BehindProxies
from tests.support.pages import one, parse, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

OWN = re.compile(r"[0-9a-f]{32}")


def behind(trusted: str, peer: str) -> httpx.AsyncClient:
    """A portal that believes `trusted`, asked by `peer`."""
    client = GatewayClient(transport=httpx.ASGITransport(create_fake_gateway()))
    app = BehindProxies(create_app(Settings(), load_profile("tokenbay"), client=client), trusted)
    transport = httpx.ASGITransport(app, client=(peer, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://portal.test")


@pytest.mark.parametrize("path", ["/", "/guide.md", "/static/none", "/healthz", "/admin", "/metrics", "/no-such"])
async def test_answer_has_a_new_id_when_nobody_chose_one(portal: httpx.AsyncClient, path: str) -> None:
    first, second = await portal.get(path), await portal.get(path)
    ids = [answer.headers.get_list("x-request-id") for answer in (first, second)]
    assert [len(given) for given in ids] == [1, 1]
    assert all(OWN.fullmatch(given[0]) for given in ids)
    assert ids[0] != ids[1]


async def test_cached_page_keeps_bytes_tag_and_headers_when_ids_change(portal: httpx.AsyncClient) -> None:
    first, second = await portal.get("/"), await portal.get("/")
    unchanged = await portal.get("/", headers={"if-none-match": first.headers["etag"]})
    assert first.content == second.content
    assert unchanged.status_code == 304
    assert len(unchanged.headers.get_list("x-request-id")) == 1

    def others(answer: httpx.Response) -> list[tuple[str, str]]:
        return [(name, value) for name, value in answer.headers.multi_items() if name != "x-request-id"]

    assert others(first) == others(second)
    assert first.headers["cache-control"].startswith("public")
    assert first.headers["x-request-id"] not in first.text


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("0b1c2d3e-1234-5678-9abc-def012345678", True),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", True),
        ("short", False),
        ("x" * 65, False),
        ("a b c d e f g h", False),
        ("abcdefgh\u00e9", False),
        ("{abcdefgh}", False),
        ("-abcdefgh", False),
        ("", False),
    ],
)
async def test_id_of_a_trusted_proxy_is_taken_when_it_is_a_short_token(given: str, taken: bool) -> None:  # noqa: FBT001
    async with behind("10.0.0.0/8", "10.1.2.3") as portal:
        answer = await portal.get("/healthz", headers=[(b"x-request-id", given.encode("latin-1"))])
    assert (answer.headers["x-request-id"] == given) is taken


async def test_id_is_made_anew_when_two_came() -> None:
    async with behind("*", "10.1.2.3") as portal:
        both = [("x-request-id", "abcdefgh-1"), ("x-request-id", "abcdefgh-2")]
        answer = await portal.get("/healthz", headers=both)
    assert OWN.fullmatch(answer.headers["x-request-id"])


async def test_id_is_made_anew_when_the_client_is_no_trusted_proxy() -> None:
    headers = {"x-request-id": "abcdefgh-1", "x-forwarded-for": "10.1.2.3"}
    async with behind("10.0.0.0/8", "192.0.2.1") as portal:
        answer = await portal.get("/healthz", headers=headers)
    async with running_portal() as bare:
        unasked = await bare.get("/healthz", headers=headers)
    assert OWN.fullmatch(answer.headers["x-request-id"])
    assert OWN.fullmatch(unasked.headers["x-request-id"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/no-such", 404), ("PUT", "/", 405), ("POST", "/key-check", 415), ("GET", "/static/none", 404)],
)
async def test_error_page_shows_the_id_of_the_answer_when_something_cannot_be_served(
    portal: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await portal.request(method, path)
    assert answer.status_code == status
    line = words(one(parse(answer.text), "main p.hint"))
    assert line == f"Tell support: request {answer.headers['x-request-id']}"


async def test_refused_events_name_the_request_when_they_are_answered_in_json(portal: httpx.AsyncClient) -> None:
    answer = await portal.post("/journey", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["request"] == answer.headers["x-request-id"]


async def test_page_of_an_unexpected_error_leads_to_its_lines_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lines: list[dict[str, object]] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonLines().format(record)))

    def break_it(*_: object) -> None:
        raise RuntimeError("sk-secret-in-a-message")

    monkeypatch.setattr("portal.guide.routes.parse_choices", break_it)
    handler = Collecting()
    logger = logging.getLogger("portal")
    caplog.set_level(logging.DEBUG, "portal")
    async with running_portal(raise_app_exceptions=False) as portal:
        logger.addHandler(handler)
        answer = await portal.get("/?opus=sk-secret-in-a-query")
        logger.removeHandler(handler)
    shown = words(one(parse(answer.text), "main p.hint")).rpartition(" ")[2]
    assert answer.status_code == 500
    assert [line["request_id"] for line in lines] == [shown, shown]
    assert str(lines[0]["message"]).startswith("unexpected RuntimeError at ")
    assert lines[1].items() >= {"method": "GET", "route": "guide:show", "status": 500}.items()
    assert isinstance(lines[1]["duration_ms"], float)
    assert "sk-secret" not in json.dumps(lines)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probe_is_not_logged_at_info_when_it_comes(
    portal: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.DEBUG, "portal")
    await portal.get(path)
    (record,) = [one for one in caplog.records if one.name == "portal"]
    assert record.levelno == logging.DEBUG
