"""Owns the rehearsal: which request follows which answer, until it is known whether the real client would pass. PURE.

The requests are built in `client_shape`. That the small request is answered is known before, so a refusal here is
about the shape: its part is named by the gateway's words, and proven by leaving it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from portal.gateway import results
from portal.gateway.access import Access
from portal.gateway.bodies import ErrorBody, MessageBody, OtherBody, count_in, read_body
from portal.gateway.classify import classify, context_of
from portal.gateway.client_shape import CLIENT_TOKENS, RehearsalRequest, rehearsal, token_count
from portal.gateway.exchanges import Answered, Exchange, Send
from portal.gateway.outgoing import one_token, sent_model_id, wants_one_million
from portal.gateway.results import Barrier, CheckResult, Fault, Obstacle
from portal.gateway.stages import (
    ClientShape,
    NotStreamed,
    PartRefused,
    Rehearsal,
    RehearsalFailed,
    Rehearsed,
    RequestPart,
    StreamBroke,
    Streamed,
    StreamFlaw,
)
from portal.gateway.stream_probe import STREAM_LIMIT, StreamReader
from portal.profile.model import Toggle

MOST_REPEATS: Final = 8
"""Most repetitions with a part left out. Refused ones cost no tokens; at most one of them is answered."""

_NAMED: Final = tuple(
    (part, re.compile(words, re.IGNORECASE))
    for part, words in (
        (RequestPart.ONE_MILLION, r"context-1m|long[ -]context|1m context"),
        (RequestPart.CONTEXT_MANAGEMENT, r"context_management|context management|clear_thinking"),
        (RequestPart.BETAS, r"anthropic[-_]beta|beta (?:header|flag|feature)|(?:invalid|unknown|unsupported) beta"),
        (RequestPart.EFFORT, r"output_config|\beffort\b"),
        (RequestPart.THINKING, r"\bthinking\b|budget_tokens|\breasoning"),
        (RequestPart.SYSTEM_BLOCKS, r"\bsystem\b|cache_control|billing-header|reserved keyword"),
        (RequestPart.TOOLS, r"\btools?\b|input_schema|\bfunctions?\b"),
        (
            RequestPart.LARGE_BODY,
            r"too (?:large|long|big)|entity|payload|body size|maximum context|context (?:length|window)|过长|过大",
        ),
    )
)
"""What a refusal speaks of -> the part; the first that the request has."""

_TOKENS: Final = re.compile(r"max_tokens|budget_tokens", re.IGNORECASE)

_COPED_WITH: Final = frozenset({RequestPart.BETAS, RequestPart.CONTEXT_MANAGEMENT})
"""Measured: told so by a 400, 2.1.330 repeats the request without them and answers; 2.1.197 gives up."""

_BY_LIKELIHOOD: Final = (
    RequestPart.CONTEXT_MANAGEMENT,
    RequestPart.BETAS,
    RequestPart.THINKING,
    RequestPart.EFFORT,
    RequestPart.LARGE_BODY,  # before those whose absence makes the body small, too
    RequestPart.SYSTEM_BLOCKS,
    RequestPart.TOOLS,
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The request was answered: by events (begun at least) or by one document.

    `repeats`: the client would ask again without streaming, because the stream is bad.
    """

    found: Streamed | NotStreamed | StreamBroke
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class _Refusal:
    """It was not; `words` are the gateway's own, unshortened and unmasked: for matching only."""

    result: CheckResult
    words: str


_Trial: TypeAlias = _Answer | _Refusal


async def rehearse(  # noqa: PLR0913 - what is asked, and two options by name
    send: Send,
    access: Access,
    model_id: str,
    shape: ClientShape,
    *,
    count: bool,
    toggles: frozenset[Toggle] = frozenset(),
) -> Rehearsal:
    """Send the client's request; when it is refused, find the part by its name and by leaving parts out."""
    asked = RehearsalRequest(shape, model_id, toggles=toggles)
    trial = await _try(send, access, asked)
    if isinstance(trial, _Refusal) and _TOKENS.search(trial.words) and _is_about_the_shape(trial):
        # Our own thrift is refused, not the client's shape.
        asked = replace(asked, max_tokens=CLIENT_TOKENS)
        trial = await _try(send, access, asked)
    if isinstance(trial, _Refusal) and isinstance(trial.result, results.NotMessagesApi) and _is_success(trial.result):
        # Something came that is no stream: the client takes it like a broken one.
        broken = StreamBroke(flaw=StreamFlaw.ILLEGAL_ORDER, duration_ms=trial.result.duration_ms)
        repeated = await _conclude(send, access, asked, _Answer(broken, repeats=True), count=count)
        if isinstance(repeated, Rehearsed):
            return repeated
    if isinstance(trial, _Answer):
        return await _conclude(send, access, asked, trial, count=count)
    if not _is_about_the_shape(trial):
        return RehearsalFailed(shape=shape, result=trial.result)
    return await _find_part(send, access, asked, trial)


async def _conclude(send: Send, access: Access, asked: RehearsalRequest, answer: _Answer, *, count: bool) -> Rehearsal:
    found = answer.found
    if isinstance(found, StreamBroke):
        if not answer.repeats:
            return RehearsalFailed(shape=asked.shape, result=_no_message(found))
        exchange = await send(rehearsal(access, replace(asked, stream=False)))
        result = _classified(exchange, access, asked, to_be_read=True)
        if not isinstance(result, results.Accepted):
            return RehearsalFailed(shape=asked.shape, result=result)
        found = NotStreamed(
            duration_ms=found.duration_ms + result.duration_ms,
            input_tokens=result.input_tokens,
            output_tokens=result.output_tokens,
        )
    counted = await send(token_count(access, asked)) if count else None
    return Rehearsed(
        shape=asked.shape,
        body_bytes=len(rehearsal(access, asked).body),
        duration_ms=found.duration_ms,
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
        counted_tokens=count_in(counted.answer) if isinstance(counted, Answered) else None,
    )


