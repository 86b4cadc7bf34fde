"""Events are the same however the bytes are cut."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.gateway.sse import SseEvent, SseParser

names = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1, max_size=8)
lines = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12), min_size=1)
events = st.lists(st.builds(SseEvent, names, lines.map("\n".join)), max_size=5)
ends = st.sampled_from(["\n", "\r\n", "\r"])


def parse(*chunks: bytes) -> list[SseEvent]:
    parser = SseParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def write(made: list[SseEvent], end: str) -> bytes:
    blocks = (
        [f"event: {event.name}", *(f"data: {line}" for line in event.data.split("\n")), ": a comment", ""]
        for event in made
    )
    return "".join(line + end for block in blocks for line in block).encode()


@given(events, ends, st.data())
def test_events_are_the_same_wherever_the_bytes_are_cut(made: list[SseEvent], end: str, data: st.DataObject) -> None:
    raw = write(made, end)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    chunks = [raw[first:last] for first, last in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert parse(*chunks) == made
    assert parse(*(raw[at : at + 1] for at in range(len(raw)))) == made


@given(st.binary(max_size=300), st.integers(1, 20))
def test_any_bytes_are_read_alike_in_pieces(raw: bytes, size: int) -> None:
    assert parse(raw) == parse(*(raw[at : at + size] for at in range(0, len(raw), size)))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\xef\xbb\xbfevent: a\ndata: 1\n\n", [SseEvent("a", "1")]),
        (b"event:a\ndata:1\ndata: 2\n\n", [SseEvent("a", "1\n2")]),
        (b"data: 1\n\n", [SseEvent("", "1")]),
        (b"event: a\n\ndata: 1\n\n", [SseEvent("", "1")]),  # an event without data is none, and takes its name along
        (b"event: a\ndata\n\n", [SseEvent("a", "")]),
        (b"id: 7\nretry: 1\nnonsense\nevent: a\ndata: 1\n\n", [SseEvent("a", "1")]),
        (b"event: a\ndata: 1\n", []),  # the end cuts it off
        (b": keep-alive\n\n", []),
        (b"event: a\r\ndata: 1\r", []),
        ("event: a\ndata: ✓\n\n".encode(), [SseEvent("a", "✓")]),
    ],
)
def test_rules_of_the_standard(raw: bytes, expected: list[SseEvent]) -> None:
    assert parse(raw) == expected


def test_time_grows_with_the_bytes_only() -> None:
    started = time.perf_counter()
    parser = SseParser()
    for _ in range(200_000):
        parser.feed(b"x")
    assert time.perf_counter() - started < 2
