"""Whom a verdict names: the gateway or the portal as the one that refuses, and the support where it has to help."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.keycheck import findings as found
from portal.keycheck.conclusion import conclude
from portal.keycheck.findings import Ending
from portal.keycheck.verdict_kinds import VerdictCode, VerdictState
from portal.profile.load import load_profile
from portal.profile.model import Links
from tests.keycheck.scripted import PROFILE
from tests.keycheck.test_one_screen import SCREENS
from tests.keycheck.test_verdicts import LINKS
from tests.support.pages import one, parse, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

ALONE = {
    VerdictCode.REJECTED,
    VerdictCode.OUT_OF_CREDIT,
    VerdictCode.MODEL_UNKNOWN,
    VerdictCode.MODELS_MISSING,
    VerdictCode.OTHER_HEADER,
}
"""Failed verdicts whose next action is the visitor's own."""


@pytest.mark.parametrize("name", SCREENS)
def test_support_is_linked_when_the_visitor_cannot_solve_it_alone(name: str) -> None:
    verdict = conclude(found.with_end(SCREENS[name], Ending.COMPLETE, 100), replace(PROFILE, links=LINKS))
    said = f"{verdict.cause} {verdict.next_action}"
    failed_for_others = verdict.state is VerdictState.FAILED and verdict.code not in ALONE
    names = [link.name for link in verdict.links]
    if failed_for_others or re.search(r"support|whoever runs|cannot repair", said):
        assert "support" in names
    assert len(names) == len(set(names)) <= 2


@pytest.mark.parametrize("name", SCREENS)
def test_no_link_is_made_up_when_the_profile_has_none(name: str) -> None:
    verdict = conclude(found.with_end(SCREENS[name], Ending.COMPLETE, 100), replace(PROFILE, links=Links()))
    assert verdict.links == ()


@pytest.mark.parametrize(
    "behaviour", [Behaviour.HTML, Behaviour.EMPTY, Behaviour.BAD_GATEWAY, Behaviour.NOT_ALLOWED, Behaviour.NO_CHANNEL]
)
async def test_support_is_on_the_page_beside_the_first_link(behaviour: Behaviour) -> None:
    async with running_portal(replace(load_profile("tokenbay"), links=LINKS)) as portal:
        page = parse((await portal.post("/key-check", data={"key": DEMO_KEYS[behaviour]})).text)
    link = one(page, "#key-check .verdict-actions [data-link=support]")
    assert (link.get("href"), words(link)) == (LINKS.support, "Contact the support")


async def test_limit_is_the_gateway_s_when_the_gateway_throttles(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.THROTTLED]})).text)
    reason = words(one(page, "#key-check .why"))
    assert reason.startswith("A limit of the gateway is probably reached.")
    assert "portal" not in reason


async def test_limit_is_the_portal_s_when_the_portal_refuses() -> None:
    async with running_portal(key_checks_per_minute=1) as portal:
        await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.THROTTLED]})
        answer = await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.THROTTLED]})
    assert answer.status_code == 429
    region = one(parse(answer.text), "#key-check")
    assert words(one(region, ".verdict-sentence")).startswith("This portal has made many checks")
    assert words(one(region, ".why")) == "The portal limits checks, so that nobody can try out keys with it."
    assert "gateway" not in words(one(region, ".verdict-sentence")) + words(one(region, ".why"))


@pytest.mark.parametrize(("behaviour", "language"), [(Behaviour.REJECTED, "zh"), (Behaviour.REJECTED_ANTHROPIC, None)])
async def test_quote_is_introduced_and_has_its_language_when_it_shows(
    portal: httpx.AsyncClient, behaviour: Behaviour, language: str | None
) -> None:
    page = parse((await portal.post("/key-check", data={"key": DEMO_KEYS[behaviour]})).text)
    quote = one(page, "#key-check blockquote")
    assert quote.get("lang") == language
    introduction = quote.getprevious()
    assert introduction is not None
    assert words(introduction) == "The gateway said, in its own words:"


async def test_key_is_not_called_wrong_when_it_lacks_a_permission(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.post("/key-check", data={"key": DEMO_KEYS[Behaviour.NOT_ALLOWED]})).text)
    key = words(one(page, "[data-step=credential] .step-found"))
    assert key.endswith("not allowed to do this, in whichever header it was sent")
