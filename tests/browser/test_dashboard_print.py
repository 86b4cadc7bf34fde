"""The filled dashboard on paper: charts and tables are there, whole, and nothing is cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.test_dashboard import demo, sign_in  # noqa: F401 - a fixture

pytestmark = pytest.mark.real("chromium")

PAPER: ViewportSize = {"width": 718, "height": 1000}
"""A4 with margins of a centimetre, in CSS pixels."""


def test_everything_is_there_when_it_is_printed(page: Page, demo: tuple[str, str]) -> None:  # noqa: F811 - the fixture
    page.set_viewport_size(PAPER)
    sign_in(page, demo)
    expect(page.locator("#chart-help canvas")).to_have_count(1)
    page.emulate_media(media="print")
    page.wait_for_timeout(500)  # charts follow the width of their place
    for name in ("checks", "help"):
        chart = page.locator(f"#chart-{name} canvas").bounding_box()
        assert chart
        assert chart["width"] > 300
        assert chart["height"] > 80
        rows = page.locator(f"#table-{name} tbody tr")
        assert rows.last.bounding_box() is not None, "the table is closed"
    wide = page.evaluate(
        """[...document.querySelectorAll('#figures :is(section, table, canvas, p, ul, svg)')]
            .filter(one => one.getClientRects().length && !one.closest('svg *, .visually-hidden'))
            .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
                || (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible'))
            .map(one => one.outerHTML.slice(0, 90))"""
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_charts_are_as_wide_as_the_paper_when_a_wide_window_is_printed(page: Page, demo: tuple[str, str]) -> None:  # noqa: F811 - the fixture
    page.set_viewport_size({"width": 1600, "height": 900})
    sign_in(page, demo)
    expect(page.locator("#chart-help canvas")).to_have_count(1)
    wide = "[...document.querySelectorAll('.chart canvas')].map((one) => one.getBoundingClientRect().width)"
    before = page.evaluate(wide)
    page.evaluate(f"addEventListener('beforeprint', () => {{ window.printed = {wide}; }})")
    page.pdf(format="A4")
    assert all(600 < width < PAPER["width"] for width in page.evaluate("window.printed"))
    page.wait_for_timeout(300)
    assert page.evaluate(wide) == before
