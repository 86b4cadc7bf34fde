"""The check while it runs and what can be done with its verdict: announcements, cancel, presses, keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from tests.browser.doing import field, texts

pytestmark = pytest.mark.real("chromium")

_LISTEN = """
window.said = [];
new MutationObserver(() => {
  const text = document.getElementById('announcer').textContent;
  if (text) window.said.push(text);
}).observe(document.getElementById('announcer'), { childList: true, characterData: true, subtree: true });
"""


def press_check(page: Page, behaviour: Behaviour) -> Locator:
    field(page).fill(DEMO_KEYS[behaviour])
    page.get_by_role("button", name="Check key").click()
    return page.locator("#key-check")


@pytest.mark.parametrize(
    ("behaviour", "code", "tone", "next_action"),
    [
        (Behaviour.GOOD, "accepted", "passed", "Go on with step 3"),
        (Behaviour.ONE_BLOCK, "buffered", "warning", "switch buffering off"),
        (Behaviour.REJECTED, "rejected", "failed", "Copy the key again"),
        (Behaviour.OUT_OF_CREDIT, "out-of-credit", "failed", "Add credit"),
        (Behaviour.CUT_STREAM, "stream-broken", "failed", "Check again in a few minutes"),
    ],
)
def test_verdict_says_what_to_do_next(
    guide: Page, behaviour: Behaviour, code: str, tone: str, next_action: str
) -> None:
    region = press_check(guide, behaviour)
    expect(region).to_have_attribute("data-verdict", code)
    expect(region).to_have_class(f"key-check verdict verdict-{tone}")
    expect(region.locator(".next")).to_contain_text(next_action)
    expect(region.locator("[data-state=running], [data-state=waiting]")).to_have_count(0)


def test_progress_is_announced_calmly_and_the_verdict_once(guide: Page) -> None:
    guide.evaluate(_LISTEN)
    region = press_check(guide, Behaviour.OPUS_SLOW)
    expect(region).to_have_attribute("data-verdict", "accepted", timeout=15_000)
    sentence = region.locator(".verdict-sentence").inner_text()
    guide.wait_for_function("sentence => window.said.some((text) => text.includes(sentence))", arg=sentence)
    said = guide.evaluate("window.said")
    assert said[0] == "Checking your key."
    assert "Address: passed, Key: passed" in said[1]
    assert len([text for text in said if sentence in text]) == 1
    assert len(said) <= 6


def test_cancel_keeps_what_was_found_and_says_so(guide: Page) -> None:
    region = press_check(guide, Behaviour.OPUS_SLOW)
    expect(region.locator("[data-step=credential]")).to_have_attribute("data-state", "passed")
    guide.get_by_role("button", name="Cancel").click()
    expect(region.locator(".verdict-sentence")).to_have_text(
        "Stopped. What is marked as passed has passed; the rest was not checked."
    )
    expect(region.locator("[data-step=credential]")).to_have_attribute("data-state", "passed")
    expect(region.locator("[data-state=running], [data-state=waiting]")).to_have_count(0)
    expect(region.locator("[data-model=claude-opus-4\\.8]")).to_have_attribute("data-state", "not-checked")
    expect(region.locator("[data-step=models] .took")).to_have_count(0)
    expect(region).not_to_have_attribute("aria-busy", "true")
    assert region.get_attribute("data-verdict") is None
    expect(guide.get_by_role("button", name="Check key")).to_be_enabled()
    expect(guide.get_by_role("button", name="Check key")).to_be_focused()


_HALF_A_CHECK = """
const real = window.fetch;
window.fetch = async (address, options) => {
  const response = await real(address, options);
  if (!String(address).includes('/key-check/live')) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream({
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done) return controller.close();
      controller.enqueue(value);
      if (new TextDecoder().decode(value).includes('data-step="credential" data-state="passed"')) {
        reader.cancel();
        setTimeout(() => controller.error(new TypeError('network error')), 300);
        await new Promise(() => {});
      }
    },
  });
  return new Response(body, { headers: response.headers });
};
0;
"""


def test_what_was_found_stays_when_the_connection_is_lost_in_the_middle(guide: Page) -> None:
    guide.evaluate(_HALF_A_CHECK)
    region = press_check(guide, Behaviour.OPUS_SLOW)
    expect(region.locator(".verdict-sentence")).to_contain_text("The connection to the portal broke.")
    expect(region.locator("[data-step=credential]")).to_have_attribute("data-state", "passed")
    expect(region.locator("[data-state=running], [data-state=waiting]")).to_have_count(0)
    expect(guide.get_by_role("button", name="Check key")).to_be_enabled()


def test_check_can_be_run_and_cancelled_by_keyboard_alone(guide: Page) -> None:
    field(guide).focus()
    guide.keyboard.insert_text(DEMO_KEYS[Behaviour.SLOW])
    guide.keyboard.press("Enter")
    cancel = guide.get_by_role("button", name="Cancel")
    expect(guide.locator("#key-check [data-step=credential]")).to_have_attribute("data-state", "running")
    for _ in range(12):
        guide.keyboard.press("Tab")
        if cancel.evaluate("button => button === document.activeElement"):
            break
    expect(cancel).to_be_focused()
    guide.keyboard.press("Enter")
    expect(guide.locator("#key-check")).to_contain_text("Stopped.")


def test_focus_stays_on_cancel_while_the_steps_change(guide: Page) -> None:
    press_check(guide, Behaviour.OPUS_SLOW)
    guide.get_by_role("button", name="Cancel").focus()
    expect(guide.locator("#key-check [data-step=streaming]")).to_have_attribute("data-state", "passed")
    expect(guide.get_by_role("button", name="Cancel")).to_be_focused()


def test_nothing_starts_again_when_the_visitor_comes_back_to_the_tab(guide: Page) -> None:
    asked: list[str] = []
    guide.on("request", lambda request: asked.append(request.url) if "/key-check" in request.url else None)
    region = press_check(guide, Behaviour.GOOD)
    expect(region).to_have_attribute("data-verdict", "accepted")
    guide.evaluate("document.dispatchEvent(new Event('visibilitychange')); window.dispatchEvent(new Event('focus'))")
    guide.wait_for_timeout(300)
    assert len(asked) == 1


def test_press_puts_the_nearest_model_into_the_choices_and_keeps_the_key(guide: Page, portal_url: str) -> None:
    guide.goto(f"{portal_url}/?os=macos&shell=zsh&haiku=claude-haiku-5.4")
    region = press_check(guide, Behaviour.GOOD)
    expect(region).to_have_attribute("data-verdict", "models-missing")
    region.get_by_role("link", name="Use claude-haiku-4.5").click()
    expect(guide.locator("#haiku")).to_have_value("claude-haiku-4.5")
    expect(region).to_contain_text("Your set-up now uses it.")
    assert any(DEMO_KEYS[Behaviour.GOOD] in text for text in texts(guide))
    guide.get_by_role("button", name="Check key").click()
    expect(region).to_have_attribute("data-verdict", "accepted")


def test_pickers_offer_what_the_key_can_use(guide: Page) -> None:
    offered = "[...document.getElementById('offered').options].map((option) => option.value)"
    before = guide.evaluate(offered)
    region = press_check(guide, Behaviour.HAIKU_MISSING)
    expect(region).to_have_attribute("data-verdict", "models-missing")
    usable = guide.evaluate(offered)
    assert "claude-sonnet-4.6" in usable
    assert "claude-haiku-4.5" not in usable
    guide.locator("#scope").select_option("terminal")
    guide.wait_for_url("**scope=terminal")
    assert guide.evaluate(offered) == usable
    field(guide).fill("sk-another")
    assert guide.evaluate(offered) == before


def test_rehearsal_is_a_second_press_that_names_its_price(guide: Page) -> None:
    region = press_check(guide, Behaviour.WAF_BODY)
    expect(region).to_have_attribute("data-verdict", "accepted")
    step = region.locator("[data-step=rehearsal]")
    expect(step).to_contain_text("input tokens")
    region.get_by_role("button", name="Run it").click()
    expect(region).to_have_attribute("data-verdict", "part-refused", timeout=20_000)
    expect(step).to_have_attribute("data-state", "failed")


def test_command_to_ask_by_hand_holds_the_visitor_s_key_in_a_variable(guide: Page) -> None:
    region = press_check(guide, Behaviour.GOOD)
    region.get_by_text("Ask it yourself with curl").click()
    lines = str(guide.locator("#ask-1").text_content()).split("\n")
    assert lines[0] == f"KEY='{DEMO_KEYS[Behaviour.GOOD]}'"
    assert DEMO_KEYS[Behaviour.GOOD] not in "".join(lines[1:])
    assert '"$KEY"' in "".join(lines[1:])
