"""Every behaviour of the simulated gateway, and a real LiteLLM, through the page in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.app import create_app
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.browser.doing import field
from tests.keycheck.table import EXPECTED, LETTERS
from tests.real_parts.litellm import start_litellm
from tests.real_parts.servers import serve

pytestmark = pytest.mark.real("chromium")

ANYTHING = re.compile(".")
UPSTREAM_KEY = "sk-upstream-0123456789"
MOCKED = "claude-mocked"
Seen = tuple[str | None, str, str]


@pytest.fixture(scope="module")
def impatient_url() -> Iterator[str]:
    """The portal in front of the simulated gateway; it waits for an answer for as long as `table` assumes."""
    settings = Settings(key_checks_per_minute=1000)
    with serve(create_fake_gateway(slow_seconds=30, event_seconds=0.03)) as gateway:
        profile = replace(load_profile("tokenbay"), base_url=gateway)
        with serve(create_app(settings, profile, client=GatewayClient(total_seconds=1.5))) as url:
            yield url


def check(page: Page, key: str) -> Seen:
    """Check a key as a visitor does: the verdict, the five steps, and the next action."""
    field(page).fill(key)
    page.get_by_role("button", name="Check key").click()
    region = page.locator("#key-check")
    expect(region).to_have_attribute("data-verdict", ANYTHING, timeout=40_000)
    steps = region.locator("[data-step]").all()
    letters = "".join(LETTERS[str(step.get_attribute("data-state"))] for step in steps)
    return region.get_attribute("data-verdict"), letters, region.locator(".next").inner_text()


def is_as(seen: Seen, verdict: str, letters: str, action: str) -> bool:
    return seen[:2] == (verdict, letters) and action in seen[2]


def test_every_behaviour_leads_to_its_verdict_steps_and_next_action(page: Page, impatient_url: str) -> None:
    page.goto(f"{impatient_url}/?os=macos&shell=zsh")
    seen = {behaviour: check(page, DEMO_KEYS[behaviour]) for behaviour in Behaviour}
    wrong = {behaviour: seen[behaviour] for behaviour in Behaviour if not is_as(seen[behaviour], *EXPECTED[behaviour])}
    assert wrong == {}


@pytest.mark.real("litellm")
def test_real_litellm_gets_the_verdicts_that_are_true(page: Page, tmp_path: Path) -> None:
    with ExitStack() as servers:
        upstream = ExitStack()
        servers.enter_context(upstream)
        url = upstream.enter_context(serve(create_fake_gateway(accepted_keys=[UPSTREAM_KEY])))
        litellm = servers.enter_context(start_litellm(url, folder=tmp_path, upstream_key=UPSTREAM_KEY, mocked=[MOCKED]))
        profile = replace(load_profile("tokenbay"), base_url=litellm.url)
        portal = servers.enter_context(serve(create_app(Settings(key_checks_per_minute=1000), profile)))

        page.goto(f"{portal}/?os=macos&shell=zsh")
        assert is_as(check(page, litellm.key), *EXPECTED[Behaviour.GOOD])
        page.get_by_role("button", name="Run it").click()
        expect(page.locator("[data-step=rehearsal]")).to_have_attribute("data-state", "passed", timeout=30_000)
        assert is_as(check(page, "sk-not-the-key-0123456789"), *EXPECTED[Behaviour.REJECTED_LITELLM])

        page.goto(f"{portal}/?os=macos&shell=zsh&sonnet=claude-nothing-9.9")
        verdict, letters, action = check(page, litellm.key)
        assert (verdict, letters[:3]) == ("model-unknown", "ppf")
        assert "Choose another id" in action

        page.goto(f"{portal}/?os=macos&shell=zsh&sonnet={MOCKED}")
        assert is_as(check(page, litellm.key), *EXPECTED[Behaviour.JSON_ONLY])

        upstream.close()
        page.goto(f"{portal}/?os=macos&shell=zsh")
        verdict, letters, action = check(page, litellm.key)
        assert (verdict, letters) == ("gateway-error", "p----")
        assert "Try again in a few minutes" in action
