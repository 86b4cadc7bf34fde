"""Which event may follow which."""

from __future__ import annotations

import pytest

from portal.gateway.stream_order import StreamOrder, has_form

DATA: dict[str, dict[str, object]] = {
    "message_start": {"message": {}},
    "content_block_start": {"index": 0, "content_block": {"type": "text", "text": ""}},
    "content_block_delta": {"index": 0, "delta": {"type": "text_delta", "text": "hi"}},
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
        ("content_block_start", {"index": 1, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", {"index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}),
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


@pytest.mark.parametrize("block", [{}, {"type": None}, {"text": ""}])
def test_block_needs_a_type(block: dict[str, object]) -> None:
    assert legal("message_start", ("content_block_start", {"index": 0, "content_block": block}))[0] is False


@pytest.mark.parametrize(
    ("block", "delta", "fits"),
    [
        ("text", "text_delta", True),
        ("text", "citations_delta", True),
        ("text", "newer_delta", True),
        ("thinking", "thinking_delta", True),
        ("thinking", "signature_delta", True),
        ("server_tool_use", "input_json_delta", True),
        ("newer", "newer_delta", True),
        ("thinking", "text_delta", False),
        ("newer", "text_delta", False),
    ],
)
def test_delta_fits_its_block(block: str, delta: str, *, fits: bool) -> None:
    start = ("content_block_start", {"index": 0, "content_block": {"type": block}})
    assert legal("message_start", start, ("content_block_delta", {"index": 0, "delta": {"type": delta}}))[0] is fits


@pytest.mark.parametrize(
    ("delta", "formed"),
    [
        ({"type": "text_delta", "text": ""}, True),
        ({"type": "newer_delta"}, True),
        ({"type": "text_delta"}, False),
        ({"type": "text_delta", "text": None}, False),
        ({"type": "text_delta", "text": 7}, False),
        ({"text": "hi"}, False),
        ({}, False),
        ("hi", False),
        (None, False),
    ],
)
def test_delta_has_a_type_and_its_text(delta: object, *, formed: bool) -> None:
    assert has_form(delta) is formed


def test_message_start_needs_a_message() -> None:
    assert legal(("message_start", {}))[0] is False
