"""The key check on the page: what is shown before, while and after."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from tests.browser.doing import KEY, field, paste

pytestmark = pytest.mark.real("chromium")


def check(page: Page, key: str) -> Locator:
    field(page).fill(key)
    page.get_by_role("button", name="Check key").click()
    return page.locator("#key-check")


def states(region: Locator) -> list[str | None]:
    return [step.get_attribute("data-state") for step in region.locator("[data-step]").all()]


def test_good_key_is_shown_as_accepted(guide: Page) -> None:
    region = check(guide, DEMO_KEYS[Behaviour.GOOD])
    expect(region).to_have_attribute("data-verdict", "accepted")
    assert states(region) == ["passed", "passed", "passed", "passed", "not-checked"]
    expect(guide.locator("#announcer")).to_contain_text(region.locator(".verdict-sentence").inner_text())
    expect(guide.get_by_role("link", name="Your key (done)")).to_be_visible()


def test_rejected_key_is_not_counted_as_done_and_a_new_key_clears_the_verdict(guide: Page) -> None:
    region = check(guide, DEMO_KEYS[Behaviour.REJECTED])
    expect(region).to_have_attribute("data-verdict", "rejected")
    assert states(region) == ["passed", "failed", "not-checked", "not-checked", "not-checked"]
    expect(guide.locator("[data-progress-count]")).to_have_text("0 of 4 done")
    paste(guide, KEY)
    expect(region).to_be_empty()
    assert region.get_attribute("data-verdict") is None


def test_wait_is_shown_and_explained(guide: Page) -> None:
    region = check(guide, DEMO_KEYS[Behaviour.SLOW])
    expect(region.locator("[data-step=credential]")).to_have_attribute("data-state", "running")
    assert states(region)[2:] == ["waiting", "waiting", "not-checked"]
    button = guide.get_by_role("button", name="Check key")
    expect(button).to_be_disabled()
    expect(region).to_have_attribute("aria-busy", "true")
    wait = region.locator("[data-wait]")
    expect(wait).to_be_hidden()
    expect(wait).to_be_visible(timeout=5_000)
    expect(guide.locator("#announcer")).to_contain_text("Still waiting")
    expect(region).to_have_attribute("data-verdict", "timed-out", timeout=10_000)
    expect(button).to_be_enabled()
    assert states(region)[1:] == ["not-checked"] * 4


def test_problem_is_told_when_the_portal_cannot_be_reached(page: Page, portal_url: str) -> None:
    page.goto(f"{portal_url}/?os=macos&shell=zsh")
    page.context.set_offline(offline=True)
    region = check(page, KEY)
    expect(region).to_contain_text("The portal could not be reached.")
    expect(page.get_by_role("button", name="Check key")).to_be_enabled()


@pytest.mark.parametrize("status", [403, 500])
def test_error_page_is_not_shown_inside_the_page(page: Page, portal_url: str, status: int) -> None:
    page.route(
        "**/key-check/live", lambda route: route.fulfill(status=status, body="<html><body><h1>No</h1></body></html>")
    )
    page.goto(f"{portal_url}/?os=macos&shell=zsh")
    region = check(page, KEY)
    expect(region).to_contain_text("The portal could not finish the check")
    expect(page.locator("h1")).to_have_count(1)


def test_step_is_not_done_when_the_verdict_is_red_before_the_key_was_looked_at(guide: Page) -> None:
    region = check(guide, DEMO_KEYS[Behaviour.REDIRECT])
    expect(region).to_have_class("key-check verdict verdict-failed")
    expect(guide.locator("[data-progress-count]")).to_have_text("0 of 4 done")


def test_step_stays_done_when_only_the_stream_is_broken(guide: Page) -> None:
    region = check(guide, DEMO_KEYS[Behaviour.CUT_STREAM])
    expect(region).to_have_class("key-check verdict verdict-failed")
    expect(guide.get_by_role("link", name="Your key (done)")).to_be_visible()


def test_verdict_stays_when_another_place_is_chosen(guide: Page) -> None:
    region = check(guide, DEMO_KEYS[Behaviour.GOOD])
    expect(region).to_have_attribute("data-verdict", "accepted")
    guide.locator("#scope").select_option("terminal")
    guide.wait_for_url("**scope=terminal")
    expect(region).to_have_attribute("data-verdict", "accepted")


def test_long_list_of_models_does_not_bury_the_guide_on_a_phone(guide: Page) -> None:
    guide.set_viewport_size({"width": 360, "height": 740})
    region = check(guide, DEMO_KEYS[Behaviour.GOOD])
    region.get_by_text("Models to choose from").click()
    listed = region.locator(".usable")
    listed.evaluate("list => { for (let i = 0; i < 60; i++) list.append(list.firstElementChild.cloneNode(true)); }")
    assert listed.evaluate("list => list.offsetHeight") <= 260
    assert listed.evaluate("list => list.scrollHeight") > 600
