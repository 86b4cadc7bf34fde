"""Whatever bytes come, every probe ends in time, raises nothing, shows no key and is green for no nonsense."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.gateway import results
from portal.gateway.client import GatewayClient
from portal.gateway.results import CheckResult
from portal.gateway.stages import (
    ClientShape,
    MessageProbe,
    ModelsListed,
    NotStreamed,
    Rehearsed,
    Streamed,
    StreamFinding,
)
from tests.gateway.test_robustness import bodies as documents
from tests.gateway.wire import KEY, access

MODEL = "claude-sonnet-4.6"
SECONDS = 2.0
LEGAL = re.compile(r"S(?:B\d(?:D\d)*E\d)*M+T")
LETTERS = {
    "message_start": "S",
    "content_block_start": "B",
    "content_block_delta": "D",
    "content_block_stop": "E",
    "message_delta": "M",
    "message_stop": "T",
}

GOOD = {
    "index": 0,
    "message": {},
    "delta": {"type": "text_delta", "text": "hi"},
    "content_block": {"type": "text", "text": ""},
}
kinds = st.sampled_from([*LETTERS, "ping", "error", "newer_event", ""])
events = st.tuples(kinds, st.integers(0, 2)).map(
    lambda pair: (
        pair[0],
        GOOD | {"type": pair[0], "index": pair[1], "error": {"message": KEY}},
    ),
)
legal = st.just([(kind, GOOD | {"type": kind}) for kind in LETTERS])
streams = st.one_of(st.lists(events, max_size=12), legal).map(
    lambda made: "".join(f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in made).encode()
)
cut = st.tuples(streams, st.integers(0, 40)).map(lambda pair: pair[0][: -pair[1] or None])
anything = st.one_of(cut, documents, st.binary(max_size=300))
statuses = st.one_of(st.just(200), st.integers(200, 599))
heads = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(["application/json", "text/event-stream", "text/html", "x"]),
        "content-encoding": st.sampled_from(["gzip", "deflate", "br", "identity"]),
        "retry-after": st.sampled_from(["1", "x", KEY]),
        "location": st.sampled_from(["http://[", "/v1", KEY]),
    },
)


class Pieces(httpx.AsyncByteStream):
    def __init__(self, body: bytes, size: int) -> None:
        self._pieces = [body[at : at + size] for at in range(0, len(body), size)]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


async def ask_all(
    status: int, head: dict[str, str], body: bytes, size: int
) -> tuple[MessageProbe, object, StreamFinding, object]:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=head, stream=Pieces(body, size))

    async with GatewayClient(transport=httpx.MockTransport(answer), total_seconds=SECONDS) as client:
        return (
            await client.probe_message(access(), MODEL),
            await client.list_models(access()),
            await client.probe_stream(access(), MODEL),
            await client.rehearse(access(), MODEL, ClientShape.CURRENT, count=True),
        )


def is_legal_stream(body: bytes) -> bool:
    """The definition of a good stream, written a second time, for the streams that are made above."""
    said = ""
    for block in body.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n").split("\n\n")[:-1]:
        name = re.search(r"^event: ?(.*)$", block, re.MULTILINE)
        data = re.search(r"^data: ?(.*)$", block, re.MULTILINE)
        letter = LETTERS.get(name[1] if name else "", "")
        if letter and data:
            index = json.loads(data[1])["index"]
            said += letter + (str(index) if letter in "BDE" else "")
        if letter == "T":
            break
        if name and name[1] == "error":
            return False
    blocks = re.findall(r"B(\d)((?:D\d)*)E(\d)", said)
    same = all(set(re.findall(r"\d", deltas)) <= {start} and start == end for start, deltas, end in blocks)
    return LEGAL.fullmatch(said) is not None and same and len({start for start, *_ in blocks}) == len(blocks)


@settings(max_examples=150, deadline=None)
@given(statuses, heads, anything, st.integers(1, 500))
@example(200, {"content-type": "text/event-stream"}, b"event: message_start\ndata: " + b"[" * 50_000 + b"\n\n", 500)
@example(200, {"content-encoding": "gzip", "content-type": "text/event-stream"}, b"\x1f\x8b" + b"x" * 50, 7)
@example(200, {"content-type": "application/json"}, b'{"data": [{"id": "' + KEY.encode() + b'"}], "has_more": true}', 9)
def test_any_answer_has_its_findings(status: int, head: dict[str, str], body: bytes, size: int) -> None:
    started = time.perf_counter()
    message, models, stream, rehearsal = asyncio.run(ask_all(status, head, body, size))
    assert time.perf_counter() - started < 4 * SECONDS
    green = isinstance(message.result, results.Accepted)
    assert green or not isinstance(stream, NotStreamed)
    assert isinstance(stream, results.Accepted) is False
    if isinstance(stream, Streamed):
        assert 200 <= status < 300
        assert is_legal_stream(body)
    if isinstance(rehearsal, Rehearsed):
        assert green or isinstance(stream, Streamed)
    if isinstance(models, ModelsListed):
        assert 200 <= status < 300
    assert KEY not in "".join(map(repr, (message, models, stream, rehearsal)))


def test_a_legal_stream_is_green_here_so_that_the_property_means_something() -> None:
    body = "".join(f"event: {kind}\ndata: {json.dumps(GOOD | {'type': kind})}\n\n" for kind in LETTERS).encode()
    *_, stream, rehearsal = asyncio.run(ask_all(200, {"content-type": "text/event-stream"}, body, 30))
    assert isinstance(stream, Streamed)
    assert isinstance(rehearsal, Rehearsed)
    assert is_legal_stream(body)


@pytest.mark.parametrize("size", [1, 64 * 1024])
def test_endless_bodies_end(size: int) -> None:
    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield b":" * size
                await asyncio.sleep(0)

    async def ask() -> tuple[CheckResult, object, object]:
        def answer(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Endless())

        async with GatewayClient(transport=httpx.MockTransport(answer), total_seconds=SECONDS) as client:
            return (
                (await client.probe_message(access(), MODEL)).result,
                await client.list_models(access()),
                await client.probe_stream(access(), MODEL),
            )

    started = time.perf_counter()
    message, models, stream = asyncio.run(ask())
    assert time.perf_counter() - started < 4 * SECONDS
    assert not isinstance(message, results.Accepted)
    assert not isinstance(models, ModelsListed)
    assert not isinstance(stream, Streamed)
