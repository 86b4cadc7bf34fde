"""Which part of the real client's request a gateway refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.gateway import replies, results
from portal.gateway.answers import Answer, Ending
from portal.gateway.behaviours import Behaviour
from portal.gateway.client_shape import CLIENT_TOKENS, STAYING_BETAS
from portal.gateway.malformed import changed_events
from portal.gateway.outgoing import Outgoing
from portal.gateway.rehearsal import MOST_REPEATS, rehearse
from portal.gateway.results import Obstacle, Phase, TimedOut, Unreachable
from portal.gateway.stages import ClientShape, PartRefused, Rehearsal, RehearsalFailed, Rehearsed, RequestPart
from tests.gateway.wire import EVENTS, JSON, KEY, Wire, access

pytestmark = pytest.mark.anyio

MODEL = "claude-sonnet-4.6"
STREAM = b"".join(replies.events(MODEL, "ready", 16, 31_000))
MESSAGE = json.dumps(replies.message(MODEL, "ready", 16, 31_000)).encode()
PAGE = b"<html><head><title>403 Forbidden</title></head></html>"
BOTH = pytest.mark.parametrize("shape", ClientShape)

Refuse = Callable[[dict[str, Any], set[str], int], object]


def refused(status: int, message: str) -> Answer:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    return Answer(status, JSON, json.dumps(error).encode())


def gateway(refuse: Refuse) -> Callable[[Outgoing], Answer | TimedOut | Unreachable]:
    """Answers what `refuse` (body, betas, size) lets pass; a text is a 400 with these words."""

    def reply(request: Outgoing) -> Answer | TimedOut | Unreachable:
        body = json.loads(request.body)
        if request.url.endswith("count_tokens?beta=true"):
            return Answer(200, JSON, b'{"input_tokens": 30500}')
        betas = set(filter(None, request.headers.get("anthropic-beta", "").split(",")))
        refusal = refuse(body, betas, len(request.body))
        match refusal:
            case str() if refusal:
                return refused(400, refusal)
            case Answer() | TimedOut() | Unreachable():
                return refusal
            case _:
                return Answer(200, EVENTS, STREAM) if body.get("stream") else Answer(200, JSON, MESSAGE)

    return reply


async def rehearsed(
    refuse: Refuse, shape: ClientShape = ClientShape.CURRENT, *, model: str = MODEL, count: bool = False
) -> tuple[Rehearsal, list[Outgoing]]:
    wire = Wire(gateway(refuse))
    return await rehearse(wire, access(), model, shape, count=count), wire.sent


@BOTH
async def test_rehearsal_succeeds_with_one_request(shape: ClientShape) -> None:
    found, sent = await rehearsed(lambda *_: "", shape)
    assert isinstance(found, Rehearsed)
    assert (found.shape, found.input_tokens, found.output_tokens, found.counted_tokens) == (shape, 31_000, 1, None)
    assert [len(request.body) for request in sent] == [found.body_bytes]


async def test_tokens_are_counted_when_wished() -> None:
    found, sent = await rehearsed(lambda *_: "", count=True)
    assert isinstance(found, Rehearsed)
    assert found.counted_tokens == 30_500
    assert len(sent) == 2


PARTS: list[tuple[RequestPart, str, Callable[[dict[str, Any], set[str], int], bool]]] = [
    (RequestPart.CONTEXT_MANAGEMENT, "context_management: Extra inputs are not permitted",
     lambda body, _betas, _size: "context_management" in body),
    (RequestPart.BETAS, "Unexpected value(s) `advanced-tool-use-2025-11-20` for the `anthropic-beta` header.",
     lambda _body, betas, _size: not betas <= STAYING_BETAS),
    (RequestPart.THINKING, "thinking.type: Input should be 'enabled'", lambda body, _betas, _size: "thinking" in body),
    (RequestPart.EFFORT, "output_config: Extra inputs are not permitted",
     lambda body, _betas, _size: "output_config" in body),
    (RequestPart.TOOLS, "tools.0.input_schema: not supported", lambda body, _betas, _size: "tools" in body),
    (RequestPart.SYSTEM_BLOCKS, "system: Input should be a valid string",
     lambda body, _betas, _size: isinstance(body.get("system"), list)),
    (RequestPart.LARGE_BODY, "prompt is too long: 31000 tokens > 8192 maximum", lambda _b, _betas, size: size > 50_000),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize(("part", "words", "has_it"), PARTS)
async def test_named_part_is_proven_with_one_more_request(
    part: RequestPart, words: str, has_it: Callable[..., bool], shape: ClientShape
) -> None:
    found, sent = await rehearsed(lambda *of: words if has_it(*of) else "", shape)
    assert isinstance(found, PartRefused)
    assert (found.part, found.status, found.quote) == (part, 400, words)
    assert found.body_bytes == len(sent[0].body)
    assert len(sent) == 2
    copes = shape is ClientShape.CURRENT and part in {RequestPart.BETAS, RequestPart.CONTEXT_MANAGEMENT}
    assert found.client_copes is copes


@BOTH
@pytest.mark.parametrize(("part", "_words", "has_it"), PARTS)
@pytest.mark.parametrize("said", ["Bad request", "参数错误"])
async def test_unnamed_part_is_found_by_leaving_parts_out(
    part: RequestPart, _words: str, has_it: Callable[..., bool], said: str, shape: ClientShape
) -> None:
    found, sent = await rehearsed(lambda *of: said if has_it(*of) else "", shape)
    assert isinstance(found, PartRefused)
    assert found.part is part
    assert len(sent) <= 1 + MOST_REPEATS


@pytest.mark.parametrize(
    "answer",
    [
        Answer(413, {"content-type": "text/html"}, PAGE),
        Answer(403, {"content-type": "text/html"}, PAGE),
        Answer(406, {"content-type": "text/html"}, PAGE),
        Answer(200, {"content-type": "text/html"}, PAGE),
        Answer(403, {}, b""),
        Unreachable(status=None, duration_ms=3, kind=Obstacle.OTHER),
    ],
)
async def test_firewall_is_found_at_once(answer: Answer | Unreachable) -> None:
    found, sent = await rehearsed(lambda _body, _betas, size: answer if size > 50_000 else "")
    assert isinstance(found, PartRefused)
    assert found.part is RequestPart.LARGE_BODY
    assert len(sent) <= 3  # a page with a 200 is first repeated without streaming, as the client does


async def test_window_of_a_million_is_found_even_as_a_429() -> None:
    words = "Extra usage is required for long context requests."
    found, _ = await rehearsed(
        lambda _body, betas, _size: refused(429, words) if "context-1m-2025-08-07" in betas else "",
        model=f"{MODEL}[1m]",
    )
    assert isinstance(found, PartRefused)
    assert found.part is RequestPart.ONE_MILLION


async def test_named_part_stands_when_another_part_is_refused_too() -> None:
    def refuse(body: dict[str, Any], betas: set[str], _size: int) -> str:
        if "context_management" in body:
            return "context_management: Extra inputs are not permitted"
        return "tools: not supported" if "tools" in body else ""

    found, sent = await rehearsed(refuse)
    assert isinstance(found, PartRefused)
    assert found.part is RequestPart.CONTEXT_MANAGEMENT
    assert len(sent) <= 2 + MOST_REPEATS


async def test_part_is_unknown_when_nothing_tells() -> None:
    found, _ = await rehearsed(lambda body, _betas, _size: "no" if "metadata" in body else "")
    assert isinstance(found, PartRefused)
    assert found.part is RequestPart.UNKNOWN


async def test_outcome_is_told_when_the_small_request_is_refused_as_well() -> None:
    found, _ = await rehearsed(lambda *_: "context_management: Extra inputs are not permitted")
    assert isinstance(found, RehearsalFailed)
    assert isinstance(found.result, results.RequestRefused)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(401, "invalid x-api-key"), results.Rejected),
        (refused(402, "no balance"), results.OutOfCredit),
        (refused(429, "rate limit"), results.Throttled),
        (refused(529, "Overloaded"), results.GatewayFailed),
        (TimedOut(status=None, duration_ms=60_000, waited_for=Phase.ANSWER), TimedOut),
        (Unreachable(status=None, duration_ms=1, kind=Obstacle.REFUSED), Unreachable),
    ],
)
async def test_other_outcomes_are_told_at_once(answer: object, kind: type) -> None:
    found, sent = await rehearsed(lambda *_: answer)
    assert isinstance(found, RehearsalFailed)
    assert isinstance(found.result, kind)
    assert len(sent) == 1


async def test_search_ends_when_the_credit_does() -> None:
    def refuse(body: dict[str, Any], _betas: set[str], _size: int) -> object:
        return "Bad request" if "context_management" in body else refused(402, "no balance")

    found, sent = await rehearsed(refuse)
    assert isinstance(found, RehearsalFailed)
    assert isinstance(found.result, results.OutOfCredit)
    assert len(sent) == 3


async def test_small_max_tokens_are_not_held_against_the_gateway() -> None:
    words = "max_tokens must be greater than thinking.budget_tokens"
    found, sent = await rehearsed(lambda body, *_: words if body["max_tokens"] < 2000 else "")
    assert isinstance(found, Rehearsed)
    assert [json.loads(request.body)["max_tokens"] for request in sent] == [16, CLIENT_TOKENS]


@pytest.mark.parametrize("end", [400, 800, -40])
async def test_broken_stream_is_repeated_without_streaming_as_the_client_does(end: int) -> None:
    def refuse(body: dict[str, Any], *_: object) -> object:
        return Answer(200, EVENTS, STREAM[:end]) if body["stream"] else ""

    found, sent = await rehearsed(refuse)
    assert isinstance(found, Rehearsed)
    assert [json.loads(request.body)["stream"] for request in sent] == [True, False]


@pytest.mark.parametrize("body", [b"", b"<html><title>Console</title></html>", b"event: ping\ndata: {}\n\n"])
async def test_what_is_no_stream_is_repeated_as_the_client_does(body: bytes) -> None:
    def refuse(asked: dict[str, Any], *_: object) -> object:
        return Answer(200, EVENTS, body) if asked["stream"] else ""

    found, sent = await rehearsed(refuse)
    assert isinstance(found, Rehearsed)
    assert len(sent) == 2


async def test_missing_message_delta_does_not_matter_to_the_client() -> None:
    stream = b"".join(replies.events_without(b"message_delta", replies.events(MODEL, "ready", 16, 31_000)))
    found, _ = await rehearsed(lambda body, *_: Answer(200, EVENTS, stream) if body["stream"] else "")
    assert isinstance(found, Rehearsed)


async def test_disorder_that_the_client_does_not_repeat_is_a_failure() -> None:
    stream = b"".join(replies.events_without(b"content_block_stop", replies.events(MODEL, "ready", 16, 31_000)))
    found, sent = await rehearsed(lambda *_: Answer(200, EVENTS, stream))
    assert isinstance(found, RehearsalFailed)
    assert isinstance(found.result, results.NotMessagesApi)
    assert len(sent) == 1


@BOTH
async def test_stream_without_content_is_a_failure(shape: ClientShape) -> None:
    stream = b"".join(replies.events_without(b"content_block", replies.events(MODEL, "ready", 16, 31_000)))
    found, sent = await rehearsed(lambda *_: Answer(200, EVENTS, stream), shape)
    assert isinstance(found, RehearsalFailed)
    assert isinstance(found.result, results.NotMessagesApi)
    assert len(sent) == 1


async def test_stream_without_content_is_an_answer_when_it_was_cut_off() -> None:
    stream = b"".join(replies.events_without(b"content_block", replies.events(MODEL, "ready " * 20, 16, 31_000)))
    found, _ = await rehearsed(lambda *_: Answer(200, EVENTS, stream))
    assert isinstance(found, Rehearsed)


@pytest.mark.parametrize("change", [{"content": []}, {"content": [{"type": "text"}]}, {"usage": "x"}])
async def test_message_that_the_client_cannot_use_is_a_failure(change: dict[str, object]) -> None:
    useless = Answer(200, JSON, json.dumps(json.loads(MESSAGE) | change).encode())
    found, sent = await rehearsed(lambda *_: useless)
    assert isinstance(found, RehearsalFailed)
    assert isinstance(found.result, results.NotMessagesApi)
    assert len(sent) == 2  # the second as the client repeats it, and nothing is left out of it
    broken = Answer(200, EVENTS, b"event: ping\ndata: {}\n\n")
    found, _ = await rehearsed(lambda body, *_: broken if body["stream"] else useless)
    assert isinstance(found, RehearsalFailed)


@pytest.mark.parametrize(("shape", "kind"), [(ClientShape.CURRENT, Rehearsed), (ClientShape.OLDER, RehearsalFailed)])
@pytest.mark.parametrize("behaviour", [Behaviour.UNTYPED_DELTAS, Behaviour.BROKEN_STOP])
async def test_only_the_current_client_repeats(behaviour: Behaviour, shape: ClientShape, kind: type) -> None:
    stream = b"".join(changed_events(behaviour, replies.events(MODEL, "ready", 16, 31_000)))
    found, _ = await rehearsed(lambda body, *_: Answer(200, EVENTS, stream) if body["stream"] else "", shape)
    assert type(found) is kind


@pytest.mark.parametrize(("shape", "kind"), [(ClientShape.CURRENT, Rehearsed), (ClientShape.OLDER, RehearsalFailed)])
async def test_stream_that_cannot_be_decompressed_is_repeated_by_the_current_client(
    shape: ClientShape, kind: type
) -> None:
    broken = Answer(200, EVENTS | {"content-encoding": "br"}, b"", Ending.CUT_OFF)
    found, _ = await rehearsed(lambda body, *_: broken if body["stream"] else "", shape)
    assert type(found) is kind


async def test_json_instead_of_a_stream_is_an_answer() -> None:
    found, _ = await rehearsed(lambda *_: Answer(200, JSON, MESSAGE))
    assert isinstance(found, Rehearsed)
    assert found.output_tokens == 1


async def test_key_is_in_no_outcome() -> None:
    found, _ = await rehearsed(lambda body, *_: f"tools refused for {KEY}" if "tools" in body else "")
    assert isinstance(found, PartRefused)
    assert KEY not in repr(found)
