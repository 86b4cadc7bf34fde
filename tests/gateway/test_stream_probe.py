"""What a streamed answer comes to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal.gateway import replies, results
from portal.gateway.answers import Answer, Ending
from portal.gateway.results import Phase, Shape, TimedOut
from portal.gateway.stages import NotStreamed, StreamBroke, Streamed, StreamFinding, StreamFlaw
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
