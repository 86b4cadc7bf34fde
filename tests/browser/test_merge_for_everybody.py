"""The fold “Merge it here” with a keyboard, a screen reader, a narrow window, a bad connection, and no JavaScript."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.merging import READY, give, merged, open_fold, problem
from tests.real_parts.browser import NewContext
from tests.real_parts.node_tools import axe_violations

pytestmark = pytest.mark.real("chromium")

FILE = """\
{
  // my own settings
  "model": "claude-3",
  "env": {"MAX_THINKING_TOKENS": 5, "ANTHROPIC_AUTH_TOKEN": "sk-of-another-gateway-9999"},
  "permissions": {"allow": ["Bash(a command that is longer than the window of a phone is wide:*)"]}
}
"""


def test_everything_works_with_the_keyboard(guide: Page) -> None:
    guide.locator("#fold-merge summary").focus()
    guide.keyboard.press("Enter")
    guide.wait_for_function(READY)
    guide.keyboard.press("Tab")
    expect(guide.get_by_label("Paste all that stands in")).to_be_focused()
    guide.keyboard.insert_text('{"model": "claude-3", "env": {"MAX_THINKING_TOKENS": 5}}')
    expect(guide.locator("#announcer")).to_have_text("Merged: 7 added. To look at: 2")
    for name in ("Choose the file", "Start over", "Fix all", "Make it text MAX_THINKING_TOKENS", "Remove it model"):
        guide.keyboard.press("Tab")
        expect(guide.get_by_role("button", name=name)).to_be_focused()
    guide.keyboard.press("Enter")
    expect(guide.get_by_role("button", name="Take back model")).to_be_focused()
    expect(guide.locator("#announcer")).to_have_text("Merged: 7 added, 1 removed. To look at: 1")
    guide.keyboard.press("Enter")
    expect(guide.get_by_role("button", name="Remove it model")).to_be_focused()
    guide.get_by_role("button", name="Fix all").press("Enter")
    expect(guide.get_by_role("heading", name="Nothing is left to look at.")).to_be_focused()
    assert json.loads(merged(guide))["env"]["MAX_THINKING_TOKENS"] == "5"
    assert "model" not in json.loads(merged(guide))
    guide.get_by_role("button", name="Start over").press("Enter")
    expect(guide.get_by_label("Paste all that stands in")).to_be_focused()
    expect(guide.locator("#merge-out")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 320])
def test_axe_finds_nothing_in_the_open_fold(new_context: NewContext, portal_url: str, scheme: str, width: int) -> None:
    context = new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{portal_url}/?os=macos&shell=zsh&scope=project")
    page.locator("#choices[data-htmx-powered]").wait_for(state="attached")
    open_fold(page)
    found = axe_violations(page)
    give(page, FILE)
    found += axe_violations(page)
    problem(page, "model").get_by_role("button").click()
    found += axe_violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    give(page, FILE[:-3])
    found += axe_violations(page)
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


def test_script_is_asked_for_again_when_it_could_not_be_loaded(page: Page, portal_url: str) -> None:
    page.goto(f"{portal_url}/?os=macos&shell=zsh")
    page.route("**/static/merge.*", lambda route: route.abort())
    summary = page.locator("#fold-merge summary")
    summary.click()
    expect(page.locator("#fold-merge .now")).to_contain_text("could not be loaded")
    page.unroute("**/static/merge.*")
    page.get_by_label("Paste all that stands in").fill("{}")
    summary.click()
    summary.click()
    expect(page.locator("#merged")).to_contain_text("ANTHROPIC_MODEL")


def test_first_visit_does_not_load_what_merges(page: Page, portal_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(portal_url, wait_until="networkidle")
    assert not [url for url in asked if "/merge." in url]


def test_fold_says_what_to_do_by_hand_without_javascript(new_context: NewContext, portal_url: str) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(portal_url)
    page.locator("#fold-merge summary").click()
    expect(page.locator("#fold-merge > p")).to_contain_text("copy the entries of its “env” into the “env” of your file")
    expect(page.locator("#fold-merge .merge")).to_be_hidden()
