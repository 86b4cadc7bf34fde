"""The check as a stream of events, over real sockets: what arrives when, and what ends when nobody listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx
import pytest
from fastapi import FastAPI

from portal.app import create_app
from portal.counters import Counters
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.keycheck.admission import AdmissionLimits
from portal.keycheck.findings import Findings
from portal.keycheck.live import events_of
from portal.keycheck.service import KeyChecks
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.keycheck.scripted import PROFILE, SONNET, Scripted, findings, good
from tests.real_parts.servers import serve
from tests.support.pages import parse_region, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

LIMITS = AdmissionLimits(per_minute=1000, per_minute_in_total=1000, at_once=3)


@dataclass
class Event:
    name: str
    data: str
    at: float


def parse_events(text: str) -> list[Event]:
    found = []
    for part in text.split("\n\n"):
        lines = part.split("\n")
        name = next((line.removeprefix("event: ") for line in lines if line.startswith("event: ")), "")
        if name:
            data = "\n".join(line.removeprefix("data: ") for line in lines if line.startswith("data: "))
            found.append(Event(name, data, time.perf_counter()))
    return found


async def listen(answer: httpx.Response) -> AsyncIterator[Event]:
    rest = ""
    async for chunk in answer.aiter_text():
        *whole, rest = (rest + chunk).split("\n\n")
        for part in whole:
            for event in parse_events(part + "\n\n"):
                yield event


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so; two seconds are far more than it may take."""
    async with asyncio.timeout(2):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


@contextmanager
def portal_with(prober: Scripted) -> Iterator[tuple[str, FastAPI]]:
    """The portal over real sockets, with a scripted gateway behind it."""
    app = create_app(Settings(), PROFILE)
    app.state.key_checks = KeyChecks(prober, LIMITS, Counters())
    with serve(app) as url:
        yield url, app


@pytest.fixture(scope="module")
def portal_url() -> Iterator[str]:
    with serve(create_fake_gateway(event_seconds=0.03)) as gateway:
        profile = replace(load_profile("tokenbay"), base_url=gateway)
        app = create_app(Settings(key_checks_per_minute=1000), profile, client=GatewayClient())
        with serve(app) as url:
            yield url


async def test_region_grows_step_by_step_and_ends_with_the_verdict(portal_url: str) -> None:
    async with (
        httpx.AsyncClient(base_url=portal_url) as client,
        client.stream("POST", "/key-check/live", data={"key": DEMO_KEYS[Behaviour.GOOD]}) as answer,
    ):
        seen = [event async for event in listen(answer)]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    assert [event.name for event in seen[-2:]] == ["region", "end"]
    regions = [parse_region(event.data) for event in seen[:-1]]
    assert all(region.get("id") == "key-check" for region in regions)
    assert [region.get("data-verdict") for region in regions] == [None] * (len(regions) - 1) + ["accepted"]
    assert [region.get("aria-busy") for region in regions] == ["true"] * (len(regions) - 1) + [None]
    assert len({event.data for event in seen[:-1]}) == len(regions), "a region is sent only when it changed"
    assert seen[-1].at - seen[0].at > 0.3, "the first came while the gateway was still streaming"


async def test_verdict_is_the_one_of_the_plain_page(portal_url: str) -> None:
    async with httpx.AsyncClient(base_url=portal_url) as client:
        for behaviour in (Behaviour.HAIKU_MISSING, Behaviour.REJECTED, Behaviour.JSON_ONLY):
            fields = {"key": DEMO_KEYS[behaviour]}
            region = parse_region(
                (
                    await client.post(
                        "/key-check", data=fields, headers={"HX-Request": "true", "HX-Request-Type": "partial"}
                    )
                ).text
            )
            streamed = parse_events((await client.post("/key-check/live", data=fields)).text)
            assert parse_region(streamed[-2].data).get("data-verdict") == region.get("data-verdict")


async def test_upstream_requests_end_at_once_when_the_visitor_leaves() -> None:
    prober = Scripted(hangs=frozenset({f"stream {SONNET}", "list"}))
    with portal_with(prober) as (url, app):
        async with httpx.AsyncClient(base_url=url) as client:
            async with client.stream("POST", "/key-check/live", data={"key": "sk-x"}) as answer:
                events = listen(answer)
                await anext(events)
                await until(lambda: "list" in prober.calls and prober.open == 2)
                assert app.state.key_checks.running == 1
            await until(lambda: not prober.open)
    assert sorted(prober.cancelled) == ["list", f"stream {SONNET}"]
    assert app.state.key_checks.running == 0


