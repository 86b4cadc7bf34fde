"""What is measured: accessibility, valid HTML, weight, stability, speed; the numbers are printed (`pytest -s`)."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from tests.browser.doing import field, settled
from tests.real_parts.browser import NewContext
from tests.real_parts.node_tools import axe_violations, html_problems, lighthouse_report

pytestmark = pytest.mark.real("chromium")

MAX_BYTES = 60 * 1024
MAX_REQUESTS = 8
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}

HARD_PAGES = [
    "/?os=macos&shell=zsh",
    "/?os=windows&shell=cmd&scope=project",
    "/?os=linux&shell=fish&opus=claude-opus-4-8&timeout_ms=soon&scope=nowhere",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(new_context: NewContext, portal_url: str, scheme: str, viewport: dict[str, int]) -> None:
    page = new_context(color_scheme=scheme, viewport=viewport, reduced_motion="reduce").new_page()
    found: dict[str, Any] = {}
    for address in HARD_PAGES:
        page.goto(portal_url + address)
        page.locator("[data-copy]").first.wait_for()
        found[address] = axe_violations(page)
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        page.locator('[data-copy="configure-1"]').click()
        for key in (DEMO_KEYS[Behaviour.GOOD], DEMO_KEYS[Behaviour.REJECTED]):
            field(page).fill(key)
            page.get_by_role("button", name="Check key").click()
            expect(page.locator("[data-verdict]")).to_have_count(1)
            settled(page)
            found[f"{address} {key}"] = axe_violations(page)
        field(page).fill("sk-$")
        found[f"{address} no key"] = axe_violations(page)
    page.goto(f"{portal_url}/nowhere")
    found["error"] = axe_violations(page)
    wrong = {where: [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in all_] for where, all_ in found.items()}
    assert {where: violations for where, violations in wrong.items() if violations} == {}


@pytest.mark.parametrize("viewport", [{"width": 320, "height": 640}, PHONE, DESKTOP], ids=["320", "phone", "desktop"])
def test_nothing_is_wider_than_the_window(new_context: NewContext, portal_url: str, viewport: dict[str, int]) -> None:
    page = new_context(viewport=viewport).new_page()
    for address in HARD_PAGES:
        page.goto(portal_url + address)
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.real("html-validate")
def test_html_is_valid(page: Page, portal_url: str) -> None:
    config = Path(__file__).with_name("html-validate.json")
    request = page.context.request
    for address in HARD_PAGES:
        assert html_problems(request.get(portal_url + address).text(), config=config) == []
    answer = request.post(f"{portal_url}/key-check", form={"key": DEMO_KEYS[Behaviour.REJECTED], "os": "linux"})
    assert html_problems(answer.text(), config=config) == []
    assert html_problems(request.get(f"{portal_url}/nowhere").text(), config=config) == []


def test_first_visit_is_light(new_context: NewContext, portal_url: str) -> None:
    page = new_context().new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on(
        "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
    )
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(portal_url, wait_until="networkidle")
    total = sum(sizes.values())
    for request, size in sizes.items():
        print(f"\n{size:7} bytes  {addresses[request].removeprefix(portal_url)[:60]}", end="")  # noqa: T201
    print(f"\n{total:7} bytes in {len(sizes)} requests, headers included")  # noqa: T201
    assert total <= MAX_BYTES
    assert len(sizes) <= MAX_REQUESTS


_SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: 'layout-shift', buffered: true });
"""


