"""The simulated gateway answers like a real one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.fake import TOKENBAY_MODELS, create_fake_gateway
from portal.gateway.replies import DEFAULT_REPLY
from portal.gateway.request_log import RequestLog
from portal.profile.model import CredentialScheme

pytestmark = pytest.mark.anyio

VERSION = {"anthropic-version": "2023-06-01"}
GOOD = {"authorization": "Bearer sk-demo-good"} | VERSION
ASK: dict[str, object] = {
    "model": "claude-sonnet-4.6",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "hi"}],
}


@pytest.fixture
def fake() -> Starlette:
    return create_fake_gateway(event_seconds=0)


@pytest.fixture
async def http(fake: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with connect(fake) as client:
        yield client


def connect(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fake")


def test_every_behaviour_has_its_key() -> None:
    assert set(DEMO_KEYS) == set(Behaviour)
    assert DEMO_KEYS[Behaviour.OUT_OF_CREDIT] == "sk-demo-out-of-credit"
    assert len(set(DEMO_KEYS.values())) == len(Behaviour)


async def test_message_says_that_it_is_a_simulation(http: httpx.AsyncClient) -> None:
    answer = (await http.post("/v1/messages", json=ASK, headers=GOOD)).json()
    assert answer["type"] == "message"
    assert answer["content"] == [{"type": "text", "text": DEFAULT_REPLY}]
    assert answer["stop_reason"] == "end_turn"
    assert "simulated" in DEFAULT_REPLY


async def test_one_token_is_one_word(http: httpx.AsyncClient) -> None:
    answer = (await http.post("/v1/messages", json=ASK | {"max_tokens": 1}, headers=GOOD)).json()
    assert (answer["content"][0]["text"], answer["stop_reason"]) == ("Connected.", "max_tokens")
    assert answer["usage"]["output_tokens"] == 1


async def test_stream_is_in_legal_order(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/messages", json=ASK | {"stream": True}, headers=GOOD)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "[DONE]" not in answer.text
    blocks = [block.split("\n") for block in answer.text.strip().split("\n\n")]
    names = [block[0].removeprefix("event: ") for block in blocks]
    events = [json.loads(block[1].removeprefix("data: ")) for block in blocks]
    assert [event["type"] for event in events] == names
    deltas = len(DEFAULT_REPLY.split())
    assert names == [
        "message_start",
        "content_block_start",
        "ping",
        *["content_block_delta"] * deltas,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert events[0]["message"]["content"] == []
    assert events[0]["message"]["stop_reason"] is None
    said = "".join(event["delta"]["text"] for event in events if event["type"] == "content_block_delta")
    assert said == DEFAULT_REPLY
    assert events[-2]["delta"]["stop_reason"] == "end_turn"


async def test_broken_stream_ends_with_an_error_event(http: httpx.AsyncClient) -> None:
    headers = {"x-api-key": DEMO_KEYS[Behaviour.STREAM_BREAKS]} | VERSION
    answer = await http.post("/v1/messages", json=ASK | {"stream": True}, headers=headers)
    assert answer.text.strip().split("\n\n")[-1].startswith("event: error\n")


async def test_json_only_ignores_the_wish_for_a_stream(http: httpx.AsyncClient) -> None:
    headers = {"x-api-key": DEMO_KEYS[Behaviour.JSON_ONLY]} | VERSION
    answer = await http.post("/v1/messages", json=ASK | {"stream": True}, headers=headers)
    assert answer.json()["type"] == "message"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": ""}, "model: Field required"),
        ({"model": 3}, "model: Field required"),
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"max_tokens": "1"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": 0}, "max_tokens: Input should be greater"),
        ({"messages": None}, "messages: Field required"),
        ({"messages": []}, "messages: at least one"),
        ({"messages": "hi"}, "messages: Input should be a valid list"),
        ({"messages": ["hi"]}, "messages: Unexpected role"),
        ({"messages": [{"role": "robot", "content": "hi"}]}, "messages: Unexpected role"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages: text content"),
    ],
)
async def test_request_is_refused_when_it_is_invalid(
    http: httpx.AsyncClient, change: dict[str, object], words: str
) -> None:
    answer = await http.post("/v1/messages", json=ASK | change, headers=GOOD)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["message"].startswith(words)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b"\xff"])
async def test_request_is_refused_when_it_is_no_json_object(http: httpx.AsyncClient, body: bytes) -> None:
    assert (await http.post("/v1/messages", content=body, headers=GOOD)).status_code == 400


async def test_request_is_refused_when_the_version_is_missing(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/messages", json=ASK, headers={"x-api-key": "sk-demo-good"})
    assert answer.json()["error"]["message"] == "anthropic-version: header is required"


async def test_request_is_refused_when_it_is_too_large(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.gateway.incoming.BODY_LIMIT", 100)
    answer = await http.post("/v1/messages", json=ASK | {"system": "x" * 200}, headers=GOOD)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": ""}, {"authorization": "Bearer "}, {"authorization": "Basic abc"}, {"x-api-key": ""}],
)
async def test_request_without_credential_is_rejected(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    for answer in (
        await http.post("/v1/messages", json=ASK, headers=headers | VERSION),
        await http.post("/v1/messages/count_tokens", json=ASK, headers=headers | VERSION),
        await http.get("/v1/models", headers=headers),
    ):
        assert answer.status_code == 401
        assert "未提供令牌" in answer.json()["error"]["message"]


@pytest.mark.parametrize("winner", CredentialScheme)
async def test_the_winning_header_counts_when_both_are_there(winner: CredentialScheme) -> None:
    good, old = ("authorization", "x-api-key") if winner is CredentialScheme.BEARER else ("x-api-key", "authorization")
    values = {"authorization": "Bearer sk-{}", "x-api-key": "sk-{}"}
    async with connect(create_fake_gateway(winner=winner)) as http:
        for name, status in ((good, 200), (old, 401)):
            other = old if name == good else good
            headers = {name: values[name].format("demo-good"), other: values[other].format("left-over")} | VERSION
            assert (await http.post("/v1/messages", json=ASK, headers=headers)).status_code == status


async def test_models_keys_and_reply_are_configurable() -> None:
    app = create_fake_gateway(models=["glm-5"], accepted_keys=["sk-mine"], reply="connected")
    async with connect(app) as http:
        headers = {"x-api-key": "sk-mine"} | VERSION
        answer = await http.post("/v1/messages", json=ASK | {"model": "glm-5"}, headers=headers)
        assert answer.json()["content"][0]["text"] == "connected"
        assert (await http.post("/v1/messages", json=ASK, headers=headers)).status_code == 503


async def test_models_are_listed_in_both_shapes(http: httpx.AsyncClient) -> None:
    anthropic = (await http.get("/v1/models", headers=GOOD)).json()
    openai = (await http.get("/v1/models", headers={"authorization": "Bearer sk-demo-good"})).json()
    assert [model["id"] for model in anthropic["data"]] == list(TOKENBAY_MODELS)
    assert not anthropic["has_more"]
    assert openai["object"] == "list"
    assert [model["id"] for model in openai["data"]] == list(TOKENBAY_MODELS)


async def test_models_are_paged(http: httpx.AsyncClient) -> None:
    seen: list[str] = []
    after: dict[str, str | int] = {}
    for _ in range(3):
        page = (await http.get("/v1/models", params={"limit": 2, **after}, headers=GOOD)).json()
        seen += [model["id"] for model in page["data"]]
        after = {"after_id": page["last_id"]}
        if not page["has_more"]:
            break
    assert seen == list(TOKENBAY_MODELS)
    beyond = (await http.get("/v1/models", params=after, headers=GOOD)).json()
    assert (beyond["data"], beyond["first_id"], beyond["has_more"]) == ([], None, False)


@pytest.mark.parametrize("limit", ["0", "1001", "x", "-1", "²", "9" * 5000])
async def test_models_limit_is_checked(http: httpx.AsyncClient, limit: str) -> None:
    assert (await http.get("/v1/models", params={"limit": limit}, headers=GOOD)).status_code == 400


async def test_rejected_key_gets_nothing_anywhere(http: httpx.AsyncClient) -> None:
    headers = {"x-api-key": "sk-unknown"} | VERSION
    assert (await http.get("/v1/models", headers=headers)).status_code == 401
    assert (await http.post("/v1/messages/count_tokens", json=ASK, headers=headers)).status_code == 401


async def test_tokens_are_counted(http: httpx.AsyncClient) -> None:
    without = {name: value for name, value in ASK.items() if name != "max_tokens"}
    answer = await http.post("/v1/messages/count_tokens?beta=true", json=without, headers=GOOD)
    assert answer.json()["input_tokens"] > 0
    assert (await http.post("/v1/messages/count_tokens", json={}, headers=GOOD)).status_code == 400


@pytest.mark.parametrize("path", ["/", "/api/hello"])
async def test_head_requests_are_answered(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.head(path)).status_code == 200


async def test_wrong_path_is_answered_like_new_api(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/v1/messages", json=ASK, headers=GOOD)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Invalid URL (POST /v1/v1/messages)"
    assert (await http.get("/v1/messages", headers=GOOD)).status_code == 404


async def test_log_remembers_what_tests_need_and_no_key(http: httpx.AsyncClient, fake: Starlette) -> None:
    log: RequestLog = fake.state.log
    await http.head("/")
    await http.post("/v1/messages?beta=true", json=ASK | {"stream": True}, headers=GOOD | {"x-api-key": "short"})
    (seen,) = log.messages()
    assert len(log.requests) == 2
    assert (seen.model, seen.query, seen.stream) == ("claude-sonnet-4.6", "beta=true", True)
    assert seen.credentials == {"authorization": "good", "x-api-key": ""}
    assert "anthropic-version" in seen.headers
    assert "sk-demo-good" not in repr(log.requests)
    log.clear()
    assert not log.messages()


async def test_log_is_bounded_and_can_be_given() -> None:
    log = RequestLog(limit=2)
    app = create_fake_gateway(log=log)
    async with connect(app) as http:
        for _ in range(5):
            await http.get("/")
    assert app.state.log is log
    assert len(log.requests) == 2


@pytest.mark.parametrize(
    ("behaviour", "headers", "body", "status"),
    [
        (Behaviour.ONLY_BEARER, {"x-api-key": "<key>"}, {}, 401),
        (Behaviour.ONLY_X_API_KEY, {"authorization": "Bearer <key>"}, {}, 401),
        (Behaviour.NO_BETAS, {"authorization": "Bearer <key>", "anthropic-beta": "new-2026-01-01"}, {}, 400),
        (Behaviour.NO_BETAS, {"authorization": "Bearer <key>", "anthropic-beta": "claude-code-20250219"}, {}, 200),
        (Behaviour.NO_CONTEXT_MANAGEMENT, {"authorization": "Bearer <key>"}, {"context_management": {}}, 400),
        (Behaviour.NO_THINKING, {"authorization": "Bearer <key>"}, {"thinking": {"type": "adaptive"}}, 400),
        (Behaviour.NO_THINKING, {"authorization": "Bearer <key>"}, {"thinking": {"type": "disabled"}}, 200),
        (Behaviour.BODY_LIMIT, {"authorization": "Bearer <key>"}, {"system": "x" * 103_000}, 413),
        (Behaviour.WAF_BODY, {"authorization": "Bearer <key>"}, {"system": "run `rm -rf build`"}, 403),
        (Behaviour.HAIKU_MISSING, {"authorization": "Bearer <key>"}, {"model": "claude-haiku-4.5"}, 503),
        (Behaviour.OPUS_NOT_ALLOWED, {"authorization": "Bearer <key>"}, {"model": "claude-opus-4.8"}, 403),
    ],
)
async def test_parts_headers_sizes_and_models_are_refused(
    http: httpx.AsyncClient, behaviour: Behaviour, headers: dict[str, str], body: dict[str, object], status: int
) -> None:
    sent = {name: value.replace("<key>", DEMO_KEYS[behaviour]) for name, value in headers.items()}
    assert (await http.post("/v1/messages", json=ASK | body, headers=sent | VERSION)).status_code == status
    if behaviour not in {Behaviour.ONLY_BEARER, Behaviour.ONLY_X_API_KEY}:
        plain = {"authorization": f"Bearer {DEMO_KEYS[behaviour]}"} | VERSION
        assert (await http.post("/v1/messages", json=ASK, headers=plain)).status_code == 200
