"""Spans as a collector gets them: their names, their places, and nothing of the visitor in them."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from portal.app import create_app
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.observability import traces
from portal.observability.traces import NO_SPAN, SpanName, span, start_tracing, stop_tracing
from portal.profile.load import load_profile
from portal.settings import Settings
from portal.web.proxies import BehindProxies
from tests.observability.collector import Collector, SentSpan, collecting
from tests.real_parts.servers import free_port

KEY = DEMO_KEYS[Behaviour.GOOD]
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@asynccontextmanager
async def traced(
    endpoint: str, *, peer: str = "192.0.2.77", heard: list[bytes] | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A portal that sends spans, asked by `peer` (10.… is a trusted proxy); spans are sent when it ends.

    `heard` is told the names of the headers that reach the gateway.
    """
    fake = create_fake_gateway(slow_seconds=0.5, event_seconds=0)

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        if heard is not None:
            heard.extend(name for name, _ in scope["headers"])
        await fake(scope, receive, send)

    client = GatewayClient(transport=httpx.ASGITransport(gateway), total_seconds=3)
    app = create_app(Settings(otlp_endpoint=endpoint), load_profile("tokenbay"), client=client)
    transport = httpx.ASGITransport(BehindProxies(app, "10.0.0.0/8"), client=(peer, 1), raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://portal.test") as portal,
    ):
        yield portal


def named(spans: list[SentSpan], name: str) -> list[SentSpan]:
    return [one for one in spans if one.name == name]


@pytest.mark.anyio
async def test_key_check_is_one_trace_with_gateway_and_database_below_it(collector: Collector) -> None:
    async with traced(collector.address) as portal:
        answer = await portal.post("/key-check", data={"key": KEY})
    assert "accepted" in answer.text
    (request,) = named(collector.spans, "keycheck:check")
    gateway, writes = named(collector.spans, "gateway"), named(collector.spans, "database write")
    below = [one for one in writes if one.trace == request.trace]
    assert request.parent == ""
    assert {one.attributes["portal.step"] for one in gateway} == {"message", "stream"}
    assert {one.attributes["portal.outcome"] for one in gateway} == {"good"}
    assert [(one.trace, one.parent) for one in gateway] == [(request.trace, request.id)] * len(gateway)
    assert [one.parent for one in below] == [request.id], "the check is recorded within its request"
    assert request.attributes == {
        "portal.request_id": answer.headers["x-request-id"],
        "portal.method": "POST",
        "portal.route": "keycheck:check",
        "portal.status": "200",
    }


@pytest.mark.anyio
async def test_live_check_has_its_gateway_calls_in_the_trace_of_its_request(collector: Collector) -> None:
    async with traced(collector.address) as portal:
        await portal.post("/key-check/live", data={"key": KEY})
    (request,) = named(collector.spans, "keycheck:live")
    assert {one.trace for one in named(collector.spans, "gateway")} == {request.trace}