def _is_success(result: CheckResult) -> bool:
    return result.status is not None and 200 <= result.status < 300


def _no_message(found: StreamBroke) -> CheckResult:
    return results.NotMessagesApi(
        status=200, duration_ms=found.duration_ms, quote=found.quote, kind=results.Shape.EVENT_STREAM
    )


async def _find_part(send: Send, access: Access, asked: RehearsalRequest, refusal: _Refusal) -> Rehearsal:
    named = _part_named(refusal, asked)
    for part in _suspects(refusal, named, asked):
        trial = await _try(send, access, replace(asked, without=frozenset({part})))
        if isinstance(trial, _Answer):
            return _refused(access, asked, refusal, part)
        if not _is_about_the_shape(trial):
            break  # out of credit or throttled meanwhile: nothing more can be learned
    # Is the small request answered at all, now as before? If not, its own outcome is the truth.
    small = _classified(await send(one_token(access, sent_model_id(asked.model_id))), access, asked)
    if not isinstance(small, results.Accepted):
        return RehearsalFailed(shape=asked.shape, result=small)
    return _refused(access, asked, refusal, named or RequestPart.UNKNOWN)


def _refused(access: Access, asked: RehearsalRequest, refusal: _Refusal, part: RequestPart) -> PartRefused:
    result = refusal.result
    return PartRefused(
        shape=asked.shape,
        part=part,
        body_bytes=len(rehearsal(access, asked).body),
        status=result.status,
        duration_ms=result.duration_ms,
        quote=result.quote,
        client_copes=asked.shape is ClientShape.CURRENT and result.status == 400 and part in _COPED_WITH,
    )


def _suspects(refusal: _Refusal, named: RequestPart | None, asked: RehearsalRequest) -> Iterator[RequestPart]:
    """The parts to leave out, one at a time, the likeliest first, each once."""
    order = [named] if named else []
    if _smells_of_a_firewall(refusal.result):
        order.append(RequestPart.LARGE_BODY)
    if wants_one_million(asked.model_id):
        order.append(RequestPart.ONE_MILLION)
    yield from list(dict.fromkeys((*order, *_BY_LIKELIHOOD)))[:MOST_REPEATS]


def _part_named(refusal: _Refusal, asked: RehearsalRequest) -> RequestPart | None:
    if refusal.result.status == 413:
        return RequestPart.LARGE_BODY
    for part, words in _NAMED:
        if part is RequestPart.ONE_MILLION and not wants_one_million(asked.model_id):
            continue
        if words.search(refusal.words):
            return part
    return None


def _smells_of_a_firewall(result: CheckResult) -> bool:
    match result:
        case results.NotAllowed(barrier=Barrier.FIREWALL) | results.NotMessagesApi() | results.Unreachable():
            return True
        case _:
            return result.status in {403, 406, 413}


def _is_about_the_shape(refusal: _Refusal) -> bool:
    """Whether the request's shape can be the reason, when the small request is answered."""
    match refusal.result:
        case results.RequestRefused() | results.NotMessagesApi() | results.ModelUnknown():
            return True
        case results.NotAllowed(barrier=barrier):
            return barrier in {Barrier.FIREWALL, Barrier.OTHER}
        case results.GatewayFailed(fault=fault):
            return fault is Fault.OTHER
        case results.Unreachable(kind=kind):
            return kind is Obstacle.OTHER  # the connection was cut
        case results.Throttled() | results.OutOfCredit():
            return _NAMED[0][1].search(refusal.words) is not None  # "… required for long context requests"
        case _:
            return False


async def _try(send: Send, access: Access, asked: RehearsalRequest) -> _Trial:
    reader = StreamReader()
    exchange = await send(rehearsal(access, asked), reader=reader, limit=STREAM_LIMIT)
    found = reader.finding(exchange, access, sent_model_id(asked.model_id))
    if isinstance(found, Streamed) and not reader.is_answer:
        # In order, and the client shows nothing.
        return _Answer(StreamBroke(flaw=StreamFlaw.ILLEGAL_ORDER, duration_ms=found.duration_ms))
    if isinstance(found, (Streamed, NotStreamed, StreamBroke)):
        return _Answer(found, reader.is_repeated_by(asked.shape))
    if isinstance(exchange, Answered) and _is_success(found) and isinstance(read_body(exchange.answer), MessageBody):
        # A Message that the client cannot use: it is not about the request's parts.
        return _Answer(StreamBroke(flaw=StreamFlaw.ILLEGAL_ORDER, duration_ms=found.duration_ms), repeats=True)
    return _Refusal(found, _words_of(exchange))


def _classified(
    exchange: Exchange, access: Access, asked: RehearsalRequest, *, to_be_read: bool = False
) -> CheckResult:
    if isinstance(exchange, Answered):
        context = context_of(exchange, access, sent_model_id(asked.model_id), to_be_read=to_be_read)
        return classify(exchange.answer, context)
    return exchange.result


def _words_of(exchange: Exchange) -> str:
    if not isinstance(exchange, Answered):
        return ""
    match read_body(exchange.answer):
        case ErrorBody(names=names, message=message):
            return " ".join((*sorted(names), message))
        case OtherBody(text=text):
            return text[:4000]
        case _:
            return ""
