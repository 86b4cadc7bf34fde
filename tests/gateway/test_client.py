"""The real client against every behaviour of the simulated gateway, through ASGITransport."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from portal import __version__
from portal.gateway import results
from portal.gateway.access import access_for
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.gateway.outgoing import sent_model_id
from portal.gateway.results import CheckResult, Obstacle, Phase, Shape
from portal.keys import ApiKey
from portal.profile.model import CredentialScheme, GatewayProfile
from tests.gateway.conftest import make_profile
from tests.gateway.expected import EXPECTED, MODEL, ONLY_ONE_HEADER

pytestmark = pytest.mark.anyio

KEY = "sk-Rk3v9QzTfW2mXb7LpYcN5hJd"
GOOD = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}


def fake_client(total_seconds: float = 0.5) -> GatewayClient:
    fake = create_fake_gateway(slow_seconds=30, event_seconds=0)
    return GatewayClient(transport=httpx.ASGITransport(fake), total_seconds=total_seconds)


def answering(
    answer: httpx.Response | Exception | Callable[[httpx.Request], httpx.Response],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> tuple[GatewayClient, list[httpx.Request]]:
    """A client whose network gives one fixed answer, and the requests it sent."""
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if isinstance(answer, Exception):
            raise answer
        made = answer(request) if callable(answer) else answer
        return httpx.Response(made.status_code, headers=made.headers, stream=httpx.ByteStream(made.content))

    return GatewayClient(transport=httpx.MockTransport(handle), now=now), sent


async def check(client: GatewayClient, profile: GatewayProfile, key: ApiKey, model: str) -> CheckResult:
    return (await client.probe_message(access_for(profile, key), model)).result


@pytest.mark.parametrize("behaviour", Behaviour)
@pytest.mark.parametrize("scheme", CredentialScheme)
async def test_outcome_fits_the_behaviour(behaviour: Behaviour, scheme: CredentialScheme) -> None:
    kind, facts = EXPECTED.get(behaviour) or ONLY_ONE_HEADER[behaviour, scheme]
    async with fake_client() as client:
        result = await check(client, make_profile(credential=scheme), ApiKey(DEMO_KEYS[behaviour]), MODEL)
    assert type(result) is kind
    assert {name: getattr(result, name) for name in facts} == facts
    assert result.duration_ms >= 0
    assert DEMO_KEYS[behaviour] not in repr(result)


@pytest.mark.parametrize("behaviour", [Behaviour.ONLY_BEARER, Behaviour.ONLY_X_API_KEY])
@pytest.mark.parametrize("scheme", CredentialScheme)
async def test_one_of_the_two_headers_works(behaviour: Behaviour, scheme: CredentialScheme) -> None:
    access = access_for(make_profile(credential=scheme), ApiKey(DEMO_KEYS[behaviour]))
    async with fake_client() as client:
        first = (await client.probe_message(access, MODEL)).result
        second = (await client.probe_message(access.with_the_other_header(), MODEL)).result
    assert {type(first), type(second)} == {results.Accepted, results.Rejected}


async def test_tokens_are_those_of_the_answer(profile: GatewayProfile) -> None:
    usage = {"input_tokens": 9, "cache_read_input_tokens": 30, "output_tokens": 1, "cache_creation_input_tokens": True}
    client, _ = answering(httpx.Response(200, json=GOOD | {"usage": usage}))
    async with client:
        result = await check(client, profile, ApiKey(KEY), MODEL)
    assert isinstance(result, results.Accepted)
    assert (result.input_tokens, result.output_tokens) == (39, 1)


async def test_unknown_key_is_rejected(profile: GatewayProfile) -> None:
    async with fake_client() as client:
        assert isinstance(await check(client, profile, ApiKey(KEY), MODEL), results.Rejected)


async def test_unknown_model_is_named_when_the_key_is_good(profile: GatewayProfile) -> None:
    async with fake_client() as client:
        result = await check(client, profile, ApiKey("sk-demo-good"), "claude-sonnet-4-6")
    assert isinstance(result, results.ModelUnknown)
    assert result.model == "claude-sonnet-4-6"


@pytest.mark.parametrize("scheme", CredentialScheme)
async def test_request_is_the_client_s_own(scheme: CredentialScheme) -> None:
    client, sent = answering(httpx.Response(200, json=GOOD))
    async with client:
        profile = make_profile("https://gateway.example/api/anthropic", scheme)
        assert isinstance(await check(client, profile, ApiKey(KEY), "m[1M]"), results.Accepted)
    (request,) = sent
    assert (request.method, str(request.url)) == ("POST", "https://gateway.example/api/anthropic/v1/messages?beta=true")
    assert json.loads(request.content) == {
        "model": "m",
        "max_tokens": 1,
        "messages": [{"role": "user", "content": "."}],
    }
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == f"onboarding-portal/{__version__}"
    bearer = scheme is CredentialScheme.BEARER
    assert request.headers.get("authorization") == (f"Bearer {KEY}" if bearer else None)
    assert request.headers.get("x-api-key") == (None if bearer else KEY)


async def test_custom_headers_carry_the_key_and_never_replace_the_credential() -> None:
    client, sent = answering(httpx.Response(200, json=GOOD))
    custom = {"x-portkey-api-key": "{key}", "X-Team": "a b", "Authorization": "Bearer other", "User-Agent": "own"}
    async with client:
        await check(client, make_profile(headers=custom), ApiKey(KEY), MODEL)
    headers = sent[0].headers
    assert (headers["x-portkey-api-key"], headers["x-team"], headers["user-agent"]) == (KEY, "a b", "own")
    assert headers.get_list("authorization") == [f"Bearer {KEY}"]


@pytest.mark.parametrize(
    ("written", "sent"),
    [("m[1m]", "m"), ("m[1M]", "m"), (" m [1m] ", "m"), ("m", "m"), ("[1m]m", "[1m]m"), ("m[2m]", "m[2m]")],
)
def test_long_context_suffix_is_stripped(written: str, sent: str) -> None:
    assert sent_model_id(written) == sent


@pytest.mark.parametrize("model", ["\ud800", "模型", 'a"b', ""])
async def test_any_model_id_has_an_outcome(model: str, profile: GatewayProfile) -> None:
    async with fake_client() as client:
        result = await check(client, profile, ApiKey("sk-demo-good"), model)
    assert isinstance(result, (results.ModelUnknown, results.RequestRefused))


@pytest.mark.parametrize("location", ["https://b.example/", "http://[", "//", "/v1/\udce4", ""])
async def test_redirect_is_never_followed_nor_parsed(location: str, profile: GatewayProfile) -> None:
    raw = location.encode("utf-8", "surrogateescape")
    client, sent = answering(httpx.Response(307, headers=[(b"location", raw)]))
    async with client:
        result = await check(client, profile, ApiKey(KEY), MODEL)
    assert isinstance(result, results.NotMessagesApi)
    assert result.kind is Shape.REDIRECT
    assert len(sent) == 1


async def test_cookies_of_one_check_do_not_reach_the_next(profile: GatewayProfile) -> None:
    client, sent = answering(lambda _: httpx.Response(200, json=GOOD, headers={"set-cookie": "session=abc; Path=/"}))
    async with client:
        await check(client, profile, ApiKey(KEY), MODEL)
        await check(client, profile, ApiKey(KEY), MODEL)
    assert "cookie" not in sent[1].headers


@pytest.mark.parametrize(
    ("error", "phase"),
    [
        (httpx.PoolTimeout(""), Phase.QUEUE),
        (httpx.ConnectTimeout(""), Phase.CONNECT),
        (httpx.ReadTimeout(""), Phase.ANSWER),
        (httpx.WriteTimeout(""), Phase.ANSWER),
        (TimeoutError(), Phase.ANSWER),
    ],
)
async def test_timeout_says_where_the_time_ran_out(error: Exception, phase: Phase, profile: GatewayProfile) -> None:
    client, _ = answering(error)
    async with client:
        result = await check(client, profile, ApiKey(KEY), MODEL)
    assert isinstance(result, results.TimedOut)
    assert result.waited_for is phase


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ProxyError("403 Forbidden"), Obstacle.PROXY),
        (httpx.RemoteProtocolError(f"said {KEY}"), Obstacle.OTHER),
        (httpx.UnsupportedProtocol("x"), Obstacle.OTHER),
        (ValueError(KEY), Obstacle.OTHER),
        (ExceptionGroup("all", [OSError(1, "a"), ConnectionRefusedError(111, "b")]), Obstacle.REFUSED),
    ],
)
async def test_every_exception_is_an_outcome(error: Exception, kind: Obstacle, profile: GatewayProfile) -> None:
    client, _ = answering(error)
    async with client:
        result = await check(client, profile, ApiKey(KEY), MODEL)
    assert isinstance(result, results.Unreachable)
    assert result.kind is kind
    assert KEY not in repr(result)


async def test_unsendable_header_is_an_outcome() -> None:
    client, sent = answering(httpx.Response(200, json=GOOD))
    async with client:
        result = await check(client, make_profile(headers={"x-name": "ä→"}), ApiKey(KEY), MODEL)
    assert isinstance(result, results.Unreachable)
    assert sent == []


async def test_retry_after_date_uses_the_clock(profile: GatewayProfile) -> None:
    answer = httpx.Response(429, headers={"retry-after": "Mon, 23 Nov 2026 12:02:00 GMT"})
    client, _ = answering(answer, now=lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    async with client:
        result = await check(client, profile, ApiKey(KEY), MODEL)
    assert isinstance(result, results.Throttled)
    assert result.retry_after_seconds == 120


async def test_key_is_nowhere_when_the_gateway_repeats_it(
    profile: GatewayProfile, caplog: pytest.LogCaptureFixture
) -> None:
    def repeat(request: httpx.Request) -> httpx.Response:
        said = {"error": {"message": f"got {dict(request.headers)}", "type": KEY, "code": KEY}}
        return httpx.Response(401, json=said, headers={"x-key": KEY, "location": KEY, "retry-after": KEY})

    caplog.set_level(logging.DEBUG)
    client, _ = answering(repeat)
    async with client:
        result = await check(client, profile, ApiKey(KEY), MODEL)
    assert isinstance(result, results.Rejected)
    assert KEY not in repr(result) + caplog.text + "".join(str(vars(record)) for record in caplog.records)


async def test_no_exception_leaves_with_the_key(profile: GatewayProfile) -> None:
    client, _ = answering(RuntimeError(KEY))
    async with client:
        try:
            result = await check(client, profile, ApiKey(KEY), MODEL)
        except Exception:  # noqa: BLE001 - the test is that there is none
            pytest.fail(traceback.format_exc().replace(KEY, "KEY"))
    assert KEY not in repr(result)
