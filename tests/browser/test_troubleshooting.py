"""The help pages in a real browser: what leaves the page, where the focus goes, what a keyboard can do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.doing import clipboard
from tests.real_parts.browser import NewContext

pytestmark = pytest.mark.real("chromium")

KEY = "sk-canary-0123456789abcdefghij"
PASTE = f"""$ claude -p hi
export ANTHROPIC_AUTH_TOKEN="{KEY}"
There's an issue with the selected model (claude-sonnet-4.6). It may not exist or you may not have access to it.
"""
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)


@pytest.fixture
def help_page(page: Page, portal_url: str, complaints: list[str]) -> Page:
    """The list of symptoms for Linux and bash, just opened."""
    page.goto(f"{portal_url}/troubleshoot?os=linux&shell=bash")
    page.wait_for_selector("#paste[data-htmx-powered]")
    return page


@pytest.fixture
def steps_page(page: Page, portal_url: str, complaints: list[str]) -> Page:
    """The steps of a symptom for Linux and bash, just opened."""
    page.goto(f"{portal_url}/troubleshoot/rejected-401?os=linux&shell=bash")
    page.wait_for_selector("#steps button[data-htmx-powered]")
    return page


def opened(page: Page) -> str:
    return str(page.locator("#steps .try:has(> details[open])").get_attribute("data-step"))


def test_keys_are_masked_before_the_text_leaves_the_browser(help_page: Page) -> None:
    sent: list[str] = []

    def keep(request: Request) -> None:
        sent.append(f"{request.url}\n{request.post_data or ''}")

    help_page.on("request", keep)
    help_page.get_by_label("Paste what you see").fill(PASTE)
    help_page.get_by_role("button", name="Find the cause").click()
    expect(help_page.locator("#diagnosis [data-cause]").first).to_be_visible()
    assert any("issue with the selected model" in request for request in sent)
    assert not [request for request in sent if "canary" in request]
    expect(help_page.locator("#text-notice")).to_have_text("Keys masked before sending: 1.")
    assert "canary" not in help_page.get_by_label("Paste what you see").input_value()
    expect(help_page.locator("#title-diagnosis")).to_be_focused()
    expect(help_page.locator("#announcer")).not_to_be_empty()


def test_nothing_is_sent_when_the_field_is_empty(help_page: Page) -> None:
    sent: list[str] = []
    help_page.on("request", lambda request: sent.append(request.url))
    help_page.get_by_role("button", name="Find the cause").click()
    expect(help_page.locator("#text-notice")).to_contain_text("nothing to look at")
    expect(help_page.get_by_label("Paste what you see")).to_be_focused()
    help_page.get_by_label("Paste what you see").press_sequentially("x")
    expect(help_page.locator("#text-notice")).to_be_hidden()
    assert not [address for address in sent if "troubleshoot" in address]


def test_nothing_is_sent_when_the_text_cannot_be_seen(help_page: Page) -> None:
    sent: list[str] = []
    help_page.on("request", lambda request: sent.append(request.url))
    help_page.get_by_label("Paste what you see").evaluate("field => { field.value = '\u200b\u2060\ufeff' }")
    help_page.get_by_role("button", name="Find the cause").click()
    expect(help_page.locator("#text-notice")).to_contain_text("nothing to look at")
    assert not [address for address in sent if "troubleshoot" in address]


@pytest.mark.parametrize("line", ["some line of a terminal\n", "错误：额度不足\n", "😀\n"])
def test_end_of_a_long_text_is_sent_and_the_visitor_is_told(help_page: Page, line: str) -> None:
    text = line * (72_000 // len(line.encode())) + PASTE
    help_page.get_by_label("Paste what you see").evaluate("(field, text) => { field.value = text }", text)
    help_page.get_by_role("button", name="Find the cause").click()
    expect(help_page.locator("#diagnosis [data-cause]").first).to_be_visible()
    expect(help_page.locator("#text-notice")).to_contain_text("Left out at the beginning")


def test_visitor_is_told_when_the_portal_cannot_be_reached(help_page: Page, complaints: list[str]) -> None:
    help_page.route("**/troubleshoot/diagnose*", lambda route: route.abort())
    help_page.get_by_label("Paste what you see").fill(PASTE)
    help_page.get_by_role("button", name="Find the cause").click()
    expect(help_page.locator("#text-notice")).to_contain_text("could not be reached")
    complaints.clear()


def test_answer_opens_the_next_step_in_place(steps_page: Page, portal_url: str) -> None:
    address = steps_page.url
    order = steps_page.locator("#steps .try").evaluate_all("all => all.map((step) => step.dataset.step)")
    first = opened(steps_page)
    steps_page.locator(f'[data-step="{first}"] button[value=not_resolved]').click()
    answered = steps_page.locator(f'[data-step="{first}"]')
    expect(answered).to_have_attribute("data-answer", "not_resolved")
    assert opened(steps_page) == order[1]
    expect(steps_page.locator("#steps .try > details[open] > summary")).to_be_focused()
    assert steps_page.url == address
    expect(steps_page.locator("#announcer")).to_contain_text("1 of")
    steps_page.reload()
    expect(answered).to_have_attribute("data-answer", "not_resolved")
    assert steps_page.locator("#steps .try").evaluate_all("all => all.map((step) => step.dataset.step)") == order
    answered.locator("summary").first.click()
    answered.get_by_role("button", name="Undo", exact=True).click()
    expect(steps_page.locator("[data-answer]")).to_have_count(0)


def test_control_and_enter_send_the_text(help_page: Page) -> None:
    help_page.get_by_label("Paste what you see").fill(PASTE)
    help_page.get_by_label("Paste what you see").press("Control+Enter")
    expect(help_page.locator("#diagnosis [data-cause]").first).to_be_visible()


def test_diagnosis_stays_until_its_steps_are_tried(help_page: Page) -> None:
    help_page.get_by_label("Paste what you see").fill(PASTE)
    help_page.get_by_role("button", name="Find the cause").click()
    expect(help_page.locator("#diagnosis [data-cause]").first).to_be_visible()
    expect(help_page.locator("#title-diagnosis")).to_be_in_viewport()
    expect(help_page.locator("#fold-symptoms")).not_to_have_attribute("open", "")
    names = help_page.locator("#diagnosis .try").evaluate_all("all => all.map((step) => step.dataset.step)")
    order = list(dict.fromkeys(names))
    address = help_page.url
    for at, step in enumerate(order[:-1]):
        shown = help_page.locator(f'#diagnosis [data-step="{step}"] details[open]').first
        shown.get_by_role("button", name="Still broken").or_(shown.locator("button[value=not_resolved]")).first.click()
        answered = help_page.locator(f'#diagnosis [data-step="{step}"]').first
        expect(answered).to_have_attribute("data-answer", "not_resolved")
        following = help_page.locator(f'#diagnosis [data-step="{order[at + 1]}"] summary').first
        expect(following).to_be_focused()
        assert help_page.url == address
    help_page.locator(f'#diagnosis [data-step="{order[-1]}"] button[value=not_resolved]').first.click()
    help_page.wait_for_url(re.compile(r"/troubleshoot/[a-z0-9-]+/[a-z0-9-]+.*#steps"))
    expect(help_page.locator("#steps [data-answer=not_resolved]")).not_to_have_count(0)
    expect(help_page.locator("#steps [data-focus]").first).to_be_focused()


def test_one_step_is_open_at_a_time(steps_page: Page) -> None:
    first = opened(steps_page)
    steps_page.locator("#steps .try > details > summary").nth(3).click()
    expect(steps_page.locator("#steps .try > details[open]")).to_have_count(1)
    assert opened(steps_page) != first


def test_answers_can_be_given_with_the_keyboard_alone(steps_page: Page) -> None:
    steps_page.locator("#steps .try > details[open] > summary").focus()
    for _ in range(12):
        steps_page.keyboard.press("Tab")
        if steps_page.evaluate("document.activeElement.value") == "resolved":
            break
    steps_page.keyboard.press("Enter")
    expect(steps_page.locator("#steps")).to_have_attribute("data-state", "resolved")
    expect(steps_page.get_by_role("heading", name="Good, it works again")).to_be_focused()
    steps_page.get_by_role("button", name="Undo: it does not work after all").press("Enter")
    expect(steps_page.locator("#steps")).to_have_attribute("data-state", "trying")


def test_command_of_a_step_and_the_report_can_be_copied(steps_page: Page) -> None:
    code = steps_page.locator("#steps .try > details[open] [data-snippet=step]").first
    button = steps_page.locator(f'[data-copy="{code.get_attribute("id")}"]')
    button.click()
    expect(button).to_have_attribute("data-copied", "")
    assert clipboard(steps_page) == code.text_content()
    steps_page.get_by_text("Nothing helped", exact=True).click()
    steps_page.locator('[data-copy="bundle"]').click()
    expect(steps_page.locator('[data-copy="bundle"]')).to_have_attribute("data-copied", "")
    assert "symptom: rejected-401" in clipboard(steps_page)


def test_visitor_is_told_when_an_answer_could_not_be_sent(steps_page: Page, complaints: list[str]) -> None:
    steps_page.route("**/troubleshoot/rejected-401/*", lambda route: route.abort())
    first = opened(steps_page)
    steps_page.locator(f'[data-step="{first}"] button[value=not_resolved]').click()
    expect(steps_page.locator(f'[data-step="{first}"] .field-notice')).to_contain_text("nothing was saved")
    expect(steps_page.locator("[data-answer]")).to_have_count(0)
    complaints.clear()


def test_help_of_the_guide_carries_the_machine_that_it_shows(page: Page, portal_url: str) -> None:
    page.goto(f"{portal_url}/?os=macos&shell=zsh")
    page.wait_for_selector("#choices[data-htmx-powered]", state="attached")
    page.locator("#os").select_option("windows")
    expect(page).to_have_url(re.compile("os=windows"))
    expect(page.locator("#shell")).to_have_value("powershell")
    page.get_by_role("navigation", name="Links").get_by_role("link", name="Help").click()
    page.wait_for_url(re.compile(r"/troubleshoot\?os=windows&shell=powershell"))
    expect(page.locator(".summary dd").first).to_contain_text("PowerShell")


@pytest.mark.parametrize("address", ["/troubleshoot", "/troubleshoot/rejected-401"])
def test_machine_is_detected_when_the_address_does_not_name_it(
    new_context: NewContext, portal_url: str, address: str
) -> None:
    page = new_context(user_agent=WINDOWS).new_page()
    page.goto(f"{portal_url}{address}?cause=out-of-credit")
    page.wait_for_url(re.compile(r"cause=out-of-credit&os=windows&shell=powershell"))
    expect(page.locator("#shell")).to_have_value("powershell")


def test_everything_works_without_javascript(new_context: NewContext, portal_url: str) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{portal_url}/troubleshoot")
    for button in page.locator("button").all():
        assert not button.is_visible() or button.get_attribute("type") == "submit"
    page.get_by_text("Another machine or place").click()
    page.get_by_label("You are on").select_option("linux")
    page.get_by_role("button", name="Show this set-up").click()
    page.get_by_label("Paste what you see").fill(PASTE)
    page.get_by_role("button", name="Find the cause").click()
    assert "canary" not in page.content()
    cause = page.locator("#diagnosis [data-cause]").first
    expect(cause).to_be_visible()
    cause.get_by_role("button", name=re.compile("Still broken|All fine here")).first.click()
    expect(page.locator("#steps [data-answer=not_resolved]")).to_have_count(1)
    page.locator("#steps details[open] button[value=resolved]").first.click()
    expect(page.get_by_role("heading", name="Good, it works again")).to_be_visible()
    page.get_by_role("link", name="All symptoms").click()
    page.get_by_role("link", name="Nothing happens for minutes").click()
    expect(page.get_by_role("heading", name="Nothing happens for minutes")).to_be_visible()
