"""The classification matrix: what gateways really answer -> what it means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.gateway.answers import BODY_LIMIT, Answer, Ending
from portal.gateway.classify import Context, classify, retry_after_seconds
from portal.gateway.results import (
    Accepted,
    Barrier,
    CheckResult,
    Fault,
    GatewayFailed,
    ModelUnknown,
    NotAllowed,
    NotMessagesApi,
    Obstacle,
    OutOfCredit,
    Rejected,
    RequestRefused,
    Shape,
    Throttled,
    TimedOut,
    Unreachable,
)
from portal.keys import ApiKey
from tests.gateway.recorded import (
    CREDIT,
    FAILED,
    MESSAGE,
    NGINX,
    NOT_ALLOWED,
    NOT_MESSAGES,
    PROVEN_MODEL,
    REFUSED,
    REJECTED,
    SPA,
    UNPROVEN_MODEL,
    anthropic,
    new_api,
    openai,
)

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
KEY = "sk-Rk3v9QzTfW2mXb7LpYcN5hJd"
CONTEXT = Context(model="claude-sonnet-4.6", key=ApiKey(KEY), duration_ms=12, now=NOW)


def ask(
    status: int,
    body: object = b"",
    headers: dict[str, str] | None = None,
    ending: Ending = Ending.COMPLETE,
) -> CheckResult:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = "text/html" if raw.lstrip().startswith(b"<") else "application/json"
    return classify(Answer(status, {"content-type": kind} | (headers or {}), raw, ending), CONTEXT)


@pytest.mark.parametrize(("status", "body"), REJECTED)
def test_key_is_rejected_when_the_gateway_says_so(status: int, body: object) -> None:
    assert isinstance(ask(status, body), Rejected)


@pytest.mark.parametrize(("status", "body"), CREDIT)
def test_credit_is_named_when_money_is_the_reason(status: int, body: object) -> None:
    assert isinstance(ask(status, body), OutOfCredit)


@pytest.mark.parametrize(("status", "body"), PROVEN_MODEL)
def test_key_is_proven_when_the_family_looks_at_it_before_the_model(status: int, body: object) -> None:
    result = ask(status, body)
    assert isinstance(result, ModelUnknown)
    assert result.key_proven
    assert result.model == "claude-sonnet-4.6"


@pytest.mark.parametrize(("status", "body"), UNPROVEN_MODEL)
def test_key_stays_unproven_when_the_model_answer_does_not_tell(status: int, body: object) -> None:
    result = ask(status, body)
    assert isinstance(result, ModelUnknown)
    assert not result.key_proven


@pytest.mark.parametrize(("status", "body", "barrier"), NOT_ALLOWED)
def test_barrier_is_named_when_forbidden(status: int, body: object, barrier: Barrier) -> None:
    result = ask(status, body)
    assert isinstance(result, NotAllowed)
    assert result.barrier is barrier


@pytest.mark.parametrize(("status", "body", "fault"), FAILED)
def test_gateway_failed_when_the_fault_is_behind_the_address(status: int, body: object, fault: Fault) -> None:
    result = ask(status, body)
    assert isinstance(result, GatewayFailed)
    assert result.fault is fault


@pytest.mark.parametrize(("status", "body"), REFUSED)
def test_request_is_refused_when_no_other_box_fits(status: int, body: object) -> None:
    assert isinstance(ask(status, body), RequestRefused)


@pytest.mark.parametrize(("status", "body", "shape"), NOT_MESSAGES)
def test_shape_is_named_when_it_is_not_a_messages_api(status: int, body: object, shape: Shape) -> None:
    result = ask(status, body)
    assert isinstance(result, NotMessagesApi)
    assert result.kind is shape


@pytest.mark.parametrize(
    "body",
    [
        MESSAGE,
        {"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hi"}]},
        {"id": "chatcmpl-1", "role": "assistant", "content": []},
        {"id": "gen-1", "type": "message", "content": [], "error": None},
    ],
)
@pytest.mark.parametrize("status", [200, 201])
def test_accepted_when_the_body_is_a_message(status: int, body: object) -> None:
    result = ask(status, body)
    assert isinstance(result, Accepted)
    assert result.model == "claude-sonnet-4.6"
    assert (result.status, result.duration_ms, result.quote) == (status, 12, "")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304, 300])
def test_redirect_is_reported_with_its_target(status: int) -> None:
    result = ask(status, MESSAGE, {"location": f"https://other.example/v1/messages?key={KEY}"})
    assert isinstance(result, NotMessagesApi)
    assert result.kind is Shape.REDIRECT
    assert result.target.startswith("https://other.example/v1/messages?")
    assert KEY not in repr(result)


def test_message_is_not_accepted_when_the_connection_was_cut() -> None:
    result = ask(200, MESSAGE, ending=Ending.CUT_OFF)
    assert isinstance(result, NotMessagesApi)
    assert result.kind is Shape.TRUNCATED


@pytest.mark.parametrize("media_type", ["text/html", "text/plain", "", "text/event-stream"])
def test_message_is_not_accepted_when_the_content_type_hides_it_from_the_client(media_type: str) -> None:
    assert not isinstance(ask(200, MESSAGE, {"content-type": media_type}), Accepted)


def test_oversized_body_is_named() -> None:
    result = ask(200, b'{"a": "' + b"x" * BODY_LIMIT, ending=Ending.TOO_LONG)
    assert isinstance(result, NotMessagesApi)
    assert result.kind is Shape.OVERSIZED


def test_long_page_is_a_page_when_it_is_cut() -> None:
    result = ask(200, SPA + "x" * BODY_LIMIT, ending=Ending.TOO_LONG)
    assert isinstance(result, NotMessagesApi)
    assert result.kind is Shape.HTML
    assert result.quote == "Console"


def test_stream_error_is_understood_when_a_stream_was_not_asked_for() -> None:
    body = 'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'
    result = ask(200, body, {"content-type": "text/event-stream"})
    assert isinstance(result, GatewayFailed)
    assert result.fault is Fault.OVERLOADED


def test_login_wall_is_no_rejected_key() -> None:
    result = ask(401, NGINX.format("401 Authorization Required"), {"www-authenticate": 'Basic realm="x"'})
    assert isinstance(result, NotMessagesApi)
    assert isinstance(ask(401, NGINX.format("401 Authorization Required")), Rejected)


def test_proxy_login_is_unreachable() -> None:
    result = ask(407, NGINX.format("407 Proxy Authentication Required"))
    assert isinstance(result, Unreachable)
    assert result.kind is Obstacle.PROXY


def test_request_timeout_of_the_gateway_is_timed_out() -> None:
    assert isinstance(ask(408, b""), TimedOut)


@pytest.mark.parametrize(
    "body",
    [
        anthropic("rate_limit_error", "This request would exceed your rate limit"),
        openai("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
        openai("Quota exceeded for quota metric 'Generate requests per minute'", "RESOURCE_EXHAUSTED", 429),
        new_api("您已达到请求数限制：1分钟内最多请求10次"),
        NGINX.format("429 Too Many Requests"),
        b"",
    ],
)
def test_throttled_when_too_many_requests(body: object) -> None:
    result = ask(429, body, {"retry-after": "7"})
    assert isinstance(result, Throttled)
    assert result.retry_after_seconds == 7


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 1.2 ", 2),
        ("Mon, 23 Nov 2026 12:02:00 GMT", 120),
        ("Mon, 23 Nov 2026 12:02:00 -0000", 120),
        ("Mon, 23 Nov 2026 11:00:00 GMT", None),
        ("Mon, 99 Nov 2026 11:00:00 GMT", None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("9" * 5000, None),
        ("999999999", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str, seconds: int | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


def test_outcomes_are_frozen() -> None:
    result: Any = ask(200, MESSAGE)
    with pytest.raises(AttributeError):
        result.status = 500
