"""Owns the fixed answers of the simulated gateway, in the words of real gateways (sources: see `signals`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from portal.gateway.behaviours import Behaviour

_JSON: Final = "application/json"
_PAGE: Final = "text/html; charset=utf-8"
_REQUEST_ID: Final = "2026010100000000000000000"

REDIRECT_TARGET: Final = "https://www.gateway.example/v1/messages"
"""Where the redirecting behaviour points."""


@dataclass(frozen=True, slots=True)
class Canned:
    """A fixed answer; `<model>` and `<key>` in the body are filled from the request."""

    status: int
    body: str
    media_type: str = _JSON
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def fill(self, model: str, key: str) -> bytes:
        """The body for a request, with the values escaped as inside a JSON string."""
        key, model = (json.dumps(value)[1:-1] for value in (key, model))
        return self.body.replace("<key>", key).replace("<model>", model).encode()


def anthropic_error(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Canned:
    """An error in Anthropic's envelope."""
    error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011CSimulated"}
    return Canned(status, json.dumps(error, ensure_ascii=False), headers=headers or {})


def new_api_error(status: int, message: str, code: str = "") -> Canned:
    """An error of new-api's middleware (TokenBay's family)."""
    said = f"{message} (request id: {_REQUEST_ID})"
    error = {"error": {"message": said, "type": "new_api_error", "param": "", "code": code}}
    return Canned(status, json.dumps(error, ensure_ascii=False))


def openai_error(status: int, kind: str, message: str, code: str | None) -> Canned:
    """An error in OpenAI's envelope; LiteLLM's proxy uses it too."""
    error = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return Canned(status, json.dumps(error, ensure_ascii=False))


def no_channel(model: str = "<model>") -> Canned:
    """What new-api says about a model that no channel offers to the key's group."""
    return new_api_error(503, f"当前分组 default 下对于模型 {model} 无可用渠道", "model_not_found")


NO_CREDENTIAL: Final = new_api_error(401, "未提供令牌")

CANNED: Final[Mapping[Behaviour, Canned]] = MappingProxyType(
    {
        Behaviour.REJECTED: new_api_error(401, "无效的令牌"),
        Behaviour.REJECTED_ANTHROPIC: anthropic_error(401, "authentication_error", "invalid x-api-key"),
        Behaviour.REJECTED_LITELLM: openai_error(400, "no_db_connection", "No connected db.", "400"),
        Behaviour.REJECTED_OPENAI: openai_error(
            401,
            "invalid_request_error",
            "Incorrect API key provided: <key>. You can find your API key at https://platform.gateway.example/keys.",
            "invalid_api_key",
        ),
        Behaviour.NOT_ALLOWED: anthropic_error(
            403,
            "permission_error",
            "Your API key does not have permission to use the specified resource.",
        ),
        Behaviour.NOT_ALLOWED_MODEL: new_api_error(403, "该令牌无权访问模型 <model>"),
        Behaviour.NOT_ALLOWED_NETWORK: new_api_error(403, "您的 IP 不在令牌允许访问的列表中", "access_denied"),
        Behaviour.FIREWALL: Canned(
            403,
            "<!DOCTYPE html>\n<html><head><title>Attention Required! | Cloudflare</title></head>"
            "<body><h1>Sorry, you have been blocked</h1></body></html>\n",
            _PAGE,
            {"server": "cloudflare", "cf-ray": "8f0000000000-FRA"},
        ),
        Behaviour.OUT_OF_CREDIT: new_api_error(403, "用户额度不足, 剩余额度: ¥0.000000", "insufficient_user_quota"),
        Behaviour.OUT_OF_CREDIT_ANTHROPIC: anthropic_error(
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
            "purchase credits.",
        ),
        Behaviour.OUT_OF_CREDIT_OPENAI: openai_error(
            429,
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
        ),
        Behaviour.PAYMENT_REQUIRED: openai_error(402, "unknown_error", "Insufficient Balance", "invalid_request_error"),
        Behaviour.MODEL_UNKNOWN: anthropic_error(404, "not_found_error", "model: <model>"),
        Behaviour.MODEL_UNKNOWN_LITELLM: anthropic_error(
            400,
            "invalid_request_error",
            "anthropic_messages: Invalid model name passed in model=<model>. Call `/v1/models` to view available "
            "models for your key.",
        ),
        Behaviour.MODEL_UNKNOWN_OPENAI: openai_error(
            404,
            "invalid_request_error",
            "The model `<model>` does not exist or you do not have access to it.",
            "model_not_found",
        ),
        Behaviour.NO_CHANNEL: no_channel(),
        Behaviour.THROTTLED: anthropic_error(
            429,
            "rate_limit_error",
            "This request would exceed your organization's rate limit of 50 requests per minute.",
            {"retry-after": "120"},
        ),
        Behaviour.OVERLOADED: anthropic_error(529, "overloaded_error", "Overloaded"),
        Behaviour.FAILING: anthropic_error(500, "api_error", "Internal server error"),
        Behaviour.BAD_GATEWAY: Canned(
            502,
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>"
            "</center>\r\n<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n",
            "text/html",
            {"server": "nginx/1.24.0"},
        ),
        Behaviour.UPSTREAM_KEY: anthropic_error(
            401,
            "authentication_error",
            "litellm.AuthenticationError: AnthropicException - invalid x-api-key",
        ),
        Behaviour.HTML: Canned(
            200,
            '<!doctype html><html lang="en"><head><title>Gateway Console</title></head>'
            '<body><div id="root"></div><script src="/assets/index.js"></script></body></html>',
            _PAGE,
        ),
        Behaviour.OPENAI_JSON: Canned(
            200,
            '{"id": "chatcmpl-simulated", "object": "chat.completion", "created": 1767225600, "model": "<model>", '
            '"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "length"}]}',
        ),
        Behaviour.OTHER_JSON: Canned(200, '{"status": "ok", "version": "1.2.3"}'),
        Behaviour.EMPTY: Canned(200, ""),
        Behaviour.TRUNCATED: Canned(
            200, '{"id": "msg_01Simulated", "type": "message", "role": "assistant", "content": ['
        ),
        Behaviour.OVERSIZED: Canned(200, '{"padding": "' + "x" * 200_000 + '"}'),
        Behaviour.REDIRECT: Canned(301, "", "text/html", {"location": REDIRECT_TARGET}),
        Behaviour.ERROR_IN_200: Canned(
            200,
            '{"error": {"message": "Invalid API key", "type": "authentication_error", "code": "invalid_api_key"}}',
        ),
        Behaviour.REFUSED: anthropic_error(
            400,
            "invalid_request_error",
            "context_management: Extra inputs are not permitted",
        ),
        Behaviour.NOT_FOUND: Canned(404, '{"detail": "Not Found"}'),
    },
)
"""Behaviours that are one fixed answer. The others (good, slow, streaming) are made in `fake`."""
