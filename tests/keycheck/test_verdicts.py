"""Every behaviour of the simulated gateway -> what the visitor is told and which steps count as proven."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import httpx
import pytest

from portal.gateway import results
from portal.gateway.access import access_for
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.gateway.results import Barrier, CheckResult, Fault, Obstacle, Phase, Shape
from portal.keycheck.steps import Steps, StepState
from portal.keycheck.verdicts import LinkName, Verdict, VerdictCode, VerdictState, judge
from portal.keys import ApiKey
from portal.profile.model import Brand, CredentialScheme, GatewayProfile, Links, Model, Tier
from portal.words import Text

MODEL = "claude-sonnet-4.6"
LINKS = Links(
    console="https://g.example/console",
    docs="https://g.example/docs",
    models="https://g.example/models",
    status="https://g.example/status",
    support="https://g.example/support",
)
STATES = {
    "p": StepState.PASSED,
    "w": StepState.WARNING,
    "f": StepState.FAILED,
    "-": StepState.NOT_CHECKED,
}


def make_profile(links: Links = LINKS) -> GatewayProfile:
    return GatewayProfile(
        slug="test",
        name="Test Gateway",
        base_url="https://gateway.example",
        credential=CredentialScheme.BEARER,
        models=MappingProxyType({Tier.SONNET: Model(MODEL, "Sonnet")}),
        brand=Brand("Test"),
        links=links,
    )


def steps(letters: str) -> Steps:
    address, credential, model = (STATES[letter] for letter in letters)
    return Steps(address, credential, model)


BEHAVIOURS: Mapping[Behaviour, tuple[str, str, LinkName | None]] = {
    Behaviour.GOOD: ("accepted", "ppp", None),
    Behaviour.CONVERTER: ("accepted", "ppp", None),
    Behaviour.JSON_ONLY: ("accepted", "ppp", None),
    Behaviour.STREAM_BREAKS: ("accepted", "ppp", None),
    Behaviour.ONE_BLOCK: ("accepted", "ppp", None),
    Behaviour.CUT_STREAM: ("accepted", "ppp", None),
    Behaviour.ILLEGAL_ORDER: ("accepted", "ppp", None),
    Behaviour.OPUS_SLOW: ("accepted", "ppp", None),
    Behaviour.UNCLOSED_BLOCK: ("accepted", "ppp", None),
    Behaviour.DATA_ONLY: ("accepted", "ppp", None),
    Behaviour.MODELS_MISSING: ("accepted", "ppp", None),
    Behaviour.MODELS_OPENAI: ("accepted", "ppp", None),
    Behaviour.HAIKU_MISSING: ("accepted", "ppp", None),
    Behaviour.OPUS_NOT_ALLOWED: ("accepted", "ppp", None),
    Behaviour.NO_BETAS: ("accepted", "ppp", None),
    Behaviour.NO_CONTEXT_MANAGEMENT: ("accepted", "ppp", None),
    Behaviour.NO_THINKING: ("accepted", "ppp", None),
    Behaviour.BODY_LIMIT: ("accepted", "ppp", None),
    Behaviour.WAF_BODY: ("accepted", "ppp", None),
    Behaviour.ONLY_BEARER: ("accepted", "ppp", None),
    Behaviour.ONLY_X_API_KEY: ("rejected", "pf-", LinkName.CONSOLE),
    Behaviour.SLOW: ("timed-out", "w--", LinkName.STATUS),
    Behaviour.REJECTED: ("rejected", "pf-", LinkName.CONSOLE),
    Behaviour.REJECTED_ANTHROPIC: ("rejected", "pf-", LinkName.CONSOLE),
    Behaviour.REJECTED_LITELLM: ("rejected", "pf-", LinkName.CONSOLE),
    Behaviour.REJECTED_OPENAI: ("rejected", "pf-", LinkName.CONSOLE),
    Behaviour.NOT_ALLOWED: ("not-allowed", "pf-", LinkName.CONSOLE),
    Behaviour.NOT_ALLOWED_MODEL: ("not-allowed", "ppf", LinkName.CONSOLE),
    Behaviour.NOT_ALLOWED_NETWORK: ("not-allowed", "pw-", LinkName.CONSOLE),
    Behaviour.FIREWALL: ("not-allowed", "f--", LinkName.SUPPORT),
    Behaviour.OUT_OF_CREDIT: ("out-of-credit", "pp-", LinkName.CONSOLE),
    Behaviour.OUT_OF_CREDIT_ANTHROPIC: ("out-of-credit", "pp-", LinkName.CONSOLE),
    Behaviour.OUT_OF_CREDIT_OPENAI: ("out-of-credit", "pp-", LinkName.CONSOLE),
    Behaviour.PAYMENT_REQUIRED: ("out-of-credit", "pp-", LinkName.CONSOLE),
    Behaviour.MODEL_UNKNOWN: ("model-unknown", "ppf", LinkName.MODELS),
    Behaviour.MODEL_UNKNOWN_LITELLM: ("model-unknown", "ppf", LinkName.MODELS),
    Behaviour.MODEL_UNKNOWN_OPENAI: ("model-unknown", "ppf", LinkName.MODELS),
    Behaviour.NO_CHANNEL: ("model-unknown", "ppf", LinkName.MODELS),
    Behaviour.THROTTLED: ("throttled", "p--", None),
    Behaviour.OVERLOADED: ("gateway-error", "p--", LinkName.STATUS),
    Behaviour.FAILING: ("gateway-error", "p--", LinkName.STATUS),
    Behaviour.BAD_GATEWAY: ("gateway-error", "w--", LinkName.STATUS),
    Behaviour.UPSTREAM_KEY: ("gateway-error", "p--", LinkName.SUPPORT),
    Behaviour.HTML: ("not-messages-api", "f--", LinkName.SUPPORT),
    Behaviour.OPENAI_JSON: ("not-messages-api", "f--", LinkName.SUPPORT),
    Behaviour.OTHER_JSON: ("not-messages-api", "f--", LinkName.SUPPORT),
    Behaviour.EMPTY: ("not-messages-api", "f--", LinkName.SUPPORT),
    Behaviour.TRUNCATED: ("not-messages-api", "f--", LinkName.SUPPORT),
    Behaviour.OVERSIZED: ("not-messages-api", "f--", LinkName.SUPPORT),
    Behaviour.REDIRECT: ("not-messages-api", "f--", LinkName.SUPPORT),
    Behaviour.EVENT_STREAM: ("not-messages-api", "w--", LinkName.SUPPORT),
    Behaviour.ERROR_IN_200: ("rejected", "pf-", LinkName.CONSOLE),
    Behaviour.REFUSED: ("refused", "p--", LinkName.SUPPORT),
    Behaviour.NOT_FOUND: ("refused", "f--", LinkName.SUPPORT),
}
OF_A_WHOLE_CHECK = {
    VerdictCode.OTHER_HEADER,
    VerdictCode.STREAM_BROKEN,
    VerdictCode.BUFFERED,
    VerdictCode.NOT_STREAMED,
    VerdictCode.PART_REFUSED,
    VerdictCode.MODELS_MISSING,
    VerdictCode.SLOW,
    VerdictCode.CERTIFICATE_ENDS,
    VerdictCode.INCOMPLETE,
}
"""What one request cannot come to; `test_conclusion` reaches these."""
WARNINGS = {Behaviour.NOT_ALLOWED_NETWORK, Behaviour.THROTTLED, Behaviour.EVENT_STREAM}

EVERY_RESULT: tuple[CheckResult, ...] = (
    results.Accepted(status=200, duration_ms=1, model=MODEL),
    results.Rejected(status=401, duration_ms=1),
    *(results.NotAllowed(status=403, duration_ms=1, barrier=barrier) for barrier in Barrier),
    results.OutOfCredit(status=403, duration_ms=1),
    *(results.ModelUnknown(status=404, duration_ms=1, model=MODEL, key_proven=proven) for proven in (True, False)),
    *(results.Throttled(status=429, duration_ms=1, retry_after_seconds=wait) for wait in (None, 0, 1, 100, 9999)),
    *(results.GatewayFailed(status=500, duration_ms=1, fault=fault) for fault in Fault),
    *(results.TimedOut(status=None, duration_ms=1, waited_for=phase) for phase in Phase),
    *(results.Unreachable(status=None, duration_ms=1, kind=kind) for kind in Obstacle),
    *(results.NotMessagesApi(status=200, duration_ms=1, kind=kind) for kind in Shape),
    *(results.RequestRefused(status=status, duration_ms=1) for status in (400, 404, 405, 413)),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
@pytest.mark.parametrize("behaviour", Behaviour)
async def test_verdict_fits_the_behaviour(behaviour: Behaviour) -> None:
    # Those that are not in the table differ from the good one in their streams, or in what is read of a Message.
    code, letters, link = BEHAVIOURS.get(behaviour, BEHAVIOURS[Behaviour.GOOD])
    fake = create_fake_gateway(slow_seconds=30, event_seconds=0)
    async with GatewayClient(transport=httpx.ASGITransport(fake), total_seconds=0.3) as client:
        access = access_for(make_profile(), ApiKey(DEMO_KEYS[behaviour]))
        result = (await client.probe_message(access, MODEL)).result
    verdict = judge(result, make_profile())
    assert verdict.code == code
    assert verdict.steps == steps(letters)
    assert (verdict.link.name if verdict.link else None) is link
    assert (verdict.state is VerdictState.PASSED) is (code == "accepted")
    assert (verdict.state is VerdictState.WARNING) is (behaviour in WARNINGS)


@pytest.mark.parametrize("result", EVERY_RESULT, ids=repr)
def test_steps_agree_with_the_verdict(result: CheckResult) -> None:
    verdict = judge(result, make_profile())
    states = (verdict.steps.address, verdict.steps.credential, verdict.steps.model)
    assert StepState.WAITING not in states
    assert StepState.RUNNING not in states
    all_passed = all(state is StepState.PASSED for state in states)
    assert all_passed is (verdict.state is VerdictState.PASSED) is (verdict.code is VerdictCode.ACCEPTED)
    if verdict.steps.address is StepState.FAILED:
        assert states[1:] == (StepState.NOT_CHECKED, StepState.NOT_CHECKED)


@pytest.mark.parametrize("result", EVERY_RESULT, ids=repr)
def test_words_are_short_plain_and_complete(result: CheckResult) -> None:
    verdict = judge(result, make_profile())
    for text in (verdict.sentence, verdict.cause, verdict.next_action):
        said = str(text)
        assert said.endswith(".")
        assert not re.search(r"!|\b(?:simply|just|oops|please|invalid|failed)\b|[{}]", said, re.IGNORECASE)
        assert len(said) <= 150
    assert all(isinstance(text, Text) for text in (verdict.sentence, verdict.cause, verdict.next_action))


def test_every_code_of_one_request_is_reached() -> None:
    judged = {judge(result, make_profile()).code for result in EVERY_RESULT}
    assert judged == set(VerdictCode) - OF_A_WHOLE_CHECK


@pytest.mark.parametrize("result", EVERY_RESULT, ids=repr)
def test_link_is_left_out_when_the_profile_has_none(result: CheckResult) -> None:
    assert judge(result, make_profile(Links())).link is None


def test_link_falls_back_when_the_first_is_missing() -> None:
    verdict = judge(results.Rejected(status=401, duration_ms=1), make_profile(Links(docs="https://g.example/docs")))
    assert verdict.link
    assert (verdict.link.url, str(verdict.link.label)) == ("https://g.example/docs", "Read the documentation")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "Wait 1 minute"),
        (1, "Wait 1 second,"),
        (60, "Wait 1 minute"),
        (90, "Wait 90 seconds"),
        (120, "Wait 2 minutes"),
        (121, "Wait 3 minutes"),
        (7200, "Wait 2 hours"),
    ],
)
def test_waiting_time_is_said_in_people_s_units(seconds: int | None, words: str) -> None:
    verdict = judge(results.Throttled(status=429, duration_ms=1, retry_after_seconds=seconds), make_profile())
    assert str(verdict.next_action).startswith(words)


def test_credit_is_not_blamed_on_the_key() -> None:
    verdict: Verdict = judge(results.OutOfCredit(status=403, duration_ms=1), make_profile())
    assert verdict.code is VerdictCode.OUT_OF_CREDIT
    assert verdict.steps.credential is StepState.PASSED
    assert verdict.link
    assert verdict.link.url == LINKS.console


def test_proven_key_is_claimed_only_when_it_is() -> None:
    for proven in (True, False):
        result = results.ModelUnknown(status=404, duration_ms=1, model=MODEL, key_proven=proven)
        verdict = judge(result, make_profile())
        assert ("key work" in str(verdict.sentence)) is proven
        assert (verdict.steps.credential is StepState.PASSED) is proven
