"""The presses of a verdict: each changes the guide's choices and keeps the key; without JavaScript a link does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from portal.app import create_app
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.profile.model import Region
from portal.settings import Settings
from tests.browser.doing import field, texts
from tests.real_parts.servers import serve
from tests.support.gateways import far_away

pytestmark = pytest.mark.real("chromium")


@pytest.fixture(scope="module")
def regional_url() -> Iterator[str]:
    """A portal whose gateway answers faster at another address."""
    with serve(far_away(create_fake_gateway(), 0.4)) as usual, serve(create_fake_gateway()) as near:
        profile = replace(load_profile("tokenbay"), base_url=usual, regions=(Region("near", "Near you", near),))
        with serve(create_app(Settings(), profile)) as url:
            yield url


def check(page: Page, behaviour: Behaviour, verdict: str) -> Locator:
    field(page).fill(DEMO_KEYS[behaviour])
    page.get_by_role("button", name="Check key").click()
    region = page.locator("#key-check")
    expect(region).to_have_attribute("data-verdict", verdict, timeout=20_000)
    return region


def check_again(page: Page, verdict: str) -> None:
    page.get_by_role("button", name="Check key").click()
    expect(page.locator("#key-check")).to_have_attribute("data-verdict", verdict, timeout=20_000)


def test_press_takes_the_header_that_the_gateway_reads(guide: Page) -> None:
    region = check(guide, Behaviour.ONLY_X_API_KEY, "other-header")
    region.get_by_role("link", name="Use x-api-key").click()
    expect(region).to_contain_text("Your set-up now uses it.")
    expect(guide.locator("#auth")).to_have_value("x-api-key")
    assert "auth=x-api-key" in guide.url
    assert any("ANTHROPIC_API_KEY" in text and DEMO_KEYS[Behaviour.ONLY_X_API_KEY] in text for text in texts(guide))
    check_again(guide, "accepted")


def test_press_takes_the_faster_address(page: Page, regional_url: str, complaints: list[str]) -> None:
    page.goto(f"{regional_url}/?os=macos&shell=zsh")
    region = check(page, Behaviour.GOOD, "accepted")
    region.get_by_role("link", name="Use Near you").click()
    expect(page.locator("#region")).to_have_value("near")
    assert "region=near" in page.url
    assert any(DEMO_KEYS[Behaviour.GOOD] in text for text in texts(page))
    check_again(page, "accepted")
    expect(region.get_by_role("link", name="Use Near you")).to_have_count(0)
    assert complaints == []


@pytest.mark.parametrize(
    ("behaviour", "option", "variable"),
    [
        (Behaviour.NO_THINKING, "no-thinking", "CLAUDE_CODE_DISABLE_THINKING"),
        (Behaviour.NO_BETAS, "no-betas", "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS"),
    ],
)
def test_press_leaves_out_what_the_gateway_refuses(
    guide: Page, behaviour: Behaviour, option: str, variable: str
) -> None:
    region = check(guide, behaviour, "accepted")
    region.get_by_role("button", name="Run it").click()
    expect(region).to_have_attribute("data-verdict", "part-refused", timeout=20_000)
    region.get_by_role("link", name="Leave it out").click()
    expect(region).to_contain_text("Your set-up now uses it.")
    expect(guide.locator(f"#opt-{option}")).to_be_checked()
    assert any(variable in text for text in texts(guide))
    assert any(DEMO_KEYS[behaviour] in text for text in texts(guide))
    check_again(guide, "accepted")
    region.get_by_role("button", name="Run it").click()
    expect(region.locator("[data-step=rehearsal]")).to_have_attribute("data-state", "passed", timeout=20_000)


def test_links_change_the_choices_without_javascript(browser: Browser, portal_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{portal_url}/?os=linux&shell=fish&scope=terminal&context_tokens=300000")
    page.locator("#key").fill(DEMO_KEYS[Behaviour.ONLY_X_API_KEY])
    page.get_by_role("button", name="Check key").click()
    assert page.locator("#key-check").get_attribute("data-verdict") == "other-header"
    page.get_by_role("link", name="Use x-api-key").click()
    assert "auth=x-api-key" in page.url
    for name, value in (("shell", "fish"), ("scope", "terminal"), ("context_tokens", "300000"), ("auth", "x-api-key")):
        expect(page.locator(f'#key-check-form input[name="{name}"]')).to_have_value(value)
    context.close()
