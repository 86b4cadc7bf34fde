"""Further answers of gateways, written after the phrases: what they recognise here was not fitted to these."""

from __future__ import annotations

import json
from typing import Final

from tests.diagnosis.recorder.answers import anthropic, new_api, openai, page
from tests.diagnosis.recorder.servers import Reply

M = "claude-sonnet-4.6"
MORE_ANSWERS: Final[tuple[tuple[str, Reply], ...]] = (
    ("key-rejected", Reply(401, '{"code":401,"message":"api key is invalid or has been disabled","success":false}')),
    ("key-rejected", Reply(401, '{"error":"Unauthorized","message":"The API key you supplied does not exist"}')),
    ("key-rejected", openai(401, "Your API key has expired. Create a new one in the console.", code="expired_api_key")),
    ("key-rejected", Reply(401, '{"detail":"Could not validate credentials"}')),
    ("key-rejected", openai(401, "令牌验证失败，请检查您的密钥", code="invalid_api_key")),
    ("key-rejected", anthropic(401, "authentication_error", "x-api-key header is required")),
    (
        "key-rejected",
        Reply(401, '{"type":"error","error":{"type":"authentication_error","message":"Virtual key not found"}}'),
    ),
    ("out-of-credit", openai(402, "Your balance is too low. Top up to continue.", "payment_required")),
    ("out-of-credit", new_api(403, "用户余额不足，请充值后再试", "insufficient_user_quota")),
    ("out-of-credit", openai(403, "Monthly spending limit for this workspace reached", "billing_hard_limit_reached")),
    (
        "out-of-credit",
        openai(429, "You have run out of credits or hit your maximum monthly spend.", "insufficient_quota"),
    ),
    (
        "out-of-credit",
        Reply(
            403, '{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}'
        ),
    ),
    ("not-allowed", openai(403, "This API key is restricted to other IP addresses", "access_denied")),
    ("not-allowed", anthropic(403, "permission_error", "Your account has been suspended for violating the terms")),
    ("not-allowed", new_api(403, "该令牌所属分组已被禁用")),
    ("model-restricted", openai(403, f"Project does not have access to model {M}", code="model_not_allowed")),
    (
        "model-restricted",
        openai(403, f"Team not allowed to access model. Tried to access {M}", "team_model_access_denied"),
    ),
    ("model-unknown", openai(400, f"Unsupported model: {M}", code="unsupported_model")),
    ("model-unknown", openai(404, f"The model `{M}` was not found on this deployment.", code="model_not_found")),
    ("model-unknown", new_api(503, f"分组 vip 下模型 {M} 无可用渠道（distributor）", "model_not_found")),
    ("model-unknown", Reply(400, json.dumps({"message": f"{M} is not supported. Choose a model from the list."}))),
    ("model-unknown", anthropic(400, "invalid_request_error", "The requested model is not available in this region")),
    ("rate-limited", openai(429, "Too many concurrent requests for this key", "concurrency_limit_exceeded")),
    ("rate-limited", Reply(429, '{"code":429,"msg":"请求太频繁，请稍后再试"}')),
    ("rate-limited", anthropic(429, "rate_limit_error", "Output token limit of 8,000 per minute exceeded")),
    ("gateway-overloaded", openai(503, "Server is overloaded, retry later", "server_overloaded")),
    ("gateway-overloaded", new_api(429, "上游负载已饱和，请稍后再试")),
    ("gateway-error", page(502, "Bad gateway: upstream did not answer")),
    ("gateway-error", new_api(500, "upstream error: do request failed", "do_request_failed")),
    ("gateway-error", Reply(503, '{"message":"no healthy upstream"}')),
    (
        "gateway-error",
        openai(500, "litellm.BadGatewayError: OpenAIException - upstream closed", "internal_server_error"),
    ),
    ("blocked-by-waf", page(403, "Access denied | gw.example used Cloudflare to restrict access")),
    ("blocked-by-waf", page(403, "Web Page Blocked", "Attack ID: 20000051")),
    ("betas-rejected", openai(400, "Unrecognized request argument supplied: context_management")),
    ("betas-rejected", anthropic(400, "invalid_request_error", "output_config: Extra inputs are not permitted")),
    ("betas-rejected", anthropic(400, "invalid_request_error", "unknown anthropic-beta: effort-2025-11-24")),
    ("thinking-rejected", openai(400, "Unsupported value for thinking: adaptive is not enabled for this model")),
    ("thinking-rejected", anthropic(400, "invalid_request_error", "This model does not support extended thinking")),
    (
        "context-too-long",
        openai(400, "Input token length 140021 exceeds the maximum of 131072", "invalid_request_error"),
    ),
    ("context-too-long", openai(400, "Requested tokens (150000) exceed context window of 128000")),
    ("request-too-large", Reply(413, '{"message":"Payload too large"}')),
    ("not-an-api", Reply(200, '{"message":"Welcome to the gateway"}')),
    ("not-an-api", page(200, "One API - Console")),
)
