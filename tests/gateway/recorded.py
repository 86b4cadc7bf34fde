"""What gateways answer, as recorded or as their source and documentation say (see `portal.gateway.signals`)."""

from __future__ import annotations

from portal.gateway.results import Barrier, Fault, Shape

MESSAGE: dict[str, object] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "content": [],
    "model": "m",
    "stop_reason": None,
}
NGINX = "<html>\r\n<head><title>{0}</title></head>\r\n<body><center><h1>{0}</h1></center></body></html>"
SPA = '<!doctype html><html><head><title>Console</title></head><body><div id="root"></div></body></html>'


def anthropic(kind: str, message: str) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def openai(message: str, kind: str = "", code: object = None) -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def new_api(message: str, code: str = "") -> dict[str, object]:
    return openai(f"{message} (request id: 20260101)", "new_api_error", code)


REJECTED: list[tuple[int, object]] = [
    (401, anthropic("authentication_error", "invalid x-api-key")),
    (401, anthropic("authentication_error", "Invalid bearer token")),
    (401, new_api("无效的令牌")),
    (401, new_api("Invalid token")),
    (401, new_api("该令牌已过期")),
    (401, new_api("该令牌状态不可用")),
    (401, new_api("未提供令牌")),
    (400, openai("No connected db.", "no_db_connection", "400")),
    (401, openai("Authentication Error, Invalid proxy server token passed. Received API Key = sk-...dead, Key Hash "
                 "(Token) =61def7928d739903cc1d300521e6ac87. Unable to find token in cache or "
                 "`LiteLLM_VerificationTable`", "token_not_found_in_db", "401")),
    (401, openai("Authentication Error, LiteLLM Virtual Key expected. Received=x, expected to start with 'sk-'.",
                 "auth_error", "401")),
    (400, openai("Authentication Error - Expired Key. Key Expiry time 2026-01-01", "expired_key", "400")),
    (401, openai("Authentication Error, Key is blocked. Update via `/key/unblock` if you're an admin.", "auth_error",
                 "401")),
    (401, openai("Incorrect API key provided: sk-abc***wxyz.", "invalid_request_error", "invalid_api_key")),
    (401, openai("Authentication Fails, Your api key: ****f00d is invalid", "authentication_error",
                 "invalid_request_error")),
    (403, {"message": "Invalid authentication credentials"}),
    (401, {"message": "No API key found in request"}),
    (401, {"detail": "Unauthorized"}),
    (401, {"code": "InvalidApiKey", "message": "Invalid API-key provided.", "request_id": "1"}),
    (401, b""),
    (401, "Unauthorized"),
    (401, '{"error": {"mess'),
    (200, {"code": 401, "msg": "令牌已过期或验证不正确", "success": False}),
    (200, {"code": 1001, "msg": "Header中未收到Authorization参数，无法进行身份验证。", "success": False}),
    (200, {"base_resp": {"status_code": 1004, "status_msg": "login fail: Please carry the API secret key"}}),
    (200, anthropic("authentication_error", "invalid x-api-key")),
    (200, openai("Invalid API key", "", "invalid_api_key")),
]  # fmt: skip

CREDIT: list[tuple[int, object]] = [
    (403, new_api("用户额度不足, 剩余额度: ¥0.000000", "insufficient_user_quota")),
    (403, anthropic("new_api_error", "用户额度不足, 剩余额度: ＄-0.054062 (request id: abc)")),
    (403, anthropic("new_api_error", "预扣费额度失败, 用户剩余额度: ¥0.1, 需要预扣费额度: ¥0.2，余额不足")),
    (403, new_api("token quota is not enough, token remain quota: 0", "pre_consume_token_quota_failed")),
    (401, new_api("该令牌额度已用尽 TokenStatusExhausted[sk-abc***xyz]")),
    (401, new_api("This token quota is exhausted TokenStatusExhausted[sk-abc***xyz]")),
    (400, anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API.")),
    (429, openai("You exceeded your current quota, please check your plan and billing details.", "insufficient_quota",
                 "insufficient_quota")),
    (429, openai("Budget has been exceeded! Current cost: 10.1, Max budget: 10.0", "budget_exceeded", "429")),
    (400, openai("ExceededBudget: User=u over budget. Spend=1, Budget=0.5", "budget_exceeded", "400")),
    (402, openai("Insufficient Balance", "unknown_error", "invalid_request_error")),
    (402, b""),
    (402, NGINX.format("402 Payment Required")),
    (429, {"error": {"code": "1113", "message": "Insufficient balance or no resource package. Please recharge."}}),
    (400, {"code": "Arrearage", "message": "Access denied, please make sure your account is in good standing."}),
    (200, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}),
    (200, openai("Insufficient credits. Add more using the console", "", 402)),
]  # fmt: skip

