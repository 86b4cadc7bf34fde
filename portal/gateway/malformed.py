"""Owns the answers of the simulated gateway that look like the Messages API's at first sight and are not, or hardly.

The streams are the good events, changed; the Messages are the good Message, changed. It must not know requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from portal.gateway.behaviours import Behaviour
from portal.gateway.replies import event, read_event

Event: TypeAlias = dict[str, object]
Change: TypeAlias = Callable[[str, Event], Iterator[bytes]]

_NEWER: Final = {"type": "newer", "newer": True}


def changed_events(behaviour: Behaviour, events: Iterator[bytes]) -> Iterator[bytes]:
    """The events as this behaviour makes them; unchanged when they are not its subject."""
    change = _EVENTS.get(behaviour)
    for made in events:
        if change:
            yield from change(*read_event(made))
        else:
            yield made


def changed_message(behaviour: Behaviour, message: dict[str, object]) -> dict[str, object]:
    """The Message as this behaviour makes it; unchanged when that is not its subject."""
    change = _MESSAGES.get(behaviour)
    return change(message) if change else message


def _untyped_events(name: str, data: Event) -> Iterator[bytes]:
    data = {key: value for key, value in data.items() if key != "type"}
    yield f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _pings_only(name: str, data: Event) -> Iterator[bytes]:
    yield event(name, **data | {"type": "ping"})


def _untyped_block(name: str, data: Event) -> Iterator[bytes]:
    yield event(name, **data | {"content_block": {}}) if name == "content_block_start" else event(name, **data)


def _untyped_deltas(name: str, data: Event) -> Iterator[bytes]:
    yield event(name, **data | {"delta": {"text": "hi "}}) if name == "content_block_delta" else event(name, **data)


def _empty_text(name: str, data: Event) -> Iterator[bytes]:
    empty = {"delta": {"type": "text_delta", "text": ""}}
    yield event(name, **data | empty) if name == "content_block_delta" else event(name, **data)


def _contentless(name: str, data: Event) -> Iterator[bytes]:
    if not name.startswith("content_block"):
        yield event(name, **data)


def _thinking_only(name: str, data: Event) -> Iterator[bytes]:
    match name:
        case "content_block_start":
            data = data | {"content_block": {"type": "thinking", "thinking": "", "signature": ""}}
        case "content_block_delta":
            data = data | {"delta": {"type": "thinking_delta", "thinking": "so "}}
        case "message_delta":
            data = data | {"delta": {"stop_reason": "end_turn", "stop_sequence": None}}
    yield event(name, **data)


def _broken_stop(name: str, data: Event) -> Iterator[bytes]:
    yield b"event: message_stop\ndata: {stop\n\n" if name == "message_stop" else event(name, **data)


def _newer_stream(name: str, data: Event) -> Iterator[bytes]:
    if name.startswith("content_block"):
        data = data | {"index": 1}
    yield event(name, **data)
    match name:
        case "message_start":
            yield event("content_block_start", index=0, content_block=_NEWER)
            yield event("content_block_stop", index=0)
        case "content_block_start":
            yield event("newer_event", newer=True)
            yield event("content_block_delta", index=1, delta={"type": "newer_delta", "newer": True})
            yield b"event: ping\ndata: {ping\n\n"


def _bare_stream(name: str, data: Event) -> Iterator[bytes]:
    match name:
        case "message_start":
            yield event(name, message={})
        case "message_delta":
            yield event(name, delta={"stop_reason": "end_turn"})
        case _ if name != "ping":
            yield event(name, **data)


_EVENTS: Final[Mapping[Behaviour, Change]] = MappingProxyType(
    {
        Behaviour.UNTYPED_EVENTS: _untyped_events,
        Behaviour.PINGS_ONLY: _pings_only,
        Behaviour.UNTYPED_BLOCK: _untyped_block,
        Behaviour.UNTYPED_DELTAS: _untyped_deltas,
        Behaviour.EMPTY_TEXT: _empty_text,
        Behaviour.CONTENTLESS_STREAM: _contentless,
        Behaviour.THINKING_ONLY: _thinking_only,
        Behaviour.BROKEN_STOP: _broken_stop,
        Behaviour.NEWER_STREAM: _newer_stream,
        Behaviour.BARE_STREAM: _bare_stream,
    },
)


def _without(*names: str) -> Callable[[dict[str, object]], dict[str, object]]:
    return lambda message: {name: value for name, value in message.items() if name not in names}


def _with_content(*content: object, before: bool = False) -> Callable[[dict[str, object]], dict[str, object]]:
    def change(message: dict[str, object]) -> dict[str, object]:
        said = message["content"] if before and isinstance(message["content"], list) else []
        return message | {"content": [*content, *said]}

    return change


_THOUGHT: Final = {"type": "thinking", "thinking": "so", "signature": "s"}

_MESSAGES: Final[Mapping[Behaviour, Callable[[dict[str, object]], dict[str, object]]]] = MappingProxyType(
    {
        Behaviour.NO_USAGE: _without("usage"),
        Behaviour.USELESS_MESSAGE: _without("usage"),
        Behaviour.NO_MODEL: _without("model"),
        Behaviour.EMPTY_CONTENT: _with_content(),
        Behaviour.BARE_TEXTS: _with_content("text"),
        Behaviour.TEXTLESS_BLOCK: _with_content({"type": "text"}),
        Behaviour.BARE_MESSAGE: lambda message: (
            _without("type", "stop_reason", "stop_sequence")(message) | {"usage": {}}
        ),
        Behaviour.NEWER_MESSAGE: _with_content(_NEWER, _THOUGHT, before=True),
    },
)

NEVER_STREAMING: Final = frozenset(_MESSAGES.keys() - {Behaviour.USELESS_MESSAGE} | {Behaviour.JSON_ONLY})
"""Behaviours that ignore `stream: true`."""
