"""The whole check, with the real client, over real sockets, against every behaviour of the simulated gateway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.keycheck.conclusion import Conclusion, conclude
from portal.keycheck.findings import Findings
from portal.keycheck.forms import read_key_check
from portal.keycheck.plan import plan_check
from portal.keycheck.progress import progress_of
from portal.keycheck.run import run_check
from portal.keys import ApiKey
from portal.profile.load import load_profile
from tests.real_parts.servers import serve

pytestmark = pytest.mark.anyio

GREEN = ("accepted", "pppp-")
EXPECTED: Final[dict[Behaviour, tuple[str, str]]] = {
    Behaviour.GOOD: GREEN,
    Behaviour.CONVERTER: GREEN,
    Behaviour.MODELS_MISSING: GREEN,
    Behaviour.MODELS_OPENAI: GREEN,
    Behaviour.ONLY_BEARER: GREEN,
    # what only a rehearsal finds
    Behaviour.NO_BETAS: GREEN,
    Behaviour.NO_CONTEXT_MANAGEMENT: GREEN,
    Behaviour.NO_THINKING: GREEN,
    Behaviour.BODY_LIMIT: GREEN,
    Behaviour.WAF_BODY: GREEN,
    # warnings
    **dict.fromkeys((Behaviour.NEWER_STREAM, Behaviour.BARE_STREAM, Behaviour.USELESS_MESSAGE), GREEN),
    **dict.fromkeys(
        (Behaviour.JSON_ONLY, Behaviour.NEWER_MESSAGE, Behaviour.BARE_MESSAGE),
        ("not-streamed", "pppw-"),
    ),
    Behaviour.ONE_BLOCK: ("buffered", "pppw-"),
    Behaviour.HAIKU_MISSING: ("models-missing", "ppwp-"),
    Behaviour.OPUS_NOT_ALLOWED: ("models-missing", "ppwp-"),
    Behaviour.OPUS_SLOW: ("models-missing", "ppwp-"),
    Behaviour.EVENT_STREAM: ("not-messages-api", "pp-p-"),
    Behaviour.NOT_ALLOWED_NETWORK: ("not-allowed", "pw---"),
    Behaviour.THROTTLED: ("throttled", "p----"),
    # broken streams
    Behaviour.STREAM_BREAKS: ("stream-broken", "pppf-"),
    Behaviour.CUT_STREAM: ("stream-broken", "pppf-"),
    Behaviour.ILLEGAL_ORDER: ("stream-broken", "pppf-"),
    Behaviour.UNCLOSED_BLOCK: ("stream-broken", "pppf-"),
    Behaviour.DATA_ONLY: ("stream-broken", "pppf-"),
    **dict.fromkeys(
        (
            *(Behaviour.UNTYPED_EVENTS, Behaviour.PINGS_ONLY, Behaviour.UNTYPED_BLOCK, Behaviour.UNTYPED_DELTAS),
            *(Behaviour.EMPTY_TEXT, Behaviour.CONTENTLESS_STREAM, Behaviour.THINKING_ONLY, Behaviour.BROKEN_STOP),
            Behaviour.MISLABELLED,
        ),
        ("stream-broken", "pppf-"),
    ),
    **dict.fromkeys(
        (
            *(Behaviour.NO_USAGE, Behaviour.NO_MODEL, Behaviour.EMPTY_CONTENT, Behaviour.BARE_TEXTS),
            Behaviour.TEXTLESS_BLOCK,
        ),
        ("not-messages-api", "pppf-"),
    ),
    # keys
    Behaviour.ONLY_X_API_KEY: ("other-header", "pf---"),
    **dict.fromkeys(
        (
            *(Behaviour.REJECTED, Behaviour.REJECTED_ANTHROPIC, Behaviour.REJECTED_LITELLM),
            *(Behaviour.REJECTED_OPENAI, Behaviour.ERROR_IN_200),
        ),
        ("rejected", "pf---"),
    ),
    Behaviour.NOT_ALLOWED: ("not-allowed", "pf---"),
    Behaviour.FIREWALL: ("not-allowed", "f----"),
    **dict.fromkeys(
        (
            *(Behaviour.OUT_OF_CREDIT, Behaviour.OUT_OF_CREDIT_ANTHROPIC, Behaviour.OUT_OF_CREDIT_OPENAI),
            Behaviour.PAYMENT_REQUIRED,
        ),
        ("out-of-credit", "pp---"),
    ),
    # models
    Behaviour.NOT_ALLOWED_MODEL: ("not-allowed", "ppf--"),
    **dict.fromkeys(
        (
            *(Behaviour.MODEL_UNKNOWN, Behaviour.MODEL_UNKNOWN_LITELLM, Behaviour.MODEL_UNKNOWN_OPENAI),
            Behaviour.NO_CHANNEL,
        ),
        ("model-unknown", "ppf--"),
    ),
    # the gateway
    Behaviour.OVERLOADED: ("gateway-error", "p----"),
    Behaviour.FAILING: ("gateway-error", "p----"),
    Behaviour.UPSTREAM_KEY: ("gateway-error", "p----"),
    Behaviour.BAD_GATEWAY: ("gateway-error", "w----"),
    Behaviour.SLOW: ("timed-out", "w----"),
    **dict.fromkeys(
        (
            *(Behaviour.HTML, Behaviour.OPENAI_JSON, Behaviour.OTHER_JSON, Behaviour.EMPTY, Behaviour.TRUNCATED),
            *(Behaviour.OVERSIZED, Behaviour.REDIRECT),
        ),
        ("not-messages-api", "f----"),
    ),
    Behaviour.REFUSED: ("refused", "p----"),
    Behaviour.NOT_FOUND: ("refused", "f----"),
}
REHEARSED: Final[dict[Behaviour, tuple[str, str]]] = {
    Behaviour.GOOD: ("accepted", ""),
    Behaviour.NO_BETAS: ("part-refused", "no-betas"),
    Behaviour.NO_CONTEXT_MANAGEMENT: ("part-refused", "no-betas"),
    Behaviour.NO_THINKING: ("part-refused", "no-thinking"),
    Behaviour.BODY_LIMIT: ("part-refused", ""),
    Behaviour.WAF_BODY: ("part-refused", ""),
}
"""Behaviour -> the verdict after a rehearsal, and the guide's option that a press would put into the choices."""