PROVEN_MODEL: list[tuple[int, object]] = [
    (404, anthropic("not_found_error", "model: claude-sonnet-4-6")),
    (400, anthropic("invalid_request_error", "anthropic_messages: Invalid model name passed in model=nope. Call "
                    "`/v1/models` to view available models for your key.")),
    (404, anthropic("not_found_error", 'litellm.NotFoundError: AnthropicException - {"message": "model: x"}')),
    (503, new_api("当前分组 default 下对于模型 claude-sonnet-4-6 无可用渠道")),
    (503, new_api("分组 default 下模型 claude-sonnet-4-6 无可用渠道（distributor）", "model_not_found")),
    (503, new_api("No available channel for model x under group default (distributor)", "model_not_found")),
    (404, openai("The model `x` does not exist or you do not have access to it.", "invalid_request_error",
                 "model_not_found")),
    (200, new_api("当前分组 default 下对于模型 x 无可用渠道")),
]  # fmt: skip

UNPROVEN_MODEL: list[tuple[int, object]] = [
    (400, openai("Model Not Exist", "invalid_request_error", "invalid_request_error")),
    (400, openai("x/y is not a valid model ID", "", 400)),
    (404, openai("Not found the model x or Permission denied", "resource_not_found_error")),
    (404, {"detail": "Model x not found"}),
    (400, {"error": {"code": "1211", "message": "Unknown Model, please check the model code."}}),
    (400, {"error": "model 'x' not found, try pulling it first"}),
    (404, new_api("模型 x 不存在")),
]

NOT_ALLOWED: list[tuple[int, object, Barrier]] = [
    (403, anthropic("permission_error", "Your API key does not have permission to use the specified resource."),
     Barrier.OTHER),
    (403, new_api("您的 IP 不在令牌允许访问的列表中", "access_denied"), Barrier.NETWORK),
    (403, openai("Your IP address 1.2.3.4 is not allowed to use this key"), Barrier.NETWORK),
    (403, new_api("该令牌无权访问模型 claude-opus-4.8"), Barrier.MODEL),
    (403, new_api("This token has no access to model claude-opus-4.8"), Barrier.MODEL),
    (401, openai("key not allowed to access model. This key can only access models=['a']. Tried to access b",
                 "key_model_access_denied", "401"), Barrier.MODEL),
    (403, openai("Project `p` does not have access to model `x`", "invalid_request_error", "model_not_found"),
     Barrier.MODEL),
    (403, new_api("无权访问 vip 分组"), Barrier.GROUP),
    (403, new_api("分组 vip 已被弃用"), Barrier.GROUP),
    (403, new_api("用户已被封禁"), Barrier.ACCOUNT),
    (403, new_api("User has been banned"), Barrier.ACCOUNT),
    (403, anthropic("permission_error", "This organization has been disabled."), Barrier.ACCOUNT),
    (403, NGINX.format("Attention Required! | Cloudflare"), Barrier.FIREWALL),
    (403, {"message": "Forbidden"}, Barrier.OTHER),
    (403, b"", Barrier.OTHER),
]  # fmt: skip