async def test_upstream_requests_end_when_a_visitor_without_javascript_leaves() -> None:
    prober = Scripted(hangs=frozenset({f"bearer {SONNET}"}))
    with portal_with(prober) as (url, app):
        async with httpx.AsyncClient(base_url=url) as client:
            waiting = asyncio.create_task(client.post("/key-check", data={"key": "sk-x"}))
            await until(lambda: prober.open == 1)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            await until(lambda: not prober.open)
    assert app.state.key_checks.running == 0


async def test_place_is_free_again_when_many_visitors_leave_at_the_start() -> None:
    prober = Scripted(hangs=frozenset({f"bearer {SONNET}"}))
    with portal_with(prober) as (url, app):
        for _ in range(5):
            async with (
                httpx.AsyncClient(base_url=url) as client,
                client.stream("POST", "/key-check/live", data={"key": "sk-x"}),
            ):
                pass
        await until(lambda: not app.state.key_checks.running and not prober.open)
    assert (app.state.key_checks.running, prober.open) == (0, 0)


async def test_further_visitors_are_asked_to_wait_when_every_place_is_taken() -> None:
    prober = Scripted(hangs=frozenset({f"bearer {SONNET}"}))
    app = create_app(Settings(), PROFILE)
    app.state.key_checks = KeyChecks(prober, LIMITS, Counters())
    with serve(app) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            hanging = [asyncio.create_task(client.post("/key-check/live", data={"key": "sk-x"})) for _ in range(3)]
            await until(lambda: prober.open == 3)
            refused = await client.post("/key-check/live", data={"key": "sk-x"})
            page = await client.post("/key-check", data={"key": "sk-x"})
            guide = await client.get("/")
            for task in hanging:
                task.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
    assert (refused.status_code, page.status_code, guide.status_code) == (429, 429, 200)
    assert refused.headers["retry-after"] == page.headers["retry-after"] == "10"
    region, end = parse_events(refused.text)
    assert (end.name, parse_region(region.data).get("data-verdict")) == ("end", "too-many-checks")
    assert "as many keys as it can" in words(parse_region(region.data))


@pytest.mark.parametrize(("paste", "status"), [("not a key", 422), ("", 422)])
async def test_stream_says_at_once_that_the_paste_is_no_key(portal: httpx.AsyncClient, paste: str, status: int) -> None:
    answer = await portal.post("/key-check/live", data={"key": paste})
    region, end = parse_events(answer.text)
    assert (answer.status_code, end.name) == (status, "end")
    assert parse_region(region.data).get("data-verdict") == "unusable-key"


async def test_stream_is_refused_when_another_site_asks_for_it(portal: httpx.AsyncClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert (await portal.post("/key-check/live", data={"key": "sk-x"}, headers=headers)).status_code == 403


async def test_stream_is_refused_with_the_waiting_time_when_a_client_checks_too_often() -> None:
    async with running_portal(key_checks_per_minute=1) as portal:
        await portal.post("/key-check/live", data={"key": "sk-x"})
        answer = await portal.post("/key-check/live", data={"key": "sk-x"})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60


async def test_heartbeat_is_sent_when_nothing_changes() -> None:
    async def seen() -> AsyncGenerator[Findings]:
        state = findings()
        yield state
        yield state
        yield good()

    sent = [event async for event in events_of(seen(), str, asyncio.Lock())]
    assert [event.split("\n")[0].split(":")[0] for event in sent] == ["event", "", "event", "event"]
    assert sent[-1].startswith("event: end")


async def test_stream_says_that_it_broke_when_the_code_breaks() -> None:
    prober = Scripted(breaks=frozenset({"list"}))
    with portal_with(prober) as (url, _app):
        async with httpx.AsyncClient(base_url=url) as client:
            seen: list[str] = []
            with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012 - the error comes while listening
                async with client.stream("POST", "/key-check/live", data={"key": "sk-x"}) as answer:
                    async for event in listen(answer):
                        seen.append(event.name)  # noqa: PERF401 - what came before the connection broke counts
    assert seen[-1] == "broken"
    assert "end" not in seen
