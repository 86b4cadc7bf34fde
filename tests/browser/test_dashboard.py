"""The operator's dashboard in a real browser: charts, refreshing, accessibility, and visitors who are really there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Page, expect

from portal.app import create_app
from portal.demo import DEMO_OPERATOR, demo_keys, fill_demo
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.browser.doing import choose
from tests.real_parts.browser import NewContext
from tests.real_parts.node_tools import axe_violations, html_problems
from tests.real_parts.servers import serve
from tests.support.databases import in_new_loop

pytestmark = pytest.mark.real("chromium")

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
FILLED_SECONDS = 15.0
"""How long filling the demo may take in a test run on a busy machine; alone it takes about three."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The demo, filled: its address and the operator's password."""
    address = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    made: list[str] = []

    async def fill() -> None:
        made.append(await fill_demo(address, ZoneInfo("UTC"), now=int(time.time() * 1000)))

    began = time.process_time()
    in_new_loop(fill())
    assert time.process_time() - began < FILLED_SECONDS
    gateway = GatewayClient(transport=httpx.ASGITransport(create_fake_gateway()))
    settings = Settings(database_url=address, retention_days=365)
    with serve(create_app(settings, load_profile("tokenbay"), client=gateway, demo_keys=demo_keys())) as url:
        yield url, made[0]


def sign_in(page: Page, demo: tuple[str, str]) -> None:
    page.goto(f"{demo[0]}/admin")
    page.get_by_label("Name").fill(DEMO_OPERATOR)
    page.get_by_label("Password").fill(demo[1])
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#figures")).to_be_visible()


def number(page: Page, name: str) -> int:
    return int(page.locator(f'[data-stat="{name}"]').get_attribute("data-value") or 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(
    new_context: NewContext, demo: tuple[str, str], scheme: str, viewport: dict[str, int]
) -> None:
    page = new_context(color_scheme=scheme, viewport=viewport, reduced_motion="reduce").new_page()
    sign_in(page, demo)
    wrong: dict[str, Any] = {}
    queries = ("", "?days=90&compare=yes&platform=windows", "?from=2020-01-01&to=2020-02-01", "/definitions")
    for address in (f"/admin{query}" for query in queries):
        page.goto(demo[0] + address)
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        if found := axe_violations(page):
            wrong[address] = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert wrong == {}


def test_html_is_valid(page: Page, demo: tuple[str, str]) -> None:
    sign_in(page, demo)
    html = page.request.get(f"{demo[0]}/admin?days=90&compare=yes").text()
    assert html_problems(html) == []


def test_charts_are_drawn_from_their_tables(page: Page, demo: tuple[str, str], complaints: list[str]) -> None:
    sign_in(page, demo)
    for name in ("checks", "help"):
        expect(page.locator(f"#chart-{name} canvas")).to_have_count(1)
        inked = page.locator(f"#chart-{name} canvas").evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(value => value)"
        )
        assert inked
        expect(page.locator(f"#chart-{name}")).to_have_attribute("aria-hidden", "true")
        expect(page.locator(f"#twin-{name} tbody tr")).to_have_count(30)
    assert "Simulated visits" in page.locator("#figures").inner_text()


def test_refreshing_keeps_the_readers_place(page: Page, demo: tuple[str, str], complaints: list[str]) -> None:
    sign_in(page, demo)
    before = number(page, "funnel.opened")
    page.locator("#twin-help > summary").click()
    page.locator("#twin-help > summary").focus()
    page.evaluate("scrollTo(0, 900)")
    place = page.evaluate("scrollY")
    with httpx.Client(base_url=demo[0]) as visitor:
        answer = visitor.post("/journey", json={"events": [{"id": "a" * 24, "kind": "opened", "platform": "macos"}]})
        assert answer.status_code == 200
    page.evaluate("htmx.ajax('GET', '/admin?live=1', { source: '#figures', target: '#figures', swap: 'outerMorph' })")
    expect(page.locator('[data-stat="funnel.opened"]')).to_have_attribute("data-value", str(before + 1))
    expect(page.locator("#twin-help")).to_have_attribute("open", "")
    expect(page.locator("#chart-help canvas")).to_have_count(1)
    assert page.evaluate("document.activeElement.closest('details')?.id") == "twin-help"
    assert abs(page.evaluate("scrollY") - place) < 3


def test_page_asks_again_only_while_somebody_looks(page: Page, demo: tuple[str, str]) -> None:
    page.clock.install(time=datetime.now(UTC))
    sign_in(page, demo)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "live=1" in request.url else None)
    page.clock.run_for(31_000)
    page.wait_for_timeout(300)
    assert len(asked) == 1
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })")
    page.clock.run_for(65_000)
    page.wait_for_timeout(300)
    assert len(asked) == 1


def test_real_visitors_are_counted(new_context: NewContext, demo: tuple[str, str]) -> None:
    """Three browsers go through the guide: one stops after choosing, one copies, one says that it works."""
    operator = new_context().new_page()
    sign_in(operator, demo)
    names = [f"funnel.{stage}" for stage in ("opened", "chosen", "taken", "verified")]
    before = [number(operator, name) for name in names]
    for last in ("chosen", "taken", "verified"):
        visitor = new_context().new_page()
        visitor.goto(f"{demo[0]}/?os=macos&shell=zsh")
        visitor.wait_for_selector("#choices[data-htmx-powered]", state="attached")
        choose(visitor, "os", "windows")
        if last != "chosen":
            visitor.locator("[data-copy]:visible").first.click()
            expect(visitor.locator("#announcer")).not_to_be_empty()
        if last == "verified":
            visitor.get_by_role("button", name="It works").click()
            expect(visitor.get_by_text("Good: you are set up.")).to_be_visible()
        visitor.goto("about:blank")  # leaving sends what is still to be sent
        visitor.wait_for_timeout(500)
    operator.goto(f"{demo[0]}/admin")
    after = [number(operator, name) for name in names]
    assert [new - old for new, old in zip(after, before, strict=True)] == [3, 3, 2, 1]
