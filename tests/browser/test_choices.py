"""Choosing: the guide changes in place, its address is the link, and what the visitor did stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.doing import KEY, choose, copy, field, paste, settled, texts, unfold
from tests.real_parts.browser import NewContext

pytestmark = pytest.mark.real("chromium")

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
BSD = "Mozilla/5.0 (X11; FreeBSD amd64; rv:144.0) Gecko/20100101 Firefox/144.0"


def test_choice_keeps_key_focus_folds_progress_and_place(guide: Page, portal_url: str) -> None:
    paste(guide, KEY)
    copy(guide, "install-1")
    guide.locator("#fold-places summary").click()
    guide.locator("#scope").focus()
    guide.evaluate("scrollTo(0, 300)")
    choose(guide, "scope", "startup")
    assert guide.url == f"{portal_url}/?os=macos&shell=zsh&scope=startup"
    assert guide.evaluate("document.activeElement.id") == "scope"
    assert guide.evaluate("scrollY") == 300
    assert guide.locator("#fold-places").get_attribute("open") is not None
    assert guide.locator("#fold-options").get_attribute("open") is None
    expect(field(guide)).to_have_value(KEY)
    assert f"export ANTHROPIC_AUTH_TOKEN='{KEY}'" in str(guide.locator("#configure-1").text_content())
    expect(guide.locator("[data-progress-count]")).to_have_text("2 of 4 done")


def test_placeholder_never_flashes_when_the_guide_is_swapped(guide: Page) -> None:
    paste(guide, KEY)
    guide.evaluate(
        """key => {
          window.seen = 0;
          const look = () => {
            if ([...document.querySelectorAll('[data-key]')].some((e) => e.textContent !== key)) window.seen += 1;
            requestAnimationFrame(look);
          };
          look();
        }""",
        KEY,
    )
    choose(guide, "os", "windows")
    choose(guide, "shell", "cmd")
    guide.wait_for_timeout(50)
    assert guide.evaluate("window.seen") == 0


def test_pickers_show_what_the_guide_is_for_when_the_platform_changes(guide: Page, portal_url: str) -> None:
    choose(guide, "shell", "fish")
    choose(guide, "install", "npm")
    choose(guide, "os", "windows")
    expect(guide.locator("#shell")).to_have_value("powershell")
    expect(guide.locator("#install")).to_have_value("npm")
    assert guide.url == f"{portal_url}/?os=windows&shell=powershell&install=npm"
    assert [code.get_attribute("data-shell") for code in guide.locator("[data-shell]").all()].count("powershell") > 3


def test_back_and_forward_show_the_set_up_and_keep_the_key(guide: Page, portal_url: str) -> None:
    paste(guide, KEY)
    choose(guide, "os", "linux")
    choose(guide, "shell", "bash")
    guide.get_by_role("link", name="Check it works").click()
    assert guide.url.endswith("#step-verify")
    choose(guide, "shell", "fish")
    assert guide.url == f"{portal_url}/?os=linux&shell=fish"
    for press, address, shell in (
        (guide.go_back, "/?os=linux&shell=bash#step-verify", "bash"),
        (guide.go_back, "/?os=linux&shell=bash", "bash"),
        (guide.go_back, "/?os=linux&shell=zsh", "zsh"),
        (guide.go_back, "/?os=macos&shell=zsh", "zsh"),
        (guide.go_forward, "/?os=linux&shell=zsh", "zsh"),
        (guide.go_forward, "/?os=linux&shell=bash", "bash"),
        (guide.go_forward, "/?os=linux&shell=bash#step-verify", "bash"),
        (guide.go_forward, "/?os=linux&shell=fish", "fish"),
    ):
        press()
        expect(guide.locator("#shell")).to_have_value(shell)
        expect(guide.locator("#install-1")).to_have_attribute("data-shell", shell)
        assert guide.url == portal_url + address
        settled(guide)
        expect(field(guide)).to_have_value(KEY)
        assert any(KEY in text for text in texts(guide))


def test_option_and_refused_model_id_work_in_place(guide: Page, portal_url: str) -> None:
    guide.get_by_text("Models and options").click()
    guide.get_by_label("No traffic but to the gateway").check()
    guide.wait_for_url("**opt=no-traffic")
    sonnet = guide.get_by_role("combobox", name="Sonnet")
    sonnet.fill("claude-sonnet-4-5")
    sonnet.press("Enter")
    notice = guide.locator("#notice-sonnet")
    expect(notice).to_contain_text("writes versions with a dot")
    expect(sonnet).to_have_attribute("aria-invalid", "true")
    expect(sonnet).to_have_value("claude-sonnet-4-5")
    notice.get_by_role("link", name="Use claude-sonnet-4.5").click()
    assert "sonnet=claude-sonnet-4.5" in guide.url
    expect(guide.get_by_label("No traffic but to the gateway")).to_be_checked()


def test_last_choice_wins_when_choosing_fast(guide: Page, portal_url: str) -> None:
    for scope in ("startup", "terminal", "local", "project"):
        guide.locator("#scope").select_option(scope)
    guide.wait_for_url("**scope=project")
    settled(guide)
    expect(guide.locator("#scope")).to_have_value("project")
    expect(guide.locator("#configure-1")).to_have_attribute("data-snippet", "configure")
    assert guide.url == f"{portal_url}/?os=macos&shell=zsh&scope=project"


def test_choice_is_put_back_when_the_portal_cannot_be_reached(page: Page, portal_url: str) -> None:
    page.goto(f"{portal_url}/?os=macos&shell=zsh")
    page.context.set_offline(offline=True)
    page.locator("#os").select_option("windows")
    expect(page.locator(".notices + .now")).to_contain_text("your choice was put back")
    expect(page.locator("#os")).to_have_value("macos")
    page.context.set_offline(offline=False)
    choose(page, "os", "linux")
    expect(page.locator(".notices + .now")).to_have_count(0)


@pytest.mark.parametrize(
    ("agent", "shell", "hint"),
    [
        pytest.param(WINDOWS, "powershell", "Detected", id="windows"),
        pytest.param(MAC, "zsh", "Detected", id="mac"),
        pytest.param(LINUX, "bash", "Detected", id="linux"),
        pytest.param(PHONE, "zsh", "Choose the computer you want to set up", id="phone"),
        pytest.param(BSD, "zsh", "Choose the computer you want to set up", id="unknown"),
    ],
)
def test_machine_is_detected(new_context: NewContext, portal_url: str, agent: str, shell: str, hint: str) -> None:
    page = new_context(user_agent=agent).new_page()
    if agent == BSD:  # Playwright would call it Linux there
        page.add_init_script("Object.defineProperty(Navigator.prototype, 'userAgentData', { value: undefined })")
    page.goto(f"{portal_url}/?scope=startup")
    expect(page.locator("[data-machine-hint]")).to_contain_text(hint)
    expect(page.locator("#shell")).to_have_value(shell)
    expect(page.locator("#install-1")).to_have_attribute("data-shell", shell)
    expect(page.locator("#install-1")).to_be_visible()
    expect(page.locator("#scope")).to_have_value("startup")
    known = hint == "Detected"
    assert (f"shell={shell}" in page.url, page.evaluate("history.length")) == (known, 2)


def test_machine_of_the_link_is_kept_when_another_is_detected(new_context: NewContext, portal_url: str) -> None:
    page = new_context(user_agent=WINDOWS).new_page()
    page.goto(f"{portal_url}/?os=linux&shell=fish")
    page.wait_for_timeout(200)
    expect(page.locator("#shell")).to_have_value("fish")


def test_header_follows_everywhere_and_its_fold_stays_open_when_it_is_chosen(guide: Page) -> None:
    unfold(guide, "#auth")
    choose(guide, "auth", "x-api-key")
    assert "auth=x-api-key" in guide.url
    expect(guide.locator("#auth")).to_be_visible()
    assert any('"ANTHROPIC_AUTH_TOKEN": ""' in text for text in texts(guide))
    assert any("auth=x-api-key" in text for text in texts(guide))
    guide.locator("#opt-no-thinking").check()
    guide.wait_for_url("**opt=no-thinking**")
    settled(guide)
    expect(guide.locator("#opt-no-thinking")).to_be_checked()
    assert any('"CLAUDE_CODE_DISABLE_THINKING": "1"' in text for text in texts(guide))
    choose(guide, "auth", "bearer")
    assert "auth=" not in guide.url
    assert any('"ANTHROPIC_API_KEY": ""' in text for text in texts(guide))
