"""What a streamed answer comes to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal.gateway import replies, results
from portal.gateway.answers import Answer, Ending
from portal.gateway.results import Phase, Shape, TimedOut
from portal.gateway.stages import NotStreamed, StreamBroke, Streamed, StreamFinding, StreamFlaw
from portal.gateway.stream_order import OWN_EVENTS
from portal.gateway.stream_probe import BURST_MS, FEW_DELTAS, HELD_BACK_MS, arrived_in_one_block, read_stream
from tests.gateway.wire import EVENTS, JSON, KEY, Wire, access

pytestmark = pytest.mark.anyio

MODEL = "claude-sonnet-4.6"
STREAM = b"".join(replies.events(MODEL, "one two three four five six", 24, 30))
RECORDED = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "data" / "streams").glob("*.sse"))}


def recorded(kind: str) -> list[str]:
    return [name for name in RECORDED if name.startswith(kind)]


async def find(answer: Answer | TimedOut, pause_ms: int = 50, piece: int = 64) -> StreamFinding:
    return await read_stream(Wire(lambda _: answer, pause_ms, piece), access(), MODEL)


async def test_question_asks_for_a_stream_of_several_events() -> None:
    wire = Wire(lambda _: Answer(200, EVENTS, STREAM))
    await read_stream(wire, access(), f"{MODEL}[1m]")
    (request,) = wire.sent
    body = json.loads(request.body)
    assert (body["model"], body["stream"]) == (MODEL, True)
    assert 16 <= body["max_tokens"] <= 24
    assert KEY not in repr(request)


async def test_stream_is_streamed_when_it_is_spread_over_time() -> None:
    found = await find(Answer(200, EVENTS, STREAM))
    assert isinstance(found, Streamed)
    assert not found.in_one_block
    assert 0 < found.first_token_ms < found.duration_ms
    assert (found.events, found.input_tokens, found.output_tokens) == (12, 30, 6)


@pytest.mark.parametrize("name", recorded("good-"))
@pytest.mark.parametrize("piece", [1, 7, 10_000])
async def test_recorded_streams_are_streams(name: str, piece: int) -> None:
    found = await find(Answer(200, EVENTS, RECORDED[name]), piece=piece)
    assert isinstance(found, Streamed)
    assert found.output_tokens > 0


@pytest.mark.parametrize("name", recorded("broken-"))
async def test_recorded_broken_streams_are_never_streams(name: str) -> None:
    flaw = name.removeprefix("broken-").split("_")[0]
    found = await find(Answer(200, EVENTS, RECORDED[name]))
    assert isinstance(found, StreamBroke)
    assert found.flaw == flaw


@pytest.mark.parametrize("name", recorded("other-"))
async def test_recorded_answers_that_are_no_message_are_outcomes(name: str) -> None:
    kind = name.removeprefix("other-").split("_")[0]
    found = await find(Answer(200, EVENTS, RECORDED[name]))
    assert not isinstance(found, results.Accepted)
    assert type(found).__name__.lower() == kind.replace("-", "")


def test_recordings_are_there() -> None:
    assert len(RECORDED) >= 12


async def test_json_message_is_not_streamed() -> None:
    message = replies.message(MODEL, "hi you", 5, 30)
    found = await find(Answer(200, JSON, json.dumps(message).encode()))
    assert isinstance(found, NotStreamed)
    assert (found.input_tokens, found.output_tokens) == (30, 2)


async def test_error_answer_is_the_outcome() -> None:
    error = {"type": "error", "error": {"type": "authentication_error", "message": f"invalid key {KEY}"}}
    found = await find(Answer(401, JSON, json.dumps(error).encode()))
    assert isinstance(found, results.Rejected)
    assert KEY not in repr(found)


async def test_error_event_shows_what_was_said_without_the_key() -> None:
    error = replies.event("error", error={"type": "api_error", "message": f"failed for {KEY} <b>"})
    found = await find(Answer(200, EVENTS, STREAM[:700].rpartition(b"\n\n")[0] + b"\n\n" + error))
    assert isinstance(found, StreamBroke)
    assert (found.flaw, found.quote) == (StreamFlaw.ERROR_EVENT, "failed for ••• <b>")


@pytest.mark.parametrize("end", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("ending", [Ending.COMPLETE, Ending.CUT_OFF])
async def test_stream_is_cut_off_when_it_ends_early(end: float, ending: Ending) -> None:
    found = await find(Answer(200, EVENTS, STREAM[: int(end * len(STREAM))], ending))
    assert isinstance(found, StreamBroke)
    assert found.flaw is StreamFlaw.CUT_OFF


async def test_stream_without_content_is_out_of_order() -> None:
    silent = b"".join(replies.events_without(b"content_block_delta", replies.events(MODEL, "one two", 24, 30)))
    found = await find(Answer(200, EVENTS, silent))
    assert isinstance(found, StreamBroke)
    assert found.flaw is StreamFlaw.ILLEGAL_ORDER


def changed(name: str, **data: object) -> bytes:
    """The stream with other data in each event of this name."""
    made = [replies.read_event(event) for event in replies.events(MODEL, "one two three four", 24, 30)]
    return b"".join(replies.event(kind, **(was | data if kind == name else was)) for kind, was in made)


@pytest.mark.parametrize("name", sorted(OWN_EVENTS))
@pytest.mark.parametrize("kind", [None, "ping", "newer", 7, "message_start", "content_block_stop"])
async def test_event_whose_data_is_of_another_type_has_not_come(name: str, kind: object) -> None:
    if kind != name:
        found = await find(Answer(200, EVENTS, changed(name, type=kind)))
        assert isinstance(found, StreamBroke)


@pytest.mark.parametrize(
    "delta",
    [{}, {"text": "hi"}, {"type": "text_delta"}, {"type": "text_delta", "text": ""}, {"type": "text_delta", "text": 7},
     {"type": "text_delta", "text": " "}, {"type": "newer_delta"}],
)  # fmt: skip
async def test_stream_is_broken_when_no_text_comes_in_it(delta: dict[str, object]) -> None:
    found = await find(Answer(200, EVENTS, changed("content_block_delta", delta=delta)))
    assert isinstance(found, StreamBroke)
    assert found.flaw is StreamFlaw.ILLEGAL_ORDER


@pytest.mark.parametrize("name", sorted(OWN_EVENTS))
async def test_stream_is_broken_when_data_is_no_json(name: str) -> None:
    events = list(replies.events(MODEL, "one two", 24, 30))
    broken = [event.replace(b"data: {", b"data: {{") if name.encode() in event else event for event in events]
    found = await find(Answer(200, EVENTS, b"".join(broken)))
    assert isinstance(found, StreamBroke)


async def test_data_of_a_ping_does_not_matter() -> None:
    found = await find(Answer(200, EVENTS, b"event: ping\ndata: {\n\n" + STREAM))
    assert isinstance(found, Streamed)


@pytest.mark.parametrize(
    ("stop_reason", "kind"), [("max_tokens", Streamed), (None, Streamed), ("end_turn", StreamBroke)]
)
async def test_thinking_counts_when_the_answer_was_cut_off_before_the_text(stop_reason: str, kind: type) -> None:
    events = [
        replies.event("message_start", message={}),
        replies.event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}),
        replies.event("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "s"}),
        replies.event("content_block_stop", index=0),
        replies.event("message_delta", delta={"stop_reason": stop_reason}),
        replies.event("message_stop"),
    ]
    assert type(await find(Answer(200, EVENTS, b"".join(events)))) is kind


@pytest.mark.parametrize(
    "change",
    [
        {"usage": "x"}, {"model": None}, {"content": []}, {"content": ["text"]}, {"content": [{"type": "text"}]},
        {"content": [{"text": "hi"}]}, {"content": [{"type": "text", "text": ""}]}, {"content": [{"type": "newer"}]},
        {"content": [{"type": "text"}, {"type": "text", "text": "hi"}]},
        {"content": [{"type": "thinking", "thinking": "hm"}]},
    ],
)  # fmt: skip
async def test_message_that_the_client_cannot_use_is_no_answer(change: dict[str, object]) -> None:
    message = replies.message(MODEL, "hi you", 5, 30) | change
    found = await find(Answer(200, JSON, json.dumps(message).encode()))
    assert isinstance(found, results.NotMessagesApi)
    assert found.kind is Shape.OTHER_JSON


async def test_message_without_usage_is_no_answer() -> None:
    message = replies.message(MODEL, "hi you", 5, 30)
    del message["usage"]
    assert isinstance(await find(Answer(200, JSON, json.dumps(message).encode())), results.NotMessagesApi)


@pytest.mark.parametrize(
    "change",
    [
        {"usage": {}}, {"usage": None}, {"usage": {"input_tokens": 0, "output_tokens": 0}}, {"stop_reason": None},
        {"id": "chatcmpl-1"}, {"type": None}, {"content": ["x", {}, {"type": "text", "text": "hi"}]},
        {"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "hi"}]},
        {"content": [{"type": "newer"}, {"type": "text", "text": "hi"}]},
        {"content": [{"type": "thinking", "thinking": "hm"}], "stop_reason": "max_tokens"},
    ],
)  # fmt: skip
async def test_message_that_the_client_can_use_is_an_answer(change: dict[str, object]) -> None:
    message = replies.message(MODEL, "hi you", 5, 30) | change
    assert isinstance(await find(Answer(200, JSON, json.dumps(message).encode())), NotStreamed)


async def test_endless_stream_is_oversized() -> None:
    found = await find(Answer(200, EVENTS, STREAM[:700] + b": x\n" * 1000, Ending.TOO_LONG))
    assert isinstance(found, results.NotMessagesApi)
    assert found.kind is Shape.OVERSIZED


async def test_silence_before_the_stream_is_a_time_out() -> None:
    late = TimedOut(status=200, duration_ms=30_000, waited_for=Phase.ANSWER)
    assert await find(late) == late


@pytest.mark.parametrize("status", [201, 400, 500, 302])
async def test_stream_counts_only_with_success(status: int) -> None:
    found = await find(Answer(status, EVENTS, STREAM))
    assert isinstance(found, Streamed) == (status == 201)


def times(first: int, spread: int) -> tuple[int, ...]:
    return (first, *(first + spread * step // 9 for step in range(1, 10)))


@pytest.mark.parametrize(
    ("event_times", "deltas", "expected"),
    [
        (times(HELD_BACK_MS + 1, 0), FEW_DELTAS, True),
        (times(3000, BURST_MS), 12, True),
        (times(3000, BURST_MS + 1), 12, False),  # a thousand tokens a second are possible
        (times(HELD_BACK_MS, 0), 12, False),  # a fast gateway, or a simulated one
        (times(3000, 0), FEW_DELTAS - 1, False),  # a short answer
        ((50, *times(2000, 0)), 12, False),  # the start came at once
        ((), 12, False),
    ],
)
def test_one_block_is_told_from_a_fast_gateway(event_times: tuple[int, ...], deltas: int, *, expected: bool) -> None:
    assert arrived_in_one_block(event_times, deltas) is expected