LETTERS = {"passed": "p", "warning": "w", "failed": "f", "not-checked": "-"}


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with serve(create_fake_gateway(slow_seconds=30, event_seconds=0.03)) as url:
        yield url


async def check(gateway: str, behaviour: Behaviour, **fields: str) -> tuple[Findings, Conclusion]:
    profile = replace(load_profile("tokenbay"), base_url=gateway)
    key = DEMO_KEYS[behaviour]
    plan = plan_check(read_key_check([("key", key), *fields.items()], profile), ApiKey(key), profile)
    async with GatewayClient(total_seconds=1.5) as client:
        last = [found async for found in run_check(client, plan)][-1]
    return last, conclude(last, profile)


def letters(findings: Findings) -> str:
    return "".join(LETTERS[step.state] for step in progress_of(findings).steps)


@pytest.mark.parametrize("behaviour", Behaviour)
async def test_check_comes_to_the_right_verdict(gateway: str, behaviour: Behaviour) -> None:
    findings, verdict = await check(gateway, behaviour)
    assert (verdict.code, letters(findings)) == EXPECTED[behaviour]
    assert (verdict.state == "passed") is (EXPECTED[behaviour] == GREEN)


@pytest.mark.parametrize("behaviour", REHEARSED)
async def test_rehearsal_finds_what_small_requests_hide(gateway: str, behaviour: Behaviour) -> None:
    findings, verdict = await check(gateway, behaviour, rehearsal="1")
    option = next((change.value for change in verdict.changes), "")
    known = {"no-betas"}  # the guide may not offer the others yet
    assert (verdict.code, option) in {(REHEARSED[behaviour][0], REHEARSED[behaviour][1])} | (
        {(REHEARSED[behaviour][0], "")} if REHEARSED[behaviour][1] not in known else set()
    )
    copes = {Behaviour.NO_BETAS, Behaviour.NO_CONTEXT_MANAGEMENT}  # the client repeats its request without them
    assert letters(findings)[-1] == ("p" if behaviour is Behaviour.GOOD else "w" if behaviour in copes else "f")


async def test_press_leads_to_the_header_that_works(gateway: str) -> None:
    _, verdict = await check(gateway, Behaviour.ONLY_X_API_KEY)
    (change,) = verdict.changes
    assert (change.fields, change.value) == (("auth",), "x-api-key")
    findings, verdict = await check(gateway, Behaviour.ONLY_X_API_KEY, auth="x-api-key")
    assert (verdict.code, letters(findings)) == GREEN


async def test_press_leads_to_the_spelling_that_the_gateway_knows(gateway: str) -> None:
    _, verdict = await check(gateway, Behaviour.GOOD, sonnet="claude-sonnet-4-6", opus="claude-opus-4-8")
    assert verdict.code == "model-unknown"
    assert [(change.fields, change.value) for change in verdict.changes] == [(("sonnet",), "claude-sonnet-4.6")]
    _, verdict = await check(gateway, Behaviour.GOOD, opus="claude-opus-4-8")
    assert verdict.code == "models-missing"
    assert [(change.fields, change.value) for change in verdict.changes] == [(("opus",), "claude-opus-4.8")]
