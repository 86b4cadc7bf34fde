"""Answers of many kinds of gateways and of what stands before them, written without knowing the phrases."""

from __future__ import annotations

import json
from typing import Final

from tests.diagnosis.recorder.answers import anthropic, new_api, openai, page
from tests.diagnosis.recorder.servers import Reply

M = "claude-sonnet-4.6"


def plain(status: int, body: str) -> Reply:
    return Reply(status, body, "text/plain")


def said(status: int, /, **fields: object) -> Reply:
    return Reply(status, json.dumps(fields, ensure_ascii=False))


WIDER_ANSWERS: Final[tuple[tuple[str, Reply], ...]] = (
    ("key-rejected", anthropic(401, "authentication_error", "OAuth access token is invalid.")),
    ("key-rejected", new_api(401, "该令牌已被删除")),
    ("key-rejected", new_api(401, "密钥不存在或已失效，请重新获取")),
    ("key-rejected", said(401, message="Invalid authentication credentials")),
    ("key-rejected", said(401, message="No API key found in request")),
    ("key-rejected", plain(401, "Jwt verification fails")),
    (
        "key-rejected",
        openai(
            401,
            "Authentication Error, LiteLLM Virtual Key expected. Received=gw-abc, expected to start with 'sk-'.",
            "auth_error",
            "401",
        ),
    ),
    ("key-rejected", said(401, error={"message": "User not found.", "code": 401})),
    (
        "key-rejected",
        said(401, statusCode=401, message="Access denied due to invalid subscription key. Make sure to provide a key."),
    ),
    ("key-rejected", openai(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT")),
    ("key-rejected", said(403, detail="Not authenticated")),
    ("key-rejected", said(401, success=False, error=[{"code": 2009, "message": "Unauthorized"}])),
    ("out-of-credit", openai(400, "ExceededBudget: Crossed spend within budget duration", "budget_exceeded", "400")),
    ("out-of-credit", said(403, code=30001, message="Sorry, your account balance is insufficient", data=None)),
    ("out-of-credit", openai(429, "余额不足或无可用资源包,请充值。", "1113", "1113")),
    (
        "out-of-credit",
        openai(
            429,
            "Your account org-7f is suspended, please check your plan and billing details",
            "exceeded_current_quota_error",
        ),
    ),
    ("out-of-credit", said(402, error={"message": "Insufficient credits. Add more in the console.", "code": 402})),
    ("out-of-credit", new_api(403, "预扣费额度失败, 用户剩余额度: ¥0.18, 需要预扣费额度: ¥1.22")),
    ("out-of-credit", openai(403, "This key's total spending limit of $20 is exceeded", "key_limit")),
    ("not-allowed", said(403, message="Your IP address 203.0.113.7 is not allowed")),
    ("not-allowed", plain(403, "RBAC: access denied")),
    (
        "not-allowed",
        openai(
            403, "User: arn:aws:iam::1234:user/gw is not authorized to perform: bedrock:InvokeModel", "AccessDenied"
        ),
    ),
    ("not-allowed", anthropic(400, "invalid_request_error", "This organization has been disabled.")),
    ("not-allowed", new_api(403, "当前用户没有权限执行此操作，请联系管理员")),
    ("not-allowed", said(403, error={"message": "The caller does not have permission", "status": "PERMISSION_DENIED"})),
    ("model-restricted", new_api(403, f"令牌没有权限使用该模型: {M}")),
    ("model-restricted", openai(403, f"Model {M} is not included in your plan. Upgrade to use it.", "plan_error")),
    (
        "model-restricted",
        openai(401, f"User not allowed to access model. Tried to access {M}", "user_model_access_denied"),
    ),
    ("model-restricted", openai(403, f"The API key is not authorized for model '{M}'", code="model_forbidden")),
    ("model-unknown", openai(400, "The provided model identifier is invalid.", "ValidationException")),
    ("model-unknown", said(400, error=f'model "{M}" not found, try pulling it first')),
    ("model-unknown", openai(400, f"Unknown model: {M}")),
    ("model-unknown", new_api(503, f"分组 auto 下模型 {M} 的可用渠道不存在（retry）", "get_channel_failed")),
    ("model-unknown", openai(400, f"模型 {M} 不在支持列表中", "bad_request")),
    (
        "model-unknown",
        openai(400, f"litellm.BadRequestError: LLM Provider NOT provided. You passed model={M}", "bad_request"),
    ),
    ("model-unknown", openai(404, f"The model `{M}` does not exist or you do not have access to it.")),
    ("rate-limited", said(429, message="API rate limit exceeded")),
    (
        "rate-limited",
        openai(429, "LiteLLM Rate Limit Handler for rate limit type = key. Crossed TPM / RPM / Max Parallel Limit."),
    ),
    ("rate-limited", page(429, "Access denied | gw.acme.example used Cloudflare", "You are being rate limited")),
    ("rate-limited", plain(429, "local_rate_limited")),
    ("rate-limited", openai(429, "Too many tokens, please wait before trying again.", "ThrottlingException")),
    ("rate-limited", openai(429, "Resource has been exhausted (e.g. check quota).", "RESOURCE_EXHAUSTED")),
    ("rate-limited", new_api(429, "当前令牌并发数已达上限，请稍后重试")),
    ("gateway-overloaded", said(503, error={"message": "Service is too busy. Try again later.", "type": "busy"})),
    ("gateway-overloaded", openai(429, "该模型当前访问量过大，请您稍后再试", "1305", "1305")),
    ("gateway-overloaded", openai(503, "系统繁忙，请稍后再试", "server_busy")),
    ("gateway-overloaded", openai(503, "Model capacity reached. Requests are being shed.", "capacity")),
    ("gateway-overloaded", said(529, type="error", error={"type": "overloaded_error", "message": "Overloaded"})),
    (
        "gateway-error",
        plain(503, "upstream connect error or disconnect/reset before headers. reset reason: connection failure"),
    ),
    ("gateway-error", page(521, "gw.acme.example | 521: Web server is down")),
    ("gateway-error", page(524, "gw.acme.example | 524: A timeout occurred")),
    ("gateway-error", said(502, message="An invalid response was received from the upstream server")),
    ("gateway-error", openai(500, "The server had an error while processing your request. Sorry.", "server_error")),
    ("gateway-error", page(503, "503 Service Unavailable", "No server is available to handle this request.")),
    ("gateway-error", plain(500, "Internal Server Error")),
    ("gateway-error", page(502, "Server Error", "Error: Server Error")),
    ("blocked-by-waf", page(403, "Access Denied", "You don't have permission. Reference #18.4d2c1402")),
    ("blocked-by-waf", page(405, "405", "很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。")),
    ("blocked-by-waf", page(403, "Sucuri WebSite Firewall - Access Denied")),
    ("blocked-by-waf", page(406, "Not Acceptable!", "An appropriate representation could not be found. Mod_Security")),
    ("blocked-by-waf", page(403, "Request Rejected", "Your support ID is: 1234567890")),
    ("blocked-by-waf", page(403, "Attention Required! | Cloudflare")),
    ("betas-rejected", openai(400, "Unknown parameter: 'context_management'.", code="unknown_parameter")),
    (
        "betas-rejected",
        anthropic(400, "invalid_request_error", "Unexpected value(s) `advanced-tool-use-2025-11-20` for the header"),
    ),
    (
        "betas-rejected",
        said(400, detail=[{"type": "extra_forbidden", "loc": ["body", "context_management"], "msg": "Extra inputs"}]),
    ),
    (
        "betas-rejected",
        anthropic(400, "invalid_request_error", "system.0.cache_control.scope: Extra inputs are not permitted"),
    ),
    ("betas-rejected", said(400, error='json: unknown field "context_management"')),
    ("betas-rejected", openai(400, "The beta feature interleaved-thinking-2025-05-14 is not enabled here")),
    (
        "thinking-rejected",
        anthropic(
            400,
            "invalid_request_error",
            "thinking: Input tag 'adaptive' found using 'type' does not match any of the expected tags: "
            "'disabled', 'enabled'",
        ),
    ),
    (
        "thinking-rejected",
        anthropic(400, "invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"),
    ),
    (
        "thinking-rejected",
        anthropic(400, "invalid_request_error", "thinking.enabled.budget_tokens: Input should be greater than 1024"),
    ),
    ("thinking-rejected", openai(400, "UnsupportedParamsError: bedrock does not support parameters: {'thinking': {}}")),
    (
        "context-too-long",
        openai(400, "'max_tokens' is too large: 64000. This model's maximum context length is 40960 tokens."),
    ),
    ("context-too-long", openai(400, "Input is too long for requested model.", "ValidationException")),
    ("context-too-long", openai(400, "Range of input length should be [1, 98304]", "InvalidParameter")),
    ("context-too-long", openai(400, "the request exceeds the available context size (8192 tokens)")),
    (
        "context-too-long",
        openai(400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
    ),
    ("context-too-long", new_api(400, "输入内容超过模型上下文长度限制")),
    ("request-too-large", page(413, "413 Payload Too Large")),
    ("request-too-large", plain(413, "PayloadTooLargeError: request entity too large")),
    ("request-too-large", said(413, detail="Request body too large")),
    ("not-an-api", page(200, "New API", "You need to enable JavaScript to run this app.")),
    ("not-an-api", said(200, code=0, msg="success", data=None)),
    ("not-an-api", said(200, error={"message": "unauthorized client"})),
    ("not-an-api", Reply(200, "<?xml version='1.0'?><ok/>", "application/xml")),
    ("not-an-api", plain(200, "OK")),
    ("not-an-api", page(200, "Hotspot login", "Accept the terms to go online")),
)