@pytest.mark.anyio
async def test_nothing_of_the_visitor_is_in_any_byte_when_spans_are_sent(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_it(*_: object) -> None:
        raise RuntimeError("canary-in-a-message")

    headers = {"user-agent": "canary-agent", "traceparent": "canary-parent", "tracestate": "canary=1"}
    headers |= {"x-request-id": "canary-request", "cookie": "canary=1", "referer": "http://canary.test/"}
    async with traced(collector.address) as portal:
        for key in list(DEMO_KEYS.values())[:6]:
            await portal.post("/key-check?canary=1", data={"key": key, "model": "canary-model"}, headers=headers)
        await portal.get("/canary/page?canary=1", headers=headers)
        await portal.request("CANARY", "/", headers=headers)
        await portal.get("/troubleshoot/canary", headers=headers)
        await portal.post("/troubleshoot/diagnose", data={"text": "canary 401"}, headers=headers)
        monkeypatch.setattr("portal.guide.routes.parse_choices", break_it)
        broken = await portal.get("/?opus=canary", headers=headers)
    assert broken.status_code == 500
    assert len(collector.spans) > 20
    everything = collector.everything
    assert not [key for key in DEMO_KEYS.values() if key.encode() in everything]
    for word in (b"canary", b"192.0.2.77", b"portal.test", b"http://", b"tokenbay", b"claude"):
        assert word not in everything.lower(), word
    (failed,) = [one for one in named(collector.spans, "guide:show") if one.failed]
    assert failed.attributes["portal.status"] == "500"


@pytest.mark.anyio
async def test_trace_of_a_trusted_proxy_goes_on_and_is_not_told_to_the_gateway(collector: Collector) -> None:
    heard: list[bytes] = []
    async with traced(collector.address, peer="10.0.0.9", heard=heard) as portal:
        await portal.post("/key-check", data={"key": KEY}, headers={"traceparent": TRACEPARENT, "tracestate": "a=1"})
    (request,) = named(collector.spans, "keycheck:check")
    assert (request.trace, request.parent) == (TRACE, PARENT)
    assert b"authorization" in heard or b"x-api-key" in heard
    assert not {b"traceparent", b"tracestate", b"baggage", b"x-request-id"} & set(heard)


@pytest.mark.anyio
async def test_trace_of_anybody_else_is_not_believed(collector: Collector) -> None:
    async with traced(collector.address) as portal:
        await portal.get("/", headers={"traceparent": TRACEPARENT})
    (request,) = named(collector.spans, "guide:show")
    assert request.trace != TRACE
    assert request.parent == ""


@pytest.mark.anyio
async def test_absent_collector_slows_nothing_and_is_told_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(traces, "_SEND_SECONDS", 0.5)
    async with traced(f"http://127.0.0.1:{free_port()}") as portal:
        assert traces._tracing is not None
        started = time.perf_counter()
        for _ in range(3):
            assert (await portal.get("/")).status_code == 200
            traces._tracing._provider.force_flush(5000)
        assert (await portal.get("/")).status_code == 200
        stopping = time.perf_counter()
    assert time.perf_counter() - stopping < 8, "the end waits for a few seconds only"
    assert stopping - started < 60
    told = [one.getMessage() for one in caplog.records if "collector" in one.getMessage().lower()]
    assert told == ["the collector of PORTAL_OTLP_ENDPOINT takes no spans; they are dropped until it does"]
    assert not [one for one in caplog.records if one.name.startswith(("opentelemetry", "urllib3"))]


@pytest.mark.anyio
async def test_log_says_once_that_spans_are_taken_again_when_the_collector_is_back(
    collector: Collector, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "portal")
    monkeypatch.setattr(traces, "_SEND_SECONDS", 0.5)
    start_tracing(collector.address)
    try:
        for away in (True, True, False, False):
            collector.away = away
            with span(SpanName.GATEWAY, step="message"):
                pass
            assert traces._tracing is not None
            traces._tracing._provider.force_flush(5000)
    finally:
        stop_tracing()
    said = [one.getMessage() for one in caplog.records if "collector" in one.getMessage()]
    assert [message.split()[-1] for message in said] == ["does", "again"]
    assert len(collector.spans) == 2


@pytest.mark.anyio
async def test_exception_says_its_type_only_when_a_span_ends_with_it(collector: Collector) -> None:
    start_tracing(collector.address)
    try:
        with pytest.raises(RuntimeError), span(SpanName.DATABASE_WRITE):
            raise RuntimeError("canary")
    finally:
        stop_tracing()
    (sent,) = collector.spans
    assert sent.failed
    assert b"RuntimeError" in collector.everything
    assert b"canary" not in collector.everything


@pytest.mark.anyio
async def test_span_is_nothing_when_no_collector_is_set() -> None:
    assert span(SpanName.GATEWAY, step="message") is NO_SPAN
    with span(SpanName.DATABASE_READ) as nothing:
        nothing.note(outcome="good")
        nothing.rename("other")


_ALONE = """
import asyncio, sys
import httpx
from portal.app import create_app
from portal.profile.load import load_profile
from portal.settings import Settings

async def ask():
    app = create_app(Settings(), load_profile("tokenbay"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal.test") as client:
        assert (await client.get("/?opus=canary")).status_code == 200
        assert (await client.post("/key-check?canary", json={"canary": 1})).status_code == 415

asyncio.run(ask())
assert not [name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))]

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

sent = InMemorySpanExporter()
trace.set_tracer_provider(TracerProvider())
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(sent))
with trace.get_tracer("test").start_as_current_span("agent"):
    asyncio.run(ask())
print([span.name for span in sent.get_finished_spans()])
"""


def test_sdk_is_not_imported_and_an_agent_gets_no_spans_when_no_collector_is_set() -> None:
    """An agent (`opentelemetry-instrument`) sets providers of the process; FastAPI would tell it addresses and more."""
    answer = subprocess.run(
        [sys.executable, "-c", _ALONE],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "FASTAPI_OTEL_AUTO_CONFIGURE": "true"},
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "['agent']"
