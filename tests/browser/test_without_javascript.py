"""Without JavaScript: the same guide by forms and pages, with the placeholder to replace by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.keys import PLACEHOLDER
from tests.real_parts.browser import NewContext

pytestmark = pytest.mark.real("chromium")


@pytest.fixture
def plain(new_context: NewContext, portal_url: str) -> Page:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(portal_url)
    return page


def test_every_text_can_be_read(plain: Page) -> None:
    closed = plain.locator("main details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    blocks = plain.locator("[data-snippet]").all()
    assert len(blocks) >= 7
    for block in blocks:
        expect(block).to_be_visible()
    assert PLACEHOLDER in plain.locator("#configure-1").inner_text()
    expect(plain.locator("noscript p")).to_contain_text("put your key into the commands yourself")


def test_help_promises_nothing_that_only_javascript_does(plain: Page, portal_url: str) -> None:
    plain.goto(f"{portal_url}/troubleshoot")
    promise = plain.locator("#text-promise")
    assert "masked before" not in promise.inner_text()
    expect(promise.get_by_text("Without JavaScript your text is sent as it is: remove keys first.")).to_be_visible()


def test_no_control_is_shown_that_does_nothing(plain: Page) -> None:
    for button in plain.locator("button").all():
        assert not button.is_visible() or button.get_attribute("type") == "submit"


def test_choices_work_by_the_form(plain: Page, portal_url: str) -> None:
    plain.get_by_label("You are on").select_option("windows")
    plain.get_by_role("button", name="Show this set-up").first.click()
    assert plain.url.startswith(f"{portal_url}/?")
    expect(plain.locator("#shell")).to_have_value("powershell")
    expect(plain.locator("#install-1")).to_have_text("irm https://claude.ai/install.ps1 | iex")


def test_key_check_is_a_page_that_leads_back(plain: Page) -> None:
    plain.get_by_label("You are on").select_option("linux")
    plain.get_by_role("button", name="Show this set-up").first.click()
    plain.get_by_label("Paste your TokenBay key").fill(DEMO_KEYS[Behaviour.GOOD])
    plain.get_by_role("button", name="Check key").click()
    expect(plain.locator("#key-check")).to_have_attribute("data-verdict", "accepted")
    plain.get_by_role("link", name="Back to the guide").click()
    expect(plain.locator("#os")).to_have_value("linux")
    expect(plain.locator("#key")).to_have_value("")


def test_rehearsal_is_a_second_press_on_the_verdict_s_page(plain: Page) -> None:
    plain.get_by_label("Paste your TokenBay key").fill(DEMO_KEYS[Behaviour.BODY_LIMIT])
    plain.get_by_role("button", name="Check key").click()
    region = plain.locator("#key-check")
    expect(region).to_have_attribute("data-verdict", "accepted")
    expect(region.locator("[data-step=rehearsal]")).to_contain_text("input tokens")
    plain.get_by_label("Your key, to check again").fill(DEMO_KEYS[Behaviour.BODY_LIMIT])
    plain.get_by_role("button", name="Run the full rehearsal").click()
    expect(region).to_have_attribute("data-verdict", "part-refused")
    expect(region.locator("[data-step=rehearsal]")).to_have_attribute("data-state", "failed")


def test_press_puts_the_nearest_model_into_the_set_up(plain: Page, portal_url: str) -> None:
    plain.goto(f"{portal_url}/?os=linux&shell=bash&haiku=claude-haiku-5.4")
    plain.get_by_label("Paste your TokenBay key").fill(DEMO_KEYS[Behaviour.GOOD])
    plain.get_by_role("button", name="Check key").click()
    plain.get_by_role("link", name="Use claude-haiku-4.5").click()
    expect(plain.locator("#haiku")).to_have_value("claude-haiku-4.5")
    expect(plain.locator("#os")).to_have_value("linux")
