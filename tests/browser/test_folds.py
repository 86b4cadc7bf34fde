"""Links to a fold: a report of the scripts leads straight to the repair in the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.real_parts.browser import NewContext

pytestmark = pytest.mark.real("chromium")

LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15"


def expect_open(page: Page) -> None:
    expect(page.locator("#fold-merge")).to_have_attribute("open", "")
    expect(page.locator("#fold-merge textarea")).to_be_visible()
    expect(page.locator("#fold-merge > summary")).to_be_in_viewport()


@pytest.mark.parametrize("agent", [LINUX, MAC])
@pytest.mark.parametrize("query", ["", "?os=linux&shell=bash"])
def test_link_to_the_repair_opens_it(new_context: NewContext, portal_url: str, query: str, agent: str) -> None:
    page = new_context(user_agent=agent).new_page()
    page.goto(f"{portal_url}/{query}#fold-merge")
    expect(page.locator("#guide:not([data-detect])")).to_be_visible()
    expect_open(page)
    expect(page).to_have_url(re.compile(r"\?os=.*#fold-merge$"))


def test_link_inside_the_page_opens_the_fold_too(guide: Page) -> None:
    guide.evaluate("location.hash = '#fold-merge'")
    expect_open(guide)


def test_link_to_anything_else_opens_nothing(guide: Page) -> None:
    guide.evaluate("location.hash = '#step-verify'")
    guide.wait_for_timeout(100)
    expect(guide.locator("details[open]")).to_have_count(0)
