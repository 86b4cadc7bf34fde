"""What published error lists of other gateways and providers say, in shorter words."""

from __future__ import annotations

from typing import Final

from tests.diagnosis.recorder.answers import new_api, openai, page
from tests.diagnosis.recorder.servers import Reply
from tests.diagnosis.recorder.wider_answers import plain, said

M = "claude-sonnet-4.6"

FINAL_ANSWERS: Final[tuple[tuple[str, Reply], ...]] = (
    ("key-rejected", said(401, header={"resultCode": 4011001, "resultMessage": "Authorization is empty."})),
    ("key-rejected", said(401, message="20002 JWT authentication failed (Exceeded expiration time)")),
    ("key-rejected", openai(401, "Unauthorized - access token is invalid or expired", "unauthorized")),
    ("key-rejected", openai(401, "The API key in the request is missing or invalid. Request id: 0217", "Auth")),
    ("key-rejected", new_api(401, "无权进行此操作，未登录且未提供 access token")),
    ("key-rejected", openai(403, "Authentication issues. Verify you have the correct API key.", "forbidden")),
    ("key-rejected", said(401, error={"code": "NOT_FOUND", "message": "the key does not exist or has expired"})),
    ("out-of-credit", said(403, message="20004 Usage quota exceeded")),
    ("out-of-credit", openai(402, "Account is not on a paid plan or has exceeded usage limits", "payment")),
    ("out-of-credit", openai(402, "The account has reached its maximum allowed monthly spend", "billing")),
    ("out-of-credit", openai(403, "Your account balance is insufficient. Recharge it to continue using the API.", "b")),
    ("out-of-credit", openai(403, "The request failed because your account has an overdue balance.", "AccountOverdue")),
    ("out-of-credit", said(403, error={"code": "USAGE_EXCEEDED", "message": "the key has no requests remaining"})),
    ("not-allowed", openai(403, "Account suspended.", "forbidden")),
    ("not-allowed", new_api(403, "该令牌只能在指定网段使用")),
    ("not-allowed", new_api(403, "无权进行此操作，权限不足")),
    ("not-allowed", said(403, error={"code": "INSUFFICIENT_PERMISSIONS", "message": "you lack the permissions"})),
    ("not-allowed", openai(403, "Forbidden: key 3fa9c1 is accepted only from approved IP ranges.", "forbidden")),
    ("model-restricted", openai(403, "Forbidden: key 3fa9c1 not authorized to access the requested model.", "f")),
    ("model-restricted", new_api(403, "该令牌无权使用模型")),
    ("model-restricted", openai(403, f"Your account has not activated the model {M}. Activate it first.", "NotOpen")),
    ("model-restricted", openai(403, "This model is not available on your subscription tier", "tier")),
    ("model-unknown", openai(503, "Incorrect model ID. View the model page, or you may not use this model", "api")),
    ("model-unknown", new_api(503, "没有可用的渠道处理请求: claude-opus-9")),
    ("model-unknown", said(400, object="error", message=f"Invalid model: {M}", type="invalid_model", code="1500")),
    ("model-unknown", openai(400, f"Model '{M}' not found. Check the list of available models.", "model_not_found")),
    ("rate-limited", openai(429, "The Requests Per Minute (RPM) limit of the associated endpoint has been exceeded.")),
    ("rate-limited", openai(429, "The Tokens Per Minute (TPM) limit of the endpoint for your account is exceeded.")),
    ("rate-limited", new_api(429, "请求频率超过限制")),
    ("rate-limited", said(429, error={"code": "RATE_LIMITED", "message": "the key has been ratelimited"})),
    ("gateway-overloaded", openai(503, "Our servers are seeing high amounts of traffic, retry after a brief wait")),
    (
        "gateway-overloaded",
        openai(429, "The service is currently unable to serve, server overloaded", "ServerOverloaded"),
    ),
    ("gateway-overloaded", new_api(503, "服务负载高，请稍后重试")),
    ("gateway-error", said(503, message="Upstream Service Unavailable (CircuitBreaker open)")),
    ("gateway-error", new_api(500, "上游空响应")),
    ("gateway-error", openai(500, "The service encountered an unexpected internal error", "InternalServiceError")),
    ("gateway-error", plain(502, "Bad Gateway: PRE API authentication call failed")),
    ("gateway-error", page(500, "500 - Internal server error")),
    ("blocked-by-waf", page(403, "Blocked by web filter", "Incident ID 8-2211")),
    (
        "blocked-by-waf",
        page(403, "Pardon Our Interruption", "Something about your browser made us think you are a bot"),
    ),
    ("betas-rejected", openai(400, "A parameter specified in the request is not valid: context_management", "Invalid")),
    ("betas-rejected", openai(422, "Extra fields not permitted: output_config", "validation")),
    ("thinking-rejected", openai(400, "The parameter `thinking.type` is not valid: adaptive is not supported", "Inv")),
    ("thinking-rejected", openai(400, "The selected model does not support the thinking mode.", "UnsupportedModel")),
    ("context-too-long", openai(400, "Input token count + max_tokens must be less than the context length", "bad")),
    ("context-too-long", openai(400, "Total tokens of image and text exceed max message tokens", "InvalidParameter")),
    ("request-too-large", plain(413, "The request body is too large. Reduce the size of the request body.")),
    ("not-an-api", said(200, code="0000", result=True, data={})),
    ("not-an-api", page(200, "Tyk Dashboard", "Log in")),
)