@pytest.mark.parametrize("viewport", [DESKTOP, {"width": 1920, "height": 1080}, PHONE], ids=["laptop", "wide", "phone"])
@pytest.mark.parametrize("address", ["/", "/?os=linux&shell=bash"])
def test_nothing_moves_while_the_page_loads(
    new_context: NewContext, portal_url: str, viewport: dict[str, int], address: str
) -> None:
    page = new_context(user_agent=WINDOWS, viewport=viewport).new_page()
    page.add_init_script(_SHIFTS)
    page.goto(portal_url + address, wait_until="networkidle")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") == 0


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("address", ["/", "/troubleshoot?os=macos&shell=zsh"])
def test_page_is_not_painted_in_pieces_on_a_slow_machine(
    new_context: NewContext, portal_url: str, viewport: dict[str, int], address: str
) -> None:
    """Without the first painting waiting for the whole page, two of five visits see something move."""
    for _ in range(3):
        page = new_context(user_agent=WINDOWS, viewport=viewport).new_page()
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 8})
        page.add_init_script(_SHIFTS)
        page.goto(portal_url + address, wait_until="networkidle")
        page.wait_for_timeout(300)
        assert page.evaluate("window.shift") == 0
        page.context.close()


def test_first_screen_of_a_laptop_shows_what_matters(new_context: NewContext, portal_url: str) -> None:
    page = new_context(viewport=DESKTOP).new_page()
    for query in ("os=macos&shell=zsh", "os=windows&shell=powershell", "os=windows&shell=cmd", "os=linux&shell=fish"):
        page.goto(f"{portal_url}/?{query}")
        for selector in (
            ".brand",
            "h1",
            ".intro p",
            "#os",
            "#shell",
            "#key",
            "[data-check-key]",
            '[data-copy="apply-1"]',
        ):
            box = page.locator(selector).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] < DESKTOP["height"], selector
        command = page.locator("#apply-1").bounding_box()
        assert command is not None
        assert command["y"] + command["height"] < DESKTOP["height"]


def test_swap_is_quick(guide: Page) -> None:
    took = guide.evaluate(
        """async () => {
          const took = [];
          const shells = ['bash', 'zsh', 'fish', 'zsh', 'bash', 'zsh', 'fish', 'bash', 'zsh', 'fish', 'zsh', 'bash'];
          for (const shell of shells) {
            const select = document.getElementById('shell');
            select.value = shell;
            const start = performance.now();
            await new Promise((done) => {
              document.addEventListener('htmx:after:swap', () => requestAnimationFrame(() => done()), { once: true });
              select.dispatchEvent(new Event('change', { bubbles: true }));
            });
            took.push(performance.now() - start);
            await new Promise((done) => setTimeout(done, 30));
          }
          return took;
        }"""
    )
    print(f"\nswap: median {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms")  # noqa: T201
    assert statistics.median(took) < 100


def test_theme_can_be_chosen_and_is_remembered(guide: Page) -> None:
    toggle = guide.locator("[data-theme-toggle]")
    background = "getComputedStyle(document.body).backgroundColor"
    light = guide.evaluate(background)
    toggle.click()
    dark = guide.evaluate(background)
    assert dark != light
    guide.reload()
    assert guide.evaluate(background) == dark
    assert guide.evaluate("JSON.stringify(localStorage)") == '{"theme":"dark"}'
    toggle.click()
    assert guide.evaluate(background) == light


@pytest.mark.real("lighthouse")
@pytest.mark.parametrize("preset", ["mobile", "desktop"])
def test_lighthouse_gives_full_marks(portal_url: str, tmp_path: Path, preset: str) -> None:
    options = ["--preset=desktop"] if preset == "desktop" else []
    marks: dict[str, int] = {}
    for attempt in range(6):  # its simulated phone feels what else this machine does at the moment
        try:
            report = lighthouse_report(portal_url, folder=tmp_path, options=options)
        except RuntimeError as broken:  # now and then it loses the browser's trace; that says nothing about the page
            if attempt == 5:
                raise
            print(f"\nLighthouse is asked again: {broken}")  # noqa: T201
            continue
        marks = {name: round(100 * category["score"]) for name, category in report["categories"].items()}
        print(f"\n{preset}: {marks}")  # noqa: T201
        if set(marks.values()) == {100}:
            break
    assert set(marks.values()) == {100}
