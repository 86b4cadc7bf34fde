"""The help pages measured: accessibility, valid HTML, width, stability."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_quality import _SHIFTS, DESKTOP, PHONE
from tests.real_parts.browser import NewContext
from tests.real_parts.node_tools import axe_violations, html_problems

pytestmark = pytest.mark.real("chromium")

STEPS = "/troubleshoot/changes-ignored?os=windows&shell=powershell"
PAGES = [
    "/troubleshoot?os=linux&shell=bash",
    "/troubleshoot?os=windows&shell=cmd&cause=leftover-api-key",
    "/troubleshoot/rejected-401?os=macos&shell=fish&scope=project",
    STEPS,
]
SETTINGS = """{
  "env": {
    "ANTHROPIC_BASE_URL": "https://api.tokenbay.com/v1",
    "ANTHROPIC_AUTH_TOKEN": 12,
  }
}
"""


def unfold(page: Page) -> None:
    """Open everything, also the steps that close each other."""
    page.evaluate(
        "document.querySelectorAll('details').forEach((fold) => { fold.removeAttribute('name'); fold.open = true; })"
    )


def diagnosed(page: Page, text: str) -> None:
    page.get_by_label("Paste what you see").fill(text)
    page.get_by_role("button", name="Find the cause").click()
    expect(page.locator("#diagnosis")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_the_help_pages(
    new_context: NewContext, portal_url: str, scheme: str, viewport: dict[str, int]
) -> None:
    page = new_context(color_scheme=scheme, viewport=viewport, reduced_motion="reduce").new_page()
    found: dict[str, Any] = {}
    for address in PAGES:
        page.goto(portal_url + address)
        found[address] = axe_violations(page)
        unfold(page)
        found[f"{address} unfolded"] = axe_violations(page)
    page.goto(portal_url + PAGES[0])
    for text in (SETTINGS, "The weather is fine today."):
        diagnosed(page, text)
        found[text] = axe_violations(page)
    page.goto(portal_url + STEPS)
    for outcome in ("not_resolved", "skipped", "resolved"):
        before = page.locator("[data-answer]").count()
        page.locator(f"#steps .try > details[open] button[value={outcome}]").click()
        expect(page.locator("[data-answer]")).to_have_count(before + 1)
        found[outcome] = axe_violations(page)
    wrong = {where: [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in all_] for where, all_ in found.items()}
    assert {where: violations for where, violations in wrong.items() if violations} == {}


@pytest.mark.parametrize("viewport", [{"width": 320, "height": 640}, PHONE, DESKTOP], ids=["320", "phone", "desktop"])
def test_nothing_on_the_help_pages_is_wider_than_the_window(
    new_context: NewContext, portal_url: str, viewport: dict[str, int]
) -> None:
    page = new_context(viewport=viewport).new_page()
    for address in PAGES:
        page.goto(portal_url + address)
        unfold(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], address
    page.goto(portal_url + PAGES[0])
    diagnosed(page, SETTINGS + "x" * 500)
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.real("html-validate")
def test_html_of_the_help_pages_is_valid(page: Page, portal_url: str) -> None:
    config = Path(__file__).with_name("html-validate.json")
    request = page.context.request
    for address in PAGES:
        assert html_problems(request.get(portal_url + address).text(), config=config) == [], address
    for text in (SETTINGS, "API Error: 401 Invalid token", "", "nothing of the kind"):
        answer = request.post(f"{portal_url}/troubleshoot/diagnose", form={"text": text, "os": "linux"})
        assert html_problems(answer.text(), config=config) == [], text
    for outcome in ("not_resolved", "resolved", "nonsense"):
        answer = request.post(
            f"{portal_url}/troubleshoot/rejected-401/remove-leftover-key", form={"outcome": outcome, "os": "linux"}
        )
        assert html_problems(answer.text(), config=config) == [], outcome


@pytest.mark.parametrize("address", [PAGES[0], STEPS])
def test_nothing_moves_while_a_help_page_loads(new_context: NewContext, portal_url: str, address: str) -> None:
    page = new_context(viewport=DESKTOP).new_page()
    page.add_init_script(_SHIFTS)
    page.goto(portal_url + address, wait_until="networkidle")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") == 0
