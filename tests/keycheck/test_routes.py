from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.profile.load import load_profile
from portal.web.clients import bucket_of
from tests.support.pages import one, parse, parse_region, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}


def states(tree: object) -> dict[str, str]:
    return {step.get("data-step"): step.get("data-state") for step in tree.cssselect("[data-step]")}  # type: ignore[attr-defined]


async def test_key_is_accepted_when_the_gateway_takes_it(portal: httpx.AsyncClient) -> None:
    answer = await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.GOOD]}, headers=REGION)
    region = parse_region(answer.text)
    assert (answer.status_code, region.get("id"), region.get("data-verdict")) == (200, "key-check", "accepted")
    assert states(region) == {
        "address": "passed",
        "credential": "passed",
        "models": "passed",
        "streaming": "passed",
        "rehearsal": "not-checked",
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_nothing_is_called_passed_when_it_did_not_run(portal: httpx.AsyncClient) -> None:
    region = parse_region((await portal.post("/key-check", data={"key": "sk-wrong"}, headers=REGION)).text)
    assert region.get("data-verdict") == "rejected"
    assert states(region) == {
        "address": "passed",
        "credential": "failed",
        "models": "not-checked",
        "streaming": "not-checked",
        "rehearsal": "not-checked",
    }


async def test_page_leads_back_to_the_same_set_up_when_there_is_no_javascript(portal: httpx.AsyncClient) -> None:
    fields = {"key": DEMO_KEYS[Behaviour.GOOD], "os": "windows", "shell": "cmd", "opt": "", "evil": "x"}
    answer = await portal.post("/key-check", data=fields)
    page = parse(answer.text)
    assert one(page, "#key-check").get("data-verdict") == "accepted"
    (back,) = [link for link in page.cssselect("main a") if words(link) == "Back to the guide"]
    assert back.get("href") == "/?os=windows&shell=cmd&opt=#step-configure"
    assert DEMO_KEYS[Behaviour.GOOD] not in answer.text


async def test_chosen_model_is_asked_when_the_form_names_it(portal: httpx.AsyncClient) -> None:
    fields = {"key": DEMO_KEYS[Behaviour.GOOD], "default": "haiku", "haiku": "claude-nothing-9.9"}
    region = parse_region((await portal.post("/key-check", data=fields, headers=REGION)).text)
    assert region.get("data-verdict") == "model-unknown"
    assert "claude-nothing-9.9" in words(region)
    assert states(region)["models"] == "failed"


async def test_removed_parts_are_named_when_the_paste_was_cleaned(portal: httpx.AsyncClient) -> None:
    fields = {"key": f'export ANTHROPIC_AUTH_TOKEN="{DEMO_KEYS[Behaviour.GOOD]}"\n'}
    region = parse_region((await portal.post("/key-check", data=fields, headers=REGION)).text)
    assert region.get("data-verdict") == "accepted"
    assert "quotation marks" in words(region)


@pytest.mark.parametrize("paste", ["", "   ", "two words", "ключ", "<your-key>", "YOUR-API-KEY", "x" * 5000])
async def test_gateway_is_not_asked_when_the_paste_is_no_key(portal: httpx.AsyncClient, paste: str) -> None:
    answer = await portal.post("/key-check", data={"key": paste}, headers=REGION)
    region = parse_region(answer.text)
    assert (answer.status_code, region.get("data-verdict")) == (422, "unusable-key")
    assert set(states(region).values()) == {"not-checked"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "https://portal.test"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://portal.test"}, 200),
        ({}, 200),
    ],
)
async def test_only_our_own_page_may_send_the_form(
    portal: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.GOOD]}, headers=headers)
    assert answer.status_code == status


async def test_client_waits_when_it_checks_too_often() -> None:
    async with running_portal(key_checks_per_minute=2) as portal:
        answers = [await portal.post("/key-check", data={"key": "sk-x"}, headers=REGION) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    region = parse_region(answers[-1].text)
    assert region.get("data-verdict") == "too-many-checks"
    assert set(states(region).values()) == {"not-checked"}


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("anything", "unknown"),
        ("", "unknown"),
    ],
)
def test_clients_share_a_limit_when_they_are_one_customer(address: str, bucket: str) -> None:
    assert bucket_of(address) == bucket


async def test_key_of_another_gateway_is_pointed_out_when_the_profile_knows_its_own() -> None:
    profile = replace(load_profile("tokenbay"), key_pattern="tb-[a-z]+", key_hint="starts with tb-")
    async with running_portal(profile) as portal:
        region = parse_region((await portal.post("/key-check", data={"key": "sk-x"}, headers=REGION)).text)
    assert "It does not look like a key of TokenBay (starts with tb-)." in words(region)


async def test_unusable_paste_costs_no_check_when_the_limit_is_low() -> None:
    async with running_portal(key_checks_per_minute=1) as portal:
        await portal.post("/key-check", data={"key": "not a key"}, headers=REGION)
        answer = await portal.post("/key-check", data={"key": "sk-x"}, headers=REGION)
    assert answer.status_code == 200


@pytest.mark.parametrize("behaviour", list(Behaviour))
async def test_every_answer_of_a_gateway_becomes_a_region_with_words(
    portal: httpx.AsyncClient, behaviour: Behaviour
) -> None:
    answer = await portal.post("/key-check", data={"key": DEMO_KEYS[behaviour]}, headers=REGION)
    region = parse_region(answer.text)
    assert answer.status_code == 200
    assert len(region.cssselect("[data-step]")) == 5
    assert not set(states(region).values()) & {"waiting", "running"}
    assert words(one(region, ".verdict-sentence")).endswith(".")
    assert DEMO_KEYS[behaviour] not in answer.text
    assert not region.cssselect("blockquote *"), "what the gateway said is text, never markup"
