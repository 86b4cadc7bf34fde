"""Owns reading and checking a request as a Messages API does, for the simulated gateway."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from portal.gateway.canned import Canned, anthropic_error
from portal.profile.model import CredentialScheme

BODY_LIMIT: Final = 32 * 1024 * 1024
"""Largest request, in bytes, as at Anthropic's API; above it the answer is 413."""

_ROLES: Final = {"user", "assistant", "system"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A valid Messages or count_tokens request; `input_tokens` is a guess from the body's size."""

    model: str
    max_tokens: int
    stream: bool
    input_tokens: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as refusals look at it.

    Attributes:
        body: the JSON object, or an empty one.
        raw: the bytes of the body.
        key: the key that counts.
        headers: in lower case.

    """

    body: Mapping[str, object]
    raw: bytes
    key: str
    headers: Mapping[str, str]

    @property
    def size(self) -> int:
        """The length of the body, in bytes."""
        return len(self.raw)

    @property
    def betas(self) -> tuple[str, ...]:
        """The names in `anthropic-beta`."""
        return tuple(filter(None, (name.strip() for name in self.headers.get("anthropic-beta", "").split(","))))

    @property
    def thinks(self) -> bool:
        """Whether thinking is asked for, in any of its ways."""
        thinking = self.body.get("thinking")
        return isinstance(thinking, dict) and thinking.get("type") != "disabled"

    def has_key_in(self, scheme: CredentialScheme) -> bool:
        """Whether this header carries the key."""
        if scheme is CredentialScheme.X_API_KEY:
            return self.headers.get("x-api-key", "").strip() == self.key
        return self.headers.get("authorization", "").partition(" ")[2].strip() == self.key


def credential(request: Request, winner: CredentialScheme) -> str:
    """The key that counts; empty when there is none. Empty headers count as missing, as at new-api."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    api_key = request.headers.get("x-api-key", "").strip()
    return (api_key or bearer) if winner is CredentialScheme.X_API_KEY else (bearer or api_key)


async def read_json(request: Request) -> tuple[object, bytes]:
    """(the value, the bytes); the value is None for a body that is no JSON or over the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None, bytes(body)
    try:
        return json.loads(bytes(body)), bytes(body)
    except (ValueError, RecursionError):
        return None, bytes(body)


def validate(request: Request, value: object, size: int, *, needs_max_tokens: bool) -> Asked | Canned:
    """Return what is asked for, or the refusal of a request that Anthropic's API would refuse."""
    if size > BODY_LIMIT:
        return anthropic_error(413, "request_too_large", "Request exceeds the maximum size")
    if not isinstance(value, dict):
        return invalid("The request body is not valid JSON")
    if "anthropic-version" not in request.headers:
        return invalid("anthropic-version: header is required")
    max_tokens = value.get("max_tokens") if needs_max_tokens else 1
    for name, problem in (
        ("model", "Field required" if not text_field(value, "model") else ""),
        ("max_tokens", _max_tokens_problem(max_tokens)),
        ("messages", _messages_problem(value.get("messages"))),
    ):
        if problem:
            return invalid(f"{name}: {problem}")
    return Asked(
        model=text_field(value, "model"),
        max_tokens=max_tokens if isinstance(max_tokens, int) else 1,
        stream=value.get("stream") is True,
        input_tokens=max(1, size // 4),
    )


def _max_tokens_problem(value: object) -> str:
    if value is None:
        return "Field required"
    if isinstance(value, bool) or not isinstance(value, int):
        return "Input should be a valid integer"
    return "" if value >= 1 else "Input should be greater than or equal to 1"


def _messages_problem(value: object) -> str:
    if not isinstance(value, list):
        return "Field required" if value is None else "Input should be a valid list"
    if not value:
        return "at least one message is required"
    for message in value:
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            return "Unexpected role"
        if not isinstance(message.get("content"), (str, list)) or not message["content"]:
            return "text content blocks must be non-empty"
    return ""


def invalid(message: str) -> Canned:
    """Anthropic's 400 with this message."""
    return anthropic_error(400, "invalid_request_error", message)


def text_field(value: object, name: str) -> str:
    """The text under `name` in a JSON object; empty when it is not there or no text."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
