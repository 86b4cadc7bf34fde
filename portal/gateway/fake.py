"""Owns the simulated gateway: an ASGI app that speaks the Messages API for the demo and the tests.

It validates like a real gateway of TokenBay's family, and behaves badly on request: the key chooses the `Behaviour`
(`DEMO_KEYS`). Claude Code 2.1 gets its answers from it, directly and behind LiteLLM. No model is behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from portal.gateway import replies
from portal.gateway.behaviours import DEMO_KEYS, DENYING, Behaviour
from portal.gateway.canned import CANNED, NO_CREDENTIAL, Canned, no_channel
from portal.gateway.incoming import Asked, Incoming, credential, invalid, read_json, text_field, validate
from portal.gateway.malformed import NEVER_STREAMING, changed_events, changed_message
from portal.gateway.refusals import refuse_header, refuse_model, refuse_part, refuse_size
from portal.gateway.request_log import RequestLog, SeenRequest, credentials_in
from portal.profile.model import CredentialScheme

TOKENBAY_MODELS: Final = ("claude-opus-4.8", "claude-sonnet-4.6", "claude-haiku-4.5")
"""The ids offered by default, in TokenBay's dotted form."""

SLOW_MODEL_SECONDS: Final = 4.0
"""How long the slow model takes: long, but not too long for the key check."""

HELD_BACK_SECONDS: Final = 0.4
"""How long a stream is held back at least that comes in one block: as long as a model takes for some tokens."""


@dataclass(frozen=True, slots=True)
class _Config:
    keys: Mapping[str, Behaviour]
    models: tuple[str, ...]
    reply: str
    winner: CredentialScheme
    slow_seconds: float
    event_seconds: float
    log: RequestLog


def create_fake_gateway(  # noqa: PLR0913 - all optional, all by name
    *,
    models: Sequence[str] = TOKENBAY_MODELS,
    accepted_keys: Iterable[str] = (),
    reply: str = replies.DEFAULT_REPLY,
    winner: CredentialScheme = CredentialScheme.X_API_KEY,
    slow_seconds: float = 60.0,
    event_seconds: float = 0.02,
    log: RequestLog | None = None,
) -> Starlette:
    """Return a simulated gateway; its `RequestLog` is `app.state.log`.

    Args:
        models: the ids it offers.
        accepted_keys: further keys that are good, beside `DEMO_KEYS`; all other keys are rejected.
        reply: what every model says.
        winner: which header counts when both are there (new-api: `x-api-key`; LiteLLM: `Authorization`).
        slow_seconds: how long the slow behaviour sleeps before it answers.
        event_seconds: the pause between two streamed events.
        log: where requests are remembered; a new log by default.

    """
    config = _Config(
        keys=dict.fromkeys(accepted_keys, Behaviour.GOOD) | {key: behaviour for behaviour, key in DEMO_KEYS.items()},
        models=tuple(models),
        reply=reply,
        winner=winner,
        slow_seconds=slow_seconds,
        event_seconds=event_seconds,
        log=log if log is not None else RequestLog(),
    )
    app = Starlette(
        routes=[
            Route("/", _say_hello),
            Route("/api/hello", _say_hello),
            Route("/v1/messages", _create_message, methods=["POST"]),
            Route("/v1/messages/count_tokens", _count_tokens, methods=["POST"]),
            Route("/v1/models", _list_models),
        ],
        exception_handlers={404: _no_route, 405: _no_route},
    )
    app.state.config = config
    app.state.log = config.log
    return app


async def _say_hello(request: Request) -> Response:
    _remember(request, {})
    return PlainTextResponse("A simulated gateway. It speaks /v1/messages; no model is behind it.\n")


async def _no_route(request: Request, _error: Exception) -> Response:
    _remember(request, {})
    message = f"Invalid URL ({request.method} {request.url.path})"
    error = {"message": message, "type": "invalid_request_error", "param": "", "code": ""}
    return JSONResponse({"error": error}, 404)


async def _create_message(request: Request) -> Response:
    config: _Config = request.app.state.config
    value, raw = await read_json(request)
    _remember(request, value)
    key = credential(request, config.winner)
    behaviour = config.keys.get(key, Behaviour.REJECTED)
    incoming = Incoming(value if isinstance(value, dict) else {}, raw, key, request.headers)
    model = text_field(value, "model")
    # In the order in which a request meets them: what stands in front, the key, the request's parts, the model.
    if refusal := refuse_size(behaviour, incoming) or _refuse_key(config, request):
        return _respond(refusal, model, key)
    asked = validate(request, value, len(raw), needs_max_tokens=True)
    if isinstance(asked, Canned):
        return _respond(asked)
    if refusal := refuse_part(behaviour, incoming) or CANNED.get(behaviour) or refuse_model(behaviour, asked.model):
        return _respond(refusal, model, key)
    if asked.model not in config.models:
        return _respond(no_channel(), asked.model, key)
    await asyncio.sleep(_delay(config, behaviour, asked.model))
    return _answer(config, behaviour, asked)


