"""Owns the shape of an answer's body: a Message, an error in one of the known envelopes, or something else. PURE.

It must not know what a status or an error's words mean (`signals`).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType
from typing import Final, TypeAlias

from portal.gateway.answers import Answer, Ending
from portal.gateway.results import Shape

_TAGS: Final = re.compile(r"<(script|style)\b.*?(?:</\1>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*>?", re.DOTALL | re.IGNORECASE)
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)(?:</title>|\Z)", re.DOTALL | re.IGNORECASE)
_HTML: Final = re.compile(r"\s*(?:<!doctype html|<html\b|<head\b|<body\b|<center\b|<h1\b)", re.IGNORECASE)


THINKING: Final = frozenset({"thinking", "redacted_thinking"})
"""Types of content blocks that hold what a model thinks, which may be all that fits into a few tokens."""

_WORDS_LIMIT: Final = 4000
"""Characters of an error or a page that are kept: enough to understand it, few enough for every pattern."""


@dataclass(frozen=True, slots=True)
class MessageBody:
    """A complete Messages answer: `type: message`, or (converters) `role: assistant`; with an id and a content list.

    Attributes:
        usable: whether the client would show it, had it asked for it without streaming (see `_is_usable`).

    """

    input_tokens: int = 0
    output_tokens: int = 0
    usable: bool = False


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error, whatever the envelope.

    Attributes:
        names: what the error calls itself: its type, code and status, in lower case.
        message: its words.
        anthropic: the envelope is `{"type": "error", "error": {…}}`.
        api_shaped: the envelope is Anthropic's or OpenAI's (an object under `error`).

    """

    names: frozenset[str]
    message: str
    anthropic: bool = False
    api_shaped: bool = False


@dataclass(frozen=True, slots=True)
class OtherBody:
    """Anything else, and the words in it."""

    shape: Shape
    text: str = ""


Body: TypeAlias = MessageBody | ErrorBody | OtherBody


def read_body(answer: Answer) -> Body:  # noqa: PLR0911 - one return per shape
    """Say what the body is. Never raises, whatever the bytes."""
    text = answer.body.decode("utf-8-sig", errors="replace").strip()
    if not text:
        return OtherBody(Shape.EMPTY if answer.ending is Ending.COMPLETE else Shape.TRUNCATED)
    if answer.media_type == "text/event-stream" or re.match(r"(?:event|data):", text):
        return _read_events(text)
    if _HTML.match(text) or answer.media_type == "text/html":
        return OtherBody(Shape.HTML, _html_words(text))
    if answer.ending is Ending.TOO_LONG:
        return OtherBody(Shape.OVERSIZED, text)
    is_json, value = _parse(text)
    if not is_json:
        return OtherBody(Shape.TRUNCATED if text[0] in "{[" else Shape.TEXT, text[:_WORDS_LIMIT])
    if error := _find_error(value, answer.status):
        return error
    return _read_success(value, text, answer)


def _read_success(value: object, text: str, answer: Answer) -> Body:
    if answer.ending is not Ending.COMPLETE:
        return OtherBody(Shape.TRUNCATED, text)
    if not isinstance(value, dict):
        return OtherBody(Shape.OTHER_JSON if isinstance(value, list) else Shape.TEXT, text)
    if "choices" in value or str(value.get("object", "")).startswith(
        ("chat.completion", "text_completion", "response")
    ):
        return OtherBody(Shape.OPENAI_JSON, text)
    # The client's SDK parses a body as JSON only when the content type says so.
    named_json = answer.media_type == "application/json" or answer.media_type.endswith("+json")
    if not named_json or not _is_message(value):
        return OtherBody(Shape.OTHER_JSON, text)
    return MessageBody(*tokens_in(value.get("usage")), usable=_is_usable(value))


def tokens_in(usage: object) -> tuple[int, int]:
    """(input, output) tokens of a `usage` object, what was read from or written to the cache included; else 0.

    Anthropic counts cached input beside `input_tokens` (API reference, Messages, `usage`).
    """
    if not isinstance(usage, dict):
        return 0, 0
    cached = ("cache_creation_input_tokens", "cache_read_input_tokens")
    return sum(_count(usage.get(name)) for name in ("input_tokens", *cached)), _count(usage.get("output_tokens"))


