"""What a browser, or anybody else, gets when it tells what happened."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from portal.db import Database
from portal.journeys.models import Journey, JourneyEvent
from portal.journeys.recording import POSTS_PER_MINUTE
from tests.real_parts.postgresql import PostgreSQL
from tests.support.databases import migrated, new_database
from tests.support.pages import one, parse, parse_region, words
from tests.support.portal import readiness, running_portal
from tests.support.windows import seconds_to_room

pytestmark = pytest.mark.anyio

OPENED = {"id": "a1", "kind": "opened", "platform": "macos", "shell": "zsh"}
COPIED = {"id": "a2", "kind": "copied", "target": "apply", "platform": "macos", "shell": "zsh", "scope": "user"}
REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
async def recorder(database_address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running_portal(database_url=database_address) as client:
        yield client


async def post(client: httpx.AsyncClient, *events: object, **headers: str) -> httpx.Response:
    return await client.post("/journey", json={"events": events}, headers=headers)


async def kinds(database: Database) -> list[tuple[str, str]]:
    async with database.reading() as connection:
        found = await connection.execute(select(JourneyEvent.journey_id, JourneyEvent.kind))
        return sorted((row[0], row[1]) for row in found)


def results(answer: httpx.Response) -> list[tuple[Any, ...]]:
    return [(one["id"], one["status"], one.get("problem")) for one in answer.json()["results"]]


async def test_each_event_has_its_own_result_when_one_is_unknown(
    recorder: httpx.AsyncClient, database: Database
) -> None:
    answer = await post(recorder, OPENED, {"id": "x", "kind": "winked"}, "?", COPIED)
    assert answer.status_code == 200
    assert results(answer) == [
        ("a1", 201, None),
        ("x", 422, "unknown-kind"),
        (None, 422, "not-an-event"),
        ("a2", 201, None),
    ]
    assert [kind for _, kind in await kinds(database)] == ["copied", "opened"]
    assert answer.headers["cache-control"] == "no-store"


async def test_events_count_once_when_they_are_sent_again(recorder: httpx.AsyncClient, database: Database) -> None:
    await post(recorder, OPENED, COPIED)
    answer = await post(recorder, COPIED, OPENED, {**COPIED, "id": "a3"})
    assert [status for _, status, _ in results(answer)] == [200, 200, 201]
    assert [kind for _, kind in await kinds(database)] == ["copied", "copied", "opened"]
    assert len({journey for journey, _ in await kinds(database)}) == 1


@pytest.mark.parametrize(("name", "visits"), [("0123456789abcdef01234567", 1), ("1", 2)])
async def test_visit_is_the_same_when_the_first_answer_got_lost(
    recorder: httpx.AsyncClient, database: Database, name: str, visits: int
) -> None:
    batch = [{**COPIED, "id": name}, {**OPENED, "id": "second"}]
    for _ in range(2):
        assert "set-cookie" in (await post(recorder, *batch)).headers
        recorder.cookies.clear()
    assert len(await kinds(database)) == 2 * visits
    assert len({journey for journey, _ in await kinds(database)}) == visits


async def test_answer_is_422_and_sets_no_cookie_when_nothing_can_be_recorded(recorder: httpx.AsyncClient) -> None:
    answer = await post(recorder, {"id": "x", "kind": "winked"})
    assert (answer.status_code, answer.headers.get("set-cookie")) == (422, None)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "problem"),
    [
        (b"{", "application/json", 400, "broken-json"),
        (b"\xff\xfe", "application/json", 400, "broken-json"),
        (b'{"events": [NaN]}', "application/json", 400, "broken-json"),
        (b"[" * 60_000, "application/json", 400, "broken-json"),
        (b"[]", "application/json", 422, "no-events"),
        (b'{"events": []}', "application/json", 422, "no-events"),
        (b'{"events": {}}', "application/json", 422, "no-events"),
        (b'{"events": [1], "more": 1}', "application/json", 422, "no-events"),
        (b'{"events": [' + b"1," * 50 + b"1]}", "application/json", 422, "no-events"),
        (b'{"events": [1]}', "text/plain", 415, "not-json"),
        (b'{"events": [1]}', "", 415, "not-json"),
    ],
)
async def test_body_is_refused_with_a_reason_when_it_is_none(
    portal: httpx.AsyncClient, body: bytes, content_type: str, status: int, problem: str
) -> None:
    answer = await portal.post("/journey", content=body, headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["problem"]) == (status, problem)


async def test_body_is_refused_when_it_is_too_long(portal: httpx.AsyncClient) -> None:
    answer = await portal.post("/journey", content=b" " * 70_000, headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.test"}])
@pytest.mark.parametrize("path", ["/journey", "/journey/verified"])
async def test_other_sites_can_tell_nothing(portal: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
    answer = await portal.post(path, json={"events": [OPENED]}, headers=headers)
    assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)


async def test_cookie_says_nothing_and_belongs_to_this_host_when_it_is_set(portal: httpx.AsyncClient) -> None:
    cookie = (await post(portal, OPENED)).headers["set-cookie"]
    assert re.fullmatch(r"journey=[\w.-]+; HttpOnly; Max-Age=86400; Path=/; SameSite=lax", cookie)
    assert (await post(portal, COPIED)).headers.get("set-cookie") is None


async def test_cookie_is_for_https_only_when_the_portal_is() -> None:
    async with running_portal(public_url="https://start.example.com") as portal:
        cookie = (await post(portal, OPENED)).headers["set-cookie"]
    assert cookie.startswith("__Host-journey=")
    assert cookie.endswith("; Secure")


async def test_page_views_set_no_cookie(portal: httpx.AsyncClient) -> None:
    for path in ("/", "/privacy", "/guide.md", "/settings.json", "/llms.txt", "/nothing", "/readyz"):
        answer = await portal.get(path)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("cookie", ["journey=x.y.z", "journey=" + "v" * 22, "journey=", "__Host-journey=\x7f"])
async def test_journey_is_a_new_one_when_the_cookie_is_not_ours(portal: httpx.AsyncClient, cookie: str) -> None:
    answer = await post(portal, OPENED, Cookie=cookie)
    assert answer.status_code == 200
    assert "set-cookie" in answer.headers


@pytest.mark.parametrize("headers", [{"DNT": "1"}, {"Sec-GPC": "1"}])
async def test_nothing_is_recorded_when_the_browser_asks_for_it(
    recorder: httpx.AsyncClient, database: Database, headers: dict[str, str]
) -> None:
    answer = await post(recorder, OPENED, **headers)
    assert (answer.status_code, answer.content, answer.headers.get("set-cookie")) == (204, b"", None)
    form = await recorder.post("/journey/verified", data={"os": "macos"}, headers=headers)
    assert form.status_code == 200
    assert "set-cookie" not in form.headers
    assert "asks not to be recorded" in words(one(parse(form.text), "#verified"))
    assert await kinds(database) == []


async def test_visitor_says_that_it_works_without_javascript(recorder: httpx.AsyncClient, database: Database) -> None:
    page = parse((await recorder.get("/?os=windows&shell=cmd&scope=project")).text)
    form = one(page, '#verified form[method="post"]')
    fields = [(field.get("name"), field.get("value")) for field in form.cssselect("input")]
    answer = await recorder.post(form.get("action"), data=dict(fields))
    region = one(parse(answer.text), "#verified")
    assert (answer.status_code, region.get("data-verified")) == (200, "passed")
    (back,) = [link for link in parse(answer.text).cssselect("main a") if words(link) == "Back to the guide"]
    assert back.get("href").startswith("/?os=windows&shell=cmd&install=native&scope=project")
    await recorder.post(form.get("action"), data=dict(fields), headers=REGION)
    async with database.reading() as connection:
        (journey,) = (await connection.execute(select(Journey.__table__))).mappings()
    assert (journey["platform"], journey["shell"], journey["scope"]) == ("windows", "cmd", "project")
    assert journey["verified_at"] == journey["started_at"]
    assert [kind for _, kind in await kinds(database)] == ["verified"]


async def test_posts_have_a_limit_when_one_address_sends_too_many() -> None:
    async with running_portal() as portal:
        await asyncio.sleep(seconds_to_room(15))
        within = {(await portal.post("/journey", json=[])).status_code for _ in range(POSTS_PER_MINUTE)}
        assert within == {422}
        answer = await post(portal, OPENED)
    assert (answer.status_code, answer.json()["problem"]) == (429, "too-many")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


async def test_ready_when_the_database_is(recorder: httpx.AsyncClient) -> None:
    answer = await recorder.get("/readyz")
    ready = {"status": "ready", "parts": {"database": "ready", "redis": "not-used"}, "reasons": []}
    assert (answer.status_code, answer.json()) == (200, ready)


async def test_guide_is_served_and_recording_waits_when_postgresql_is_not_migrated(postgresql: PostgreSQL) -> None:
    address = new_database(postgresql, "template1")
    async with running_portal(database_url=address) as portal:
        assert (await portal.get("/")).status_code == 200
        ready = await portal.get("/readyz")
        assert (ready.status_code, "portal migrate" in ready.text) == (503, True)
        assert (await post(portal, OPENED)).status_code == 503
        migrated(address)
        assert (await post(portal, OPENED)).status_code == 200
        assert (await readiness(portal)).status_code == 200


async def test_guide_is_served_when_the_sqlite_file_cannot_be_made() -> None:
    async with running_portal(database_url="sqlite:////dev/null/portal.db") as portal:
        assert (await portal.get("/")).status_code == 200
        answer = await post(portal, OPENED)
        assert (answer.status_code, answer.json()["problem"]) == (503, "database-away")
        said = await portal.post("/journey/verified", data={"os": "linux"}, headers=REGION)
        assert (said.status_code, parse_region(said.text).get("data-verified")) == (503, "warning")
        assert (await portal.get("/readyz")).json()["status"] == "degraded"


async def test_transactions_are_committed_before_the_answer(recorder: httpx.AsyncClient, database: Database) -> None:
    answer = await post(recorder, COPIED)
    async with database.reading() as connection:  # another engine, as another process would
        assert (await connection.execute(text("SELECT count(*) FROM journey_event"))).scalar() == 1
    assert answer.status_code == 200
