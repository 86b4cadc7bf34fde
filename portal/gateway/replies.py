"""Owns the good answers of the simulated gateway: a Message as JSON, and the same as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

DEFAULT_REPLY: Final = "Connected. This answer comes from a simulated gateway, not from a model."
"""What every model says unless another text is given."""

MESSAGE_ID: Final = "msg_01SimulatedGateway000000"


def message(
    model: str, reply: str, max_tokens: int, input_tokens: int, message_id: str = MESSAGE_ID
) -> dict[str, object]:
    """A Message that says `reply`, cut to `max_tokens` words (a word stands for a token)."""
    said, stop_reason = _cut(reply, max_tokens)
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": " ".join(said)}],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": _usage(input_tokens, len(said)),
    }


def converted_message(model: str, reply: str, max_tokens: int, input_tokens: int) -> dict[str, object]:
    """The same as a converter in front of another API makes it: another id, no `type`."""
    made = message(model, reply, max_tokens, input_tokens, "chatcmpl-4f1e0000-simulated")
    del made["type"]
    return made


def events(model: str, reply: str, max_tokens: int, input_tokens: int) -> Iterator[bytes]:
    """The Message as events, in the order of Anthropic's streaming reference, with a `ping`."""
    said, stop_reason = _cut(reply, max_tokens)
    start = message(model, "", 1, input_tokens) | {"content": [], "stop_reason": None}
    yield event("message_start", message=start | {"usage": _usage(input_tokens, 1)})
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    yield event("ping")
    for number, word in enumerate(said):
        delta = {"type": "text_delta", "text": word if number == 0 else f" {word}"}
        yield event("content_block_delta", index=0, delta=delta)
    yield event("content_block_stop", index=0)
    stopped = {"stop_reason": stop_reason, "stop_sequence": None}
    yield event("message_delta", delta=stopped, usage={"output_tokens": len(said)})
    yield event("message_stop")


def broken_events(model: str, input_tokens: int) -> Iterator[bytes]:
    """A stream that starts well and ends with an `error` event."""
    start = message(model, "", 1, input_tokens) | {"content": [], "stop_reason": None}
    yield event("message_start", message=start)
    yield event("error", error={"type": "overloaded_error", "message": "Overloaded"})


def cut_events(model: str, reply: str, max_tokens: int, input_tokens: int) -> Iterator[bytes]:
    """The Message's events without the end: nothing after the first half of the content."""
    for number, made in enumerate(events(model, reply, max_tokens, input_tokens)):
        if number > 3 and (number > 8 or b"content_block_delta" not in made):
            return
        yield made


def events_without(left_out: bytes, events: Iterator[bytes]) -> Iterator[bytes]:
    """The events as a broken converter makes them, which forgets one kind."""
    return (made for made in events if left_out not in made)


def nameless(events: Iterator[bytes]) -> Iterator[bytes]:
    """The events as a converter from OpenAI's format makes them: with their data only."""
    return (b"".join(line for line in made.splitlines(keepends=True) if b"event:" not in line) for made in events)


def event(kind: str, /, **data: object) -> bytes:
    """One server-sent event, whose data repeats its type."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | data)}\n\n".encode()


def read_event(made: bytes) -> tuple[str, dict[str, object]]:
    """The name and the data of an event that `event` made."""
    name, data = made.decode().splitlines()[:2]
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def openai_models(models: Sequence[str]) -> dict[str, object]:
    """The list of models in OpenAI's shape."""
    data = [{"id": model, "object": "model", "created": 1767225600, "owned_by": "simulated"} for model in models]
    return {"object": "list", "data": data}


def anthropic_models(models: Sequence[str], limit: int, after_id: str) -> dict[str, object]:
    """One page of the list of models in Anthropic's shape."""
    first = models.index(after_id) + 1 if after_id in models else 0
    page = models[first : first + limit]
    data = [
        {"type": "model", "id": model, "display_name": model, "created_at": "2026-01-01T00:00:00Z"} for model in page
    ]
    return {
        "data": data,
        "has_more": first + len(page) < len(models),
        "first_id": page[0] if page else None,
        "last_id": page[-1] if page else None,
    }


def _cut(reply: str, max_tokens: int) -> tuple[list[str], str]:
    words = reply.split()
    return words[:max_tokens], "end_turn" if len(words) <= max_tokens else "max_tokens"


def _usage(input_tokens: int, output_tokens: int) -> dict[str, int]:
    return {
        "input_tokens": input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output_tokens,
    }