def count_in(answer: Answer) -> int | None:
    """The number that `count_tokens` answers with, or None when it does not."""
    is_json, value = _parse(answer.body.decode("utf-8-sig", errors="replace"))
    counted = _count(value.get("input_tokens")) if is_json and isinstance(value, dict) and answer.status == 200 else 0
    return counted or None


def _count(value: object) -> int:
    sane = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9
    return value if isinstance(value, int) and sane else 0


def _is_message(value: dict[str, object]) -> bool:
    identity, kind = value.get("id"), value.get("type")
    return (
        isinstance(identity, str)
        and bool(identity.strip())
        and isinstance(value.get("content"), list)
        and (kind == "message" or (kind is None and value.get("role") == "assistant"))
    )


def _is_usable(message: dict[str, object]) -> bool:
    """Whether the client makes an answer of this Message.

    Measured with 2.1.330 and 2.1.197: without a `model` or `usage` they say "malformed response" (an empty `usage`,
    or null, is enough for them); without any content of a known type, or with a text block without its text, they fail
    inside. They need no `stop_reason` and pass over blocks of other types. Thinking alone is no answer, unless what
    was to follow is cut off.
    """
    usage, content = message.get("usage", ""), message.get("content")
    if not isinstance(message.get("model"), str) or not isinstance(usage, (dict, list, NoneType)):
        return False
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    texts = [block.get("text") for block in blocks if block.get("type") == "text"]
    if not all(isinstance(text, str) for text in texts):
        return False
    cut = message.get("stop_reason") != "end_turn"
    others = {str(block.get("type")) for block in blocks}
    return any(str(text).strip() for text in texts) or "tool_use" in others or (cut and bool(others & THINKING))


def _parse(text: str) -> tuple[bool, object]:
    """(whether it is JSON, the value). Deep nesting and endless numbers are not JSON to us."""
    try:
        return True, json.loads(text)
    except (ValueError, RecursionError):
        return False, None


def _read_events(text: str) -> Body:
    for value in _events(text):
        if error := _find_error(value, 200):
            return error
        if isinstance(value, dict) and "choices" in value:
            return OtherBody(Shape.OPENAI_JSON, text)
    return OtherBody(Shape.EVENT_STREAM, text)


def _events(text: str) -> Iterator[object]:
    for line in text.splitlines():
        if line.startswith("data:"):
            is_json, value = _parse(line.removeprefix("data:").strip())
            if is_json:
                yield value


def _find_error(value: object, status: int) -> ErrorBody | None:
    """The error in a JSON value, in the envelopes of Anthropic, OpenAI, new-api, FastAPI, Cloudflare, Z.ai, MiniMax."""
    if not isinstance(value, dict):
        return None
    inner = value.get("error") or value.get("errors")
    if isinstance(inner, list):
        inner = inner[0]
    if isinstance(inner, dict):
        names = _names(inner.get("type"), inner.get("code"), inner.get("status"))
        message = _words(inner.get("message")) or _words(inner)
        return ErrorBody(names, message, anthropic=value.get("type") == "error", api_shaped="error" in value)
    if inner:
        return ErrorBody(_names(value.get("code")), " ".join((_words(inner), _words(value.get("message")))))
    if isinstance(base := value.get("base_resp"), dict) and base.get("status_code"):
        return ErrorBody(_names(base.get("status_code")), _words(base.get("status_msg")))
    flat = _words(value.get("message") or value.get("msg") or value.get("detail"))
    failed = status >= 400 or value.get("success") is False or value.get("type") == "error" or set(value) == {"detail"}
    return ErrorBody(_names(value.get("code"), value.get("type")), flat) if failed and flat else None


def _names(*values: object) -> frozenset[str]:
    return frozenset(
        str(value).strip().lower()[:80]
        for value in values
        if isinstance(value, (str, int)) and not isinstance(value, bool) and abs(_size(value)) < 10**9 and value != ""
    )


def _size(value: str | int) -> int:
    return value if isinstance(value, int) else 0


def _words(value: object) -> str:
    if value is None:
        return ""
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words[:_WORDS_LIMIT]


def _html_words(text: str) -> str:
    text = text[: 2 * _WORDS_LIMIT]
    title = _TITLE.search(text)
    words = _TAGS.sub(" ", title.group(1) if title and title.group(1).strip() else text)
    return " ".join(html.unescape(words).split())
