"""Which event may follow which."""

from __future__ import annotations

import pytest

from portal.gateway.stream_order import StreamOrder

DATA: dict[str, dict[str, object]] = {
    "message_start": {"message": {}},
    "content_block_start": {"index": 0, "content_block": {}},
    "content_block_delta": {"index": 0, "delta": {}},
    "content_block_stop": {"index": 0},
    "message_delta": {"delta": {}},
    "message_stop": {},
}
GOOD = list(DATA)
SECOND_BLOCK: list[tuple[str, dict[str, object]]] = [
    (kind, DATA[kind] | {"index": 2}) for kind in GOOD if kind.startswith("content_block")
]


def legal(*events: str | tuple[str, dict[str, object]]) -> tuple[bool, bool]:
    """(every event was legal, the stream is done)."""
    order = StreamOrder()
    named = [(event, DATA.get(event, {})) if isinstance(event, str) else event for event in events]
    return all(order.take(kind, data) for kind, data in named), order.done


@pytest.mark.parametrize(
    "events",
    [
        GOOD,
        ["ping", "message_start", "ping", *GOOD[1:4], "ping", *GOOD[4:], "ping"],
        [*GOOD[:4], *SECOND_BLOCK, *GOOD[4:]],
        ["message_start", "message_delta", "message_stop"],
        [*GOOD[:5], "message_delta", "message_stop"],
        ["message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop"],
        ["newer_event", *GOOD[:2], "newer_event", *GOOD[2:]],
    ],
)
def test_legal_streams_are_done(events: list[str | tuple[str, dict[str, object]]]) -> None:
    assert legal(*events) == (True, True)


@pytest.mark.parametrize("left_out", ["message_start", "content_block_start", "content_block_stop", "message_delta"])
def test_stream_is_illegal_when_an_event_is_left_out(left_out: str) -> None:
    assert legal(*(kind for kind in GOOD if kind != left_out))[0] is False


@pytest.mark.parametrize("kind", GOOD)
def test_nothing_may_come_after_the_end(kind: str) -> None:
    assert legal(*GOOD, kind)[0] is False


@pytest.mark.parametrize("end", range(len(GOOD)))
def test_stream_is_not_done_when_it_is_cut(end: int) -> None:
    assert legal(*GOOD[:end]) == (True, False)


@pytest.mark.parametrize(
    "event",
    [
        ("content_block_delta", {"index": 1, "delta": {}}),
        ("content_block_stop", {"index": 1}),
        ("content_block_delta", {"delta": {}}),
        ("content_block_start", {"index": 1, "content_block": {}}),
        ("content_block_delta", {"index": 0, "delta": "text"}),
        "message_start",
        "message_delta",
    ],
)
def test_illegal_inside_a_block(event: str | tuple[str, dict[str, object]]) -> None:
    assert legal(*GOOD[:2], event)[0] is False


def test_index_of_a_block_is_not_used_twice() -> None:
    assert legal(*GOOD[:4], "content_block_start")[0] is False


def test_text_in_the_start_of_a_block_is_illegal_because_the_client_loses_it() -> None:
    start = ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": "lost"}})
    assert legal("message_start", start)[0] is False


def test_message_start_needs_a_message() -> None:
    assert legal(("message_start", {}))[0] is False