def _delay(config: _Config, behaviour: Behaviour, model: str) -> float:
    if behaviour is Behaviour.OPUS_SLOW and "opus" in model:
        return min(config.slow_seconds, SLOW_MODEL_SECONDS)
    return config.slow_seconds if behaviour is Behaviour.SLOW else 0


def _answer(config: _Config, behaviour: Behaviour, asked: Asked) -> Response:
    arguments = (asked.model, config.reply, asked.max_tokens, asked.input_tokens)
    if behaviour is Behaviour.EVENT_STREAM or (asked.stream and behaviour not in NEVER_STREAMING):
        match behaviour:
            case Behaviour.STREAM_BREAKS:
                events = replies.broken_events(asked.model, asked.input_tokens)
            case Behaviour.CUT_STREAM:
                events = replies.cut_events(*arguments)
            case Behaviour.ILLEGAL_ORDER:
                events = replies.events_without(b"content_block_start", replies.events(*arguments))
            case Behaviour.UNCLOSED_BLOCK:
                events = replies.events_without(b"content_block_stop", replies.events(*arguments))
            case Behaviour.DATA_ONLY:
                events = replies.nameless(replies.events(*arguments))
            case _:
                events = changed_events(behaviour, replies.events(*arguments))
        made = _stream(events, config.event_seconds, at_once=behaviour is Behaviour.ONE_BLOCK)
        if behaviour is Behaviour.MISLABELLED:
            made.headers["content-encoding"] = "br"
        return made
    if behaviour is Behaviour.CONVERTER:
        return JSONResponse(replies.converted_message(*arguments))
    message = changed_message(behaviour, replies.message(*arguments))
    return JSONResponse(message, headers={"request-id": "req_011CSimulated"})


async def _count_tokens(request: Request) -> Response:
    config: _Config = request.app.state.config
    value, raw = await read_json(request)
    _remember(request, value)
    if denied := _deny(request, config):
        return denied
    asked = validate(request, value, len(raw), needs_max_tokens=False)
    return _respond(asked) if isinstance(asked, Canned) else JSONResponse({"input_tokens": asked.input_tokens})


async def _list_models(request: Request) -> Response:
    """Anthropic's list with an `anthropic-version` header, OpenAI's without, as LiteLLM and new-api do."""
    config: _Config = request.app.state.config
    behaviour = config.keys.get(credential(request, config.winner), Behaviour.REJECTED)
    if behaviour is Behaviour.MODELS_MISSING:
        return await _no_route(request, HTTPException(404))
    _remember(request, {})
    if denied := _deny(request, config):
        return denied
    models = tuple(model for model in config.models if not refuse_model(behaviour, model))
    if "anthropic-version" not in request.headers or behaviour is Behaviour.MODELS_OPENAI:
        return JSONResponse(replies.openai_models(models))
    limit, after = request.query_params.get("limit", "20"), request.query_params.get("after_id", "")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:5]) <= 1000:
        return _respond(invalid("limit: Input should be between 1 and 1000"))
    return JSONResponse(replies.anthropic_models(models, int(limit), after))


def _deny(request: Request, config: _Config) -> Response | None:
    """The answer for a key that nothing is given to, or None."""
    refusal = _refuse_key(config, request)
    return _respond(refusal, "", credential(request, config.winner)) if refusal else None


def _refuse_key(config: _Config, request: Request) -> Canned | None:
    key = credential(request, config.winner)
    if not key:
        return NO_CREDENTIAL
    behaviour = config.keys.get(key, Behaviour.REJECTED)
    return (
        CANNED[behaviour] if behaviour in DENYING else refuse_header(behaviour, Incoming({}, b"", key, request.headers))
    )


def _remember(request: Request, value: object) -> None:
    config: _Config = request.app.state.config
    config.log.add(
        SeenRequest(
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            model=text_field(value, "model"),
            credentials=credentials_in(request.headers.items()),
            headers=tuple(request.headers.keys()),
            stream=isinstance(value, dict) and value.get("stream") is True,
        ),
    )


def _respond(canned: Canned, model: str = "", key: str = "") -> Response:
    return Response(canned.fill(model, key), canned.status, dict(canned.headers), canned.media_type)


def _stream(events: Iterator[bytes], pause: float, *, at_once: bool) -> Response:
    async def spread() -> AsyncIterator[bytes]:
        for event in events:
            yield event
            await asyncio.sleep(pause)

    async def held_back() -> AsyncIterator[bytes]:
        collected = list(events)
        await asyncio.sleep(max(HELD_BACK_SECONDS, pause * len(collected)))
        yield b"".join(collected)

    content = held_back() if at_once else spread()
    return StreamingResponse(content, media_type="text/event-stream", headers={"cache-control": "no-cache"})
