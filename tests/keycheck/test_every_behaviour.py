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
from portal.profile.model import Toggle
from tests.keycheck.table import EXPECTED, GREEN, LETTERS
from tests.real_parts.servers import serve

pytestmark = pytest.mark.anyio

REHEARSED: Final[dict[Behaviour, tuple[str, str]]] = {
    Behaviour.GOOD: ("accepted", ""),
    Behaviour.NO_BETAS: ("part-refused", "no-betas"),
    Behaviour.NO_CONTEXT_MANAGEMENT: ("part-refused", "no-betas"),
    Behaviour.NO_THINKING: ("part-refused", "no-thinking"),
    Behaviour.BODY_LIMIT: ("part-refused", ""),
    Behaviour.WAF_BODY: ("part-refused", ""),
}
"""Behaviour -> the verdict after a rehearsal, and the guide's option that a press would put into the choices."""


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
    assert (verdict.code, letters(findings)) == EXPECTED[behaviour][:2]
    assert (verdict.state == "passed") is (EXPECTED[behaviour] == GREEN)


@pytest.mark.parametrize("behaviour", REHEARSED)
async def test_rehearsal_finds_what_small_requests_hide(gateway: str, behaviour: Behaviour) -> None:
    findings, verdict = await check(gateway, behaviour, rehearsal="1")
    option = next((change.value for change in verdict.changes), "")
    assert (verdict.code, option) == REHEARSED[behaviour]
    copes = {Behaviour.NO_BETAS, Behaviour.NO_CONTEXT_MANAGEMENT}  # the client repeats its request without them
    assert letters(findings)[-1] == ("p" if behaviour is Behaviour.GOOD else "w" if behaviour in copes else "f")


@pytest.mark.parametrize("behaviour", [behaviour for behaviour in REHEARSED if REHEARSED[behaviour][1]])
async def test_rehearsal_passes_with_the_option_that_the_press_puts_in(gateway: str, behaviour: Behaviour) -> None:
    findings, verdict = await check(gateway, behaviour, rehearsal="1", opt=REHEARSED[behaviour][1])
    assert (verdict.code, letters(findings)) == ("accepted", "ppppp")


async def test_option_is_not_proposed_again_when_it_did_not_help(gateway: str) -> None:
    _, verdict = await check(gateway, Behaviour.NO_THINKING, rehearsal="1", opt="no-betas")
    assert [change.value for change in verdict.changes] == ["no-thinking"]
    findings, _ = await check(gateway, Behaviour.NO_THINKING, rehearsal="1")
    stubborn = replace(findings, plan=replace(findings.plan, toggles=frozenset(Toggle)))
    assert conclude(stubborn, load_profile("tokenbay")).changes == ()


async def test_press_leads_to_the_header_that_works(gateway: str) -> None:
    _, verdict = await check(gateway, Behaviour.ONLY_X_API_KEY)
    (change,) = verdict.changes
    assert (change.fields, change.value) == (("auth",), "x-api-key")
    findings, verdict = await check(gateway, Behaviour.ONLY_X_API_KEY, auth="x-api-key")
    assert (verdict.code, letters(findings)) == GREEN[:2]


async def test_press_leads_to_the_spelling_that_the_gateway_knows(gateway: str) -> None:
    _, verdict = await check(gateway, Behaviour.GOOD, sonnet="claude-sonnet-4-6", opus="claude-opus-4-8")
    assert verdict.code == "model-unknown"
    assert [(change.fields, change.value) for change in verdict.changes] == [(("sonnet",), "claude-sonnet-4.6")]
    _, verdict = await check(gateway, Behaviour.GOOD, opus="claude-opus-4-8")
    assert verdict.code == "models-missing"
    assert [(change.fields, change.value) for change in verdict.changes] == [(("opus",), "claude-opus-4.8")]
