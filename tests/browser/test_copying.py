"""Copy buttons: what they copy, what they say, what they do when the browser forbids it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from portal.keys import PLACEHOLDER
from tests.browser.doing import KEY, choose, clipboard, copy, paste, texts
from tests.real_parts.browser import NewContext

pytestmark = pytest.mark.real("chromium")


def test_every_button_copies_exactly_its_block(guide: Page) -> None:
    guide.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    paste(guide, KEY)
    blocks = guide.locator("[data-snippet]").evaluate_all("all => all.map(e => e.id)")
    assert [copy(guide, block) for block in blocks] == texts(guide)


def test_copying_is_seen_and_heard(guide: Page) -> None:
    button = guide.locator('[data-copy="install-1"]')
    expect(button).to_have_accessible_name("Copy Install Claude Code.")
    width = button.evaluate("e => e.offsetWidth")
    copy(guide, "install-1")
    expect(button.locator(".then")).to_be_visible()
    expect(guide.locator("#announcer")).to_have_text("Copied.")
    assert button.evaluate("e => e.offsetWidth") == width
    expect(button).not_to_have_attribute("data-copied", "")


def test_placeholder_is_pointed_out_when_there_is_no_key_yet(guide: Page) -> None:
    assert PLACEHOLDER in copy(guide, "configure-1")
    notice = guide.locator("figure:has(#configure-1) .now")
    expect(notice).to_contain_text(f"Copied, but {PLACEHOLDER} still stands where your key belongs")
    expect(guide.locator("#announcer")).to_have_text(notice.inner_text())
    paste(guide, KEY)
    copy(guide, "configure-1")
    expect(notice).to_have_count(0)


def test_text_is_selected_when_the_clipboard_is_forbidden(new_context: NewContext, portal_url: str) -> None:
    page = new_context(permissions=[]).new_page()
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false;")
    page.goto(f"{portal_url}/?os=macos&shell=zsh")
    page.locator('[data-copy="install-1"]').click()
    expect(page.locator("figure:has(#install-1) .now")).to_contain_text("press Ctrl+C or ⌘C")
    assert page.evaluate("String(getSelection())").strip() == page.locator("#install-1").text_content()


def test_link_and_prompt_are_copied_without_the_key(guide: Page, portal_url: str) -> None:
    paste(guide, KEY)
    guide.locator("[data-copy-link]").click()
    expect(guide.locator("[data-copy-link]")).to_have_attribute("data-copied", "")
    assert clipboard(guide) == f"{portal_url}/?os=macos&shell=zsh"
    assert guide.url == f"{portal_url}/?os=macos&shell=zsh"
    guide.locator("[data-copy-from]").click()
    expect(guide.locator("[data-copy-from]")).to_have_attribute("data-copied", "")
    prompt = clipboard(guide)
    assert prompt.startswith("Help me set up Claude Code")
    assert "# Set up Claude Code" in prompt
    assert PLACEHOLDER in prompt
    assert KEY not in prompt


def test_progress_counts_what_was_done(guide: Page) -> None:
    count = guide.locator("[data-progress-count]")
    expect(count).to_have_text("0 of 4 done")
    copy(guide, "install-1")
    expect(count).to_have_text("1 of 4 done")
    expect(guide.get_by_role("link", name="Install (done)")).to_be_visible()
    paste(guide, KEY)
    expect(count).to_have_text("2 of 4 done")
    copy(guide, "configure-1")
    copy(guide, "verify-1")
    expect(count).to_have_text("3 of 4 done")  # only the visitor knows whether claude answered
    guide.locator("#key").fill("")
    expect(count).to_have_text("2 of 4 done")


def test_all_is_done_when_the_visitor_says_that_claude_answered(guide: Page) -> None:
    guide.get_by_role("button", name="It works: claude answered").click()
    expect(guide.locator("#verified[data-verified]")).to_be_visible()
    expect(guide.locator("[data-progress-count]")).to_have_text("4 of 4 done")
    expect(guide.get_by_role("link", name="Check it works (done)")).to_be_visible()
    choose(guide, "scope", "project")  # another set-up, which nobody has tried
    expect(guide.locator("[data-progress-count]")).to_have_text("0 of 4 done")
