"""What gateways answer when something is wrong, in their own words (sources: see `portal.gateway.signals`)."""

from __future__ import annotations

import json
from typing import Final

from tests.diagnosis.recorder.servers import Reply


def anthropic(status: int, kind: str, message: str) -> Reply:
    return Reply(status, json.dumps({"type": "error", "error": {"type": kind, "message": message}}))


def openai(status: int, message: str, kind: str = "invalid_request_error", code: str | None = None) -> Reply:
    return Reply(status, json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}}))


def new_api(status: int, message: str, code: str = "") -> Reply:
    said = f"{message} (request id: 2026112310{status}44718)"
    return openai(status, said, "new_api_error", code)


def page(status: int, title: str, words: str = "") -> Reply:
    html = f"<html><head><title>{title}</title></head><body><center><h1>{words or title}</h1></center></body></html>"
    return Reply(status, html, "text/html")


M = "claude-sonnet-4-6"
ANSWERS: Final[tuple[tuple[str, Reply], ...]] = (
    ("key-rejected", anthropic(401, "authentication_error", "Invalid bearer token")),
    ("key-rejected", anthropic(401, "authentication_error", "Invalid API key provided")),
    ("key-rejected", new_api(401, "无效的令牌")),
    ("key-rejected", new_api(401, "Invalid token")),
    ("key-rejected", new_api(401, "该令牌已过期")),
    ("key-rejected", new_api(401, "该令牌状态不可用")),
    ("key-rejected", new_api(401, "未提供令牌")),
    ("key-rejected", openai(401, "Incorrect API key provided: sk-gw-ab************cdef.", code="invalid_api_key")),
    (
        "key-rejected",
        openai(
            401,
            "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...cdef, "
            "Key Hash (Token) =8a1f2b. Unable to find token in cache or `LiteLLM_VerificationTokenTable`",
            "token_not_found_in_db",
            "401",
        ),
    ),
    ("key-rejected", openai(401, "Authentication Error, Expired Key. Expired at 2026-10-01", "expired_key", "401")),
    ("key-rejected", openai(400, "No connected db.", "no_db_connection", "400")),
    ("key-rejected", openai(401, "Authentication Fails, Your api key: ****cdef is invalid", "authentication_error")),
    ("key-rejected", Reply(401, '{"error":{"message":"No auth credentials found","code":401}}')),
    ("key-rejected", openai(401, "Invalid Authentication", "invalid_authentication_error")),
    ("key-rejected", openai(401, "身份验证失败。", "1000", "1000")),
    ("key-rejected", page(401, "401 Authorization Required")),
    ("key-rejected", Reply(401, '{"detail":"Unauthorized"}')),
    ("key-rejected", Reply(401, "")),
    ("out-of-credit", new_api(403, "用户额度不足, 剩余额度: ¥0.012000", "insufficient_user_quota")),
    ("out-of-credit", new_api(403, "用户剩余额度: $0.00, 需要预扣费额度: $0.03", "insufficient_user_quota")),
    (
        "out-of-credit",
        new_api(
            403,
            "token quota is not enough, token remain quota: $0.01, need quota: $0.12",
            "pre_consume_token_quota_failed",
        ),
    ),
    ("out-of-credit", new_api(401, "该令牌额度已用尽")),
    ("out-of-credit", openai(402, "Insufficient Balance", "unknown_error")),
    (
        "out-of-credit",
        Reply(
            402,
            '{"error":{"message":"This request requires more credits, or fewer max_tokens. You '
            'requested up to 64000 tokens, but can only afford 122.","code":402}}',
        ),
    ),
    (
        "out-of-credit",
        anthropic(
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic "
            "API. Please go to Plans & Billing to upgrade or purchase credits.",
        ),
    ),
    (
        "out-of-credit",
        openai(
            429,
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            "insufficient_quota",
        ),
    ),
    (
        "out-of-credit",
        openai(400, "Budget has been exceeded! Current cost: 10.02, Max budget: 10.0", "budget_exceeded", "400"),
    ),
    ("out-of-credit", anthropic(403, "billing_error", "Your account balance is insufficient. Please recharge.")),
    (
        "not-allowed",
        anthropic(403, "permission_error", "Your API key does not have permission to use the specified resource."),
    ),
    ("not-allowed", new_api(403, "您的 IP 不在令牌允许访问的列表中", "access_denied")),
    ("not-allowed", new_api(403, "Your IP is not in the list of allowed IPs for this token", "access_denied")),
    ("not-allowed", new_api(403, "无权访问 vip 分组")),
    ("not-allowed", new_api(403, "用户已被封禁")),
    ("not-allowed", anthropic(403, "forbidden", "Request not allowed")),
    ("not-allowed", anthropic(403, "permission_error", "Client not allowed. Only Claude Code clients are permitted")),
    ("model-restricted", new_api(403, f"该令牌无权访问模型 {M}")),
    ("model-restricted", new_api(403, f"This token has no access to model {M}")),
    (
        "model-restricted",
        openai(
            401,
            f"key not allowed to access model. This key can only access models=['gpt-5']. Tried to access {M}",
            "key_model_access_denied",
            "401",
        ),
    ),
    ("model-restricted", anthropic(403, "permission_error", f"Your organization does not have access to model {M}")),
    (
        "model-unknown",
        anthropic(
            400,
            "invalid_request_error",
            f"anthropic_messages: Invalid model name passed in model={M}."
            " Call `/v1/models` to view available models for your key.",
        ),
    ),
    ("model-unknown", new_api(503, f"当前分组 default 下对于模型 {M} 无可用渠道", "model_not_found")),
    (
        "model-unknown",
        new_api(503, f"No available channel for model {M} under group default (distributor)", "model_not_found"),
    ),
    ("model-unknown", openai(400, "Model Not Exist")),
    ("model-unknown", openai(400, "模型不存在，请检查模型代码。", "1211", "1211")),
    ("model-unknown", Reply(400, f'{{"error":{{"message":"{M} is not a valid model ID","code":400}}}}')),
    ("model-unknown", anthropic(404, "not_found_error", "model: claude-nonesuch-9")),
    (
        "rate-limited",
        anthropic(
            429,
            "rate_limit_error",
            "This request would exceed your organization's rate limit of 50 requests per minute",
        ),
    ),
    ("rate-limited", new_api(429, "您已达到请求数限制：1分钟内最多请求60次")),
    (
        "rate-limited",
        openai(
            429,
            "Rate limit reached for requests per min. Limit: 3 / min. Please try again in 20s.",
            "requests",
            "rate_limit_exceeded",
        ),
    ),
    (
        "rate-limited",
        openai(429, "litellm.RateLimitError: Deployment over user-defined ratelimit", "throttling_error", "429"),
    ),
    ("rate-limited", openai(429, "您的账户已达到速率限制，请您控制请求频率", "1302", "1302")),
    ("rate-limited", page(429, "429 Too Many Requests")),
    ("gateway-overloaded", anthropic(529, "overloaded_error", "Overloaded")),
    (
        "gateway-overloaded",
        anthropic(503, "overloaded_error", "The engine is currently overloaded, please try again later"),
    ),
    ("gateway-overloaded", new_api(500, "当前分组上游负载已饱和，请稍后再试")),
    ("gateway-error", anthropic(500, "api_error", "Internal server error")),
    ("gateway-error", page(502, "502 Bad Gateway")),
    ("gateway-error", page(503, "503 Service Temporarily Unavailable")),
    ("gateway-error", page(504, "504 Gateway Time-out")),
    ("gateway-error", page(520, "gateway.example.com | 520: Web server is returning an unknown error")),
    ("gateway-error", new_api(500, "bad response status code 500", "bad_response_status_code")),
    (
        "gateway-error",
        openai(500, "litellm.APIConnectionError: Cannot connect to host 10.1.2.3:443", "api_error", "500"),
    ),
    ("gateway-error", Reply(500, "")),
    ("blocked-by-waf", page(403, "Attention Required! | Cloudflare", "Sorry, you have been blocked")),
    ("blocked-by-waf", page(403, "403 Forbidden")),
    ("blocked-by-waf", page(403, "Just a moment...")),
    ("blocked-by-waf", page(403, "ERROR: The request could not be satisfied", "Request blocked.")),
    ("betas-rejected", anthropic(400, "invalid_request_error", "context_management: Extra inputs are not permitted")),
    (
        "betas-rejected",
        anthropic(
            400,
            "invalid_request_error",
            "Unexpected value(s) `context-management-2025-06-27` for the "
            "`anthropic-beta` header. Please consult our documentation",
        ),
    ),
    (
        "betas-rejected",
        anthropic(400, "invalid_request_error", "tools.0.custom.defer_loading: Extra inputs are not permitted"),
    ),
    ("betas-rejected", anthropic(400, "invalid_request_error", "invalid beta flag")),
    (
        "betas-rejected",
        anthropic(
            400,
            "invalid_request_error",
            "tools.3: Input tag 'advisor_20260301' found using 'type' does not match any of the expected tags",
        ),
    ),
    (
        "thinking-rejected",
        anthropic(400, "invalid_request_error", "thinking.type: Input should be 'enabled' or 'disabled'"),
    ),
    ("thinking-rejected", anthropic(400, "invalid_request_error", "adaptive thinking is not supported on this model")),
    (
        "thinking-rejected",
        anthropic(400, "invalid_request_error", "`max_tokens` must be greater than `thinking.budget_tokens`."),
    ),
    (
        "thinking-rejected",
        anthropic(400, "invalid_request_error", '"thinking.type.enabled" is not supported for this model'),
    ),
    ("context-too-long", anthropic(400, "invalid_request_error", "prompt is too long: 210400 tokens > 200000 maximum")),
    (
        "context-too-long",
        openai(
            400,
            "This model's maximum context length is 131072 tokens. However, your messages resulted in 140000 tokens.",
            code="context_length_exceeded",
        ),
    ),
    (
        "context-too-long",
        openai(400, "prompt token count of 135000 exceeds the limit of 128000", code="model_max_prompt"),
    ),
    (
        "context-too-long",
        anthropic(
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: "
            "190000 + 32000 > 200000, decrease input length or `max_tokens` and try again",
        ),
    ),
    ("request-too-large", page(413, "413 Request Entity Too Large")),
    ("request-too-large", anthropic(413, "request_too_large", "Request exceeds the maximum size")),
    ("not-an-api", page(200, "Acme LLM Console", "Sign in")),
    ("not-an-api", Reply(200, '{"status":"ok","version":"3.1"}')),
    (
        "not-an-api",
        Reply(
            200,
            '{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":'
            '"assistant","content":"Hi"},"finish_reason":"stop"}]}',
        ),
    ),
    ("not-an-api", Reply(200, "")),
    ("not-an-api", Reply(200, "Welcome to nginx", "text/plain")),
)