FAILED: list[tuple[int, object, Fault]] = [
    (529, anthropic("overloaded_error", "Overloaded"), Fault.OVERLOADED),
    (200, anthropic("overloaded_error", "Overloaded"), Fault.OVERLOADED),
    (503, new_api("当前分组上游负载已饱和，请稍后再试"), Fault.OVERLOADED),
    (429, new_api("当前分组上游负载已饱和，请稍后再试"), Fault.OVERLOADED),
    (500, anthropic("api_error", "Internal server error"), Fault.OTHER),
    (500, b"", Fault.OTHER),
    (502, NGINX.format("502 Bad Gateway"), Fault.OTHER),
    (504, openai("upstream timeout", "upstream_error"), Fault.OTHER),
    (522, NGINX.format("Connection timed out"), Fault.OTHER),
    (503, new_api("获取分组 default 下模型 x 的可用渠道失败（distributor）: 数据库一致性已被破坏", "model_not_found"),
     Fault.OTHER),
    (401, new_api("无效的令牌，数据库查询出错，请联系管理员"), Fault.OTHER),
    (500, openai("没有可用的渠道密钥", "new_api_error", "channel:no_available_key"), Fault.UPSTREAM_CREDENTIAL),
    (401, anthropic("authentication_error", "litellm.AuthenticationError: AnthropicException - invalid x-api-key"),
     Fault.UPSTREAM_CREDENTIAL),
    (400, anthropic("invalid_request_error", "litellm.BadRequestError: AnthropicException - Your credit balance is too "
                    "low"), Fault.UPSTREAM_CREDENTIAL),
    (401, openai("bad response status code 401", "upstream_error", "bad_response_status_code"),
     Fault.UPSTREAM_CREDENTIAL),
    (200, openai("something odd", "weird"), Fault.OTHER),
    (200, {"type": "message", "id": "msg_1", "content": [], "error": {"message": "no"}}, Fault.OTHER),
    (999, MESSAGE, Fault.OTHER),
    (100, b"", Fault.OTHER),
]  # fmt: skip

REFUSED: list[tuple[int, object]] = [
    (400, anthropic("invalid_request_error", "context_management: Extra inputs are not permitted")),
    (400, anthropic("invalid_request_error", "max_tokens: Field required")),
    (404, {"detail": "Not Found"}),
    (404, new_api("Invalid URL (POST /v1/v1/messages)")),
    (404, "404 page not found"),
    (405, {"detail": "Method Not Allowed"}),
    (413, NGINX.format("413 Request Entity Too Large")),
    (413, b""),
    (422, {"detail": [{"loc": ["body", "system"], "msg": "Field required", "type": "missing"}]}),
    (400, new_api("sensitive words detected", "sensitive_words_detected")),
    (409, openai("conflict")),
]

NOT_MESSAGES: list[tuple[int, object, Shape]] = [
    (200, SPA, Shape.HTML),
    (404, SPA, Shape.HTML),
    (404, NGINX.format("404 Not Found"), Shape.HTML),
    (405, NGINX.format("405 Not Allowed"), Shape.HTML),
    (400, NGINX.format("400 The plain HTTP request was sent to HTTPS port"), Shape.HTML),
    (511, NGINX.format("Login required"), Shape.HTML),
    (404, b"", Shape.EMPTY),
    (200, b"", Shape.EMPTY),
    (200, b" \r\n\t", Shape.EMPTY),
    (204, b"", Shape.EMPTY),
    (200, {"id": "c", "object": "chat.completion", "choices": []}, Shape.OPENAI_JSON),
    (200, MESSAGE | {"choices": []}, Shape.OPENAI_JSON),
    (200, {"status": "ok"}, Shape.OTHER_JSON),
    (200, [], Shape.OTHER_JSON),
    (200, MESSAGE | {"id": ""}, Shape.OTHER_JSON),
    (200, MESSAGE | {"id": 7}, Shape.OTHER_JSON),
    (200, MESSAGE | {"content": "hi"}, Shape.OTHER_JSON),
    (200, MESSAGE | {"type": "completion"}, Shape.OTHER_JSON),
    (200, "null", Shape.TEXT),
    (200, "ok", Shape.TEXT),
    (200, b"\xff\xfe\x00\x01", Shape.TEXT),
    (200, '{"id": "msg_1", "type": "message", "content": [', Shape.TRUNCATED),
    (200, b"[" * 60_000, Shape.TRUNCATED),
    (200, b"1" * 60_000, Shape.TEXT),
    (200, 'event: message_start\ndata: {"type": "message_start", "message": {"id": "msg_1"}}\n\n', Shape.EVENT_STREAM),
    (200, 'data: {"object": "chat.completion.chunk", "choices": []}\n\ndata: [DONE]\n\n', Shape.OPENAI_JSON),
]
