"""Owns understanding a streamed answer: whether it is one, complete, in order, and spread over time. PURE.

How the arrival times are judged is in `arrived_in_one_block`. It must not know the request (`outgoing`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, assert_never

from portal.gateway import results
from portal.gateway.access import Access
from portal.gateway.answers import Answer, Ending
from portal.gateway.bodies import THINKING, tokens_in
from portal.gateway.classify import classify, context_of
from portal.gateway.exchanges import Answered, Exchange, Send, Unanswered
from portal.gateway.outgoing import few_streamed_tokens, sent_model_id
from portal.gateway.quotes import quote
from portal.gateway.results import Phase, Shape
from portal.gateway.sse import SseEvent, SseParser
from portal.gateway.stages import ClientShape, NotStreamed, StreamBroke, Streamed, StreamFinding, StreamFlaw
from portal.gateway.stream_order import OWN_EVENTS, StreamOrder, has_form
from portal.keys import ApiKey

STREAM_LIMIT: Final = 512 * 1024
"""Most bytes of a streamed answer that are read. Two dozen tokens take about 5 KB."""

BURST_MS: Final = 20
"""Events that all arrive within this time came together, in milliseconds: no model writes many tokens that fast."""

HELD_BACK_MS: Final = 200
"""A wait for the first event that is long enough to have been spent on writing the tokens, in milliseconds."""

FEW_DELTAS: Final = 4
"""Pieces of content below which the times tell nothing."""


def arrived_in_one_block(event_times_ms: tuple[int, ...], deltas: int) -> bool:
    """Whether something held the events back until the last was there.

    True only when there are at least `FEW_DELTAS` pieces of content, the first event took more than `HELD_BACK_MS`, and
    all of them then came within `BURST_MS`. A gateway that is simply fast (a short wait), or a short answer, is not
    called buffering; and neither is one that sends `message_start` at once and holds back the rest only in part.
    """
    if deltas < FEW_DELTAS or not event_times_ms:
        return False
    return event_times_ms[0] > HELD_BACK_MS and event_times_ms[-1] - event_times_ms[0] <= BURST_MS


_NOBODY: Final[frozenset[ClientShape]] = frozenset()
_EVERYBODY: Final = frozenset(ClientShape)
_CURRENT: Final = frozenset({ClientShape.CURRENT})


@dataclass(frozen=True, slots=True)
class _Flaw:
    kind: StreamFlaw
    said: str = ""
    repeated_by: frozenset[ClientShape] = _EVERYBODY


class StreamReader:
    """Follows a streamed answer while it arrives (a `Reader`), and says what came of it (`finding`)."""

    def __init__(self) -> None:
        self._parser = SseParser()
        self._order = StreamOrder()
        self._times: list[int] = []
        self._deltas = 0
        self._first_token_ms: int | None = None
        self._ended_ms = 0
        self._input_tokens = 0
        self._output_tokens = 0
        self._flaw: _Flaw | None = None
        self._pings_only = True
        self._has_text = False
        self._thinks = False
        self._calls_tool = False
        self._stop_reason: object = None

    @property
    def begun(self) -> bool:
        """Whether the answer is a streamed Message, however it goes on."""
        return self._order.begun

    @property
    def has_content(self) -> bool:
        """Whether text has come that the client shows, or thinking that was cut off before the text."""
        return self._has_text or (self._thinks and self._stop_reason != "end_turn")

    @property
    def is_answer(self) -> bool:
        """Whether the client can go on with what has come, to a request with tools: content, a call, or a cut."""
        return self.has_content or self._calls_tool or self._stop_reason == "max_tokens"

    def is_repeated_by(self, client: ClientShape) -> bool:
        """Whether the client meets this flaw by repeating the request without streaming.

        Measured with 2.1.330 and 2.1.197: so they do after an `error` event, a cut, data that is no JSON, blocks
        without a type and content that does not fit its block or that no block was opened for, and they do not mind a
        missing `message_delta`; other disorder is an empty answer or an error. Where a delta has no type or no text,
        the data of the last events is no JSON, or the bytes cannot be decompressed, the older one shows what it has,
        or an error (sometimes, as for bytes that cannot be decompressed).
        """
        return self._flaw is None or client in self._flaw.repeated_by

    def feed(self, data: bytes, at_ms: int) -> bool:
        """Take the next bytes; True once `message_stop` or a flaw has come."""
        if not self._finished:
            for event in self._parser.feed(data):
                self._take(event, at_ms)
                if self._finished:
                    break
        return self._finished

    def finding(self, exchange: Exchange, access: Access, model: str) -> StreamFinding:
        """What came of the request whose answer was fed to this reader; `model` is the id that was sent."""
        match exchange:
            case Unanswered():
                ended = exchange.result
                if not self.begun or (isinstance(ended, results.TimedOut) and ended.waited_for is Phase.QUEUE):
                    return ended
                flaw = StreamFlaw.STALLED if isinstance(ended, results.TimedOut) else StreamFlaw.CUT_OFF
                return self._broke(flaw, ended.duration_ms)
            case Answered(answer=answer) if 200 <= answer.status < 300 and self.begun:
                return self._judge(exchange, access.key)
            case Answered():
                return self._judge_other(exchange, access, model)
            case _:
                assert_never(exchange)

    @property
    def _finished(self) -> bool:
        return self._order.done or self._flaw is not None

    def _judge(self, exchange: Answered, key: ApiKey) -> StreamFinding:
        if self._flaw:
            return self._broke(self._flaw.kind, exchange.duration_ms, quote(self._flaw.said, key))
        if not self._order.done:
            if exchange.answer.ending is Ending.TOO_LONG:
                return results.NotMessagesApi(
                    status=exchange.answer.status, duration_ms=exchange.duration_ms, kind=Shape.OVERSIZED
                )
            return self._broke(StreamFlaw.CUT_OFF, exchange.duration_ms)
        return Streamed(
            in_one_block=arrived_in_one_block(tuple(self._times), self._deltas),
            first_token_ms=self._ended_ms if self._first_token_ms is None else self._first_token_ms,
            duration_ms=self._ended_ms,
            events=len(self._times),
            input_tokens=self._input_tokens,
            output_tokens=self._output_tokens,
        )

    def _judge_other(self, exchange: Answered, access: Access, model: str) -> StreamFinding:
        """What an answer is that is no streamed Message."""
        answer = exchange.answer
        result = classify(answer, context_of(exchange, access, model, to_be_read=True))
        if not isinstance(result, results.Accepted) and _is_unreadable_stream(answer):
            self._flaw = _Flaw(StreamFlaw.CUT_OFF, repeated_by=_CURRENT)
            return self._broke(StreamFlaw.CUT_OFF, exchange.duration_ms)
        if isinstance(result, results.NotMessagesApi) and result.kind is Shape.EVENT_STREAM:
            flaw = StreamFlaw.CUT_OFF if self._pings_only else StreamFlaw.ILLEGAL_ORDER
            return self._broke(flaw, exchange.duration_ms, result.quote)
        if not isinstance(result, results.Accepted):
            return result
        return NotStreamed(
            duration_ms=exchange.duration_ms,
            input_tokens=result.input_tokens,
            output_tokens=result.output_tokens,
        )

    @staticmethod
    def _broke(flaw: StreamFlaw, duration_ms: int, said: str = "") -> StreamBroke:
        return StreamBroke(flaw=flaw, duration_ms=duration_ms, quote=said)

    def _take(self, event: SseEvent, at_ms: int) -> None:
        data = _parse(event.data)
        self._times.append(at_ms)
        self._pings_only = self._pings_only and event.name == "ping"
        if event.name == "error":
            # Before `message_start` the whole answer is an error, which `classify` reads from the body.
            self._flaw = _Flaw(StreamFlaw.ERROR_EVENT, _message_in(data or {}) or event.data)
            return
        if event.name not in OWN_EVENTS:
            return
        if data is None:
            ending = event.name in {"message_delta", "message_stop"}
            self._flaw = _Flaw(StreamFlaw.ILLEGAL_ORDER, event.name, _CURRENT if ending else _EVERYBODY)
            return
        kind = data.get("type")
        if kind != event.name:
            if kind in OWN_EVENTS:
                self._flaw = _Flaw(StreamFlaw.ILLEGAL_ORDER, event.name, _NOBODY)
            return  # the client goes by the type: to it, nothing of its own has come
        delta = data.get("delta")
        if event.name == "content_block_delta" and self._order.block is not None and not has_form(delta):
            self._flaw = _Flaw(StreamFlaw.ILLEGAL_ORDER, event.name, _CURRENT)
            return
        repeats = self._would_be_repeated(event.name, data)
        if self._order.take(event.name, data):
            self._understand(event.name, data, at_ms)
        else:
            self._flaw = _Flaw(StreamFlaw.ILLEGAL_ORDER, event.name, _EVERYBODY if repeats else _NOBODY)

    def _would_be_repeated(self, name: str, data: dict[str, object]) -> bool:
        """Whether the clients ask again without streaming, if this event is out of order."""
        match name:
            case _ if not self._order.begun:
                return True
            case "content_block_start":
                block = data.get("content_block")
                return isinstance(block, dict) and not isinstance(block.get("type"), str)
            case "content_block_delta":
                return not self._order.opened or data.get("index") == self._order.block
            case "message_stop":
                return self._order.closed
            case _:
                return False

    def _understand(self, name: str, data: dict[str, object], at_ms: int) -> None:
        match name:
            case "message_start":
                message = data.get("message")
                self._count(message.get("usage") if isinstance(message, dict) else None)
            case "content_block_start":
                block = data.get("content_block")
                kind = block.get("type") if isinstance(block, dict) else None
                self._thinks = self._thinks or kind in THINKING
                self._calls_tool = self._calls_tool or kind == "tool_use"
            case "content_block_delta":
                delta = data.get("delta")
                text = delta.get("text") if isinstance(delta, dict) and delta.get("type") == "text_delta" else None
                self._deltas += 1
                self._has_text = self._has_text or (isinstance(text, str) and not text.isspace() and text != "")
                self._first_token_ms = at_ms if self._first_token_ms is None else self._first_token_ms
            case "message_delta":
                delta = data.get("delta")
                self._stop_reason = (delta.get("stop_reason") if isinstance(delta, dict) else None) or self._stop_reason
                self._count(data.get("usage"))
            case "message_stop":
                self._ended_ms = at_ms

    def _count(self, usage: object) -> None:
        """The last counts stand: `message_delta` has the sums (converters often have the input there only)."""
        input_tokens, output_tokens = tokens_in(usage)
        self._input_tokens = input_tokens or self._input_tokens
        self._output_tokens = output_tokens or self._output_tokens


def _is_unreadable_stream(answer: Answer) -> bool:
    return 200 <= answer.status < 300 and answer.is_unreadable and answer.media_type == "text/event-stream"


def _parse(data: str) -> dict[str, object] | None:
    """The JSON object, or None when it is none."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _message_in(data: dict[str, object]) -> str:
    error = data.get("error")
    said = error.get("message") if isinstance(error, dict) else error
    return said if isinstance(said, str) else ""


async def read_stream(send: Send, access: Access, model_id: str) -> StreamFinding:
    """Ask for a few streamed tokens and say how they came."""
    model = sent_model_id(model_id)
    reader = StreamReader()
    exchange = await send(few_streamed_tokens(access, model), reader=reader, limit=STREAM_LIMIT)
    found = reader.finding(exchange, access, model)
    if isinstance(found, Streamed) and not reader.has_content:
        # Counting cannot be done in silence: the content is where the client does not see it, or lost.
        return StreamBroke(flaw=StreamFlaw.ILLEGAL_ORDER, duration_ms=found.duration_ms)
    return found
