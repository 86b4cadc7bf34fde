"""The key: filled in everywhere, masked, cleaned, and nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from playwright.sync_api import Page, Request, expect

from portal.keys import PLACEHOLDER
from tests.browser.doing import KEY, choose, copy, field, paste, settled, texts

pytestmark = pytest.mark.real("chromium")


def test_key_is_in_every_text_when_it_was_pasted(guide: Page) -> None:
    before = texts(guide)
    paste(guide, KEY)
    assert texts(guide) == [text.replace(PLACEHOLDER, KEY) for text in before]
    assert sum(KEY in text for text in texts(guide)) >= 3
    assert copy(guide, "configure-1").count(KEY) == 1
    field(guide).fill("")
    assert texts(guide) == before


def test_key_is_masked_until_it_is_shown(guide: Page) -> None:
    paste(guide, KEY)
    place = guide.locator("#configure-1 [data-key]")
    shown = "e => [getComputedStyle(e).fontSize, getComputedStyle(e, '::after').content]"
    assert place.evaluate(shown) == ["0px", f'"••••{KEY[-4:]}"']
    assert field(guide).get_attribute("type") == "password"
    show = guide.locator("[data-show-key]")
    show.click()
    expect(show).to_have_attribute("aria-pressed", "true")
    assert place.evaluate(shown) == ["13.5px", "none"]
    assert field(guide).get_attribute("type") == "text"
    show.click()
    assert place.evaluate(shown)[0] == "0px"


def test_short_key_is_masked_whole(guide: Page) -> None:
    paste(guide, "sk-12345")
    assert guide.locator("#configure-1 [data-key]").get_attribute("data-mask") == "••••"


def test_paste_is_cleaned_with_a_notice(guide: Page) -> None:
    paste(guide, f'  export ANTHROPIC_AUTH_TOKEN="{KEY[:8]}\n{KEY[8:]}"\n')
    assert KEY not in str(guide.locator("#configure-1").text_content())  # blanks inside: not a key
    paste(guide, f'ANTHROPIC_AUTH_TOKEN="{KEY}"\n')
    expect(field(guide)).to_have_value(KEY)
    expect(guide.locator("#key-message")).to_have_text(
        re.compile(r"Taken off your paste: .*the variable name before it, quotation marks\.")
    )
    paste(guide, f"{KEY[:8]}\r\n{KEY[8:]}")
    expect(field(guide)).to_have_value(KEY)
    expect(guide.locator("#key-message")).to_contain_text("line breaks")


def test_text_that_is_no_key_is_not_filled_in(guide: Page) -> None:
    before = texts(guide)
    paste(guide, "sk-$(id)")
    expect(guide.locator("#key-message")).to_contain_text("Character 4 cannot be part of a key")
    expect(field(guide)).to_have_attribute("aria-invalid", "true")
    assert texts(guide) == before
    guide.get_by_role("button", name="Check key").click()
    expect(field(guide)).to_be_focused()
    assert guide.locator("[data-verdict]").count() == 0


def test_typing_does_not_scold_before_it_is_finished(guide: Page) -> None:
    field(guide).focus()
    guide.keyboard.type('"sk-$')
    expect(guide.locator("#key-message")).to_be_hidden()
    guide.keyboard.press("Tab")
    expect(guide.locator("#key-message")).to_be_visible()


def test_download_holds_the_key_and_the_link_does_not(guide: Page, portal_url: str, tmp_path: Path) -> None:
    link = guide.get_by_role("link", name="Download settings.json instead")
    path = link.get_attribute("href")
    assert path
    with guide.expect_download() as coming:
        link.click()
    expect(guide.locator(".folds + .now")).to_contain_text(f"{PLACEHOLDER} still stands")
    coming.value.save_as(tmp_path / "plain.json")
    assert (tmp_path / "plain.json").read_text() == httpx.get(portal_url + path).text
    paste(guide, KEY)
    with guide.expect_download() as coming:
        link.click()
    assert coming.value.suggested_filename == "settings.json"
    coming.value.save_as(tmp_path / "filled.json")
    assert json.loads((tmp_path / "filled.json").read_text())["env"]["ANTHROPIC_AUTH_TOKEN"] == KEY
    expect(guide.locator(".folds + .now")).to_contain_text("Move the file to ~/.claude/settings.json")
    assert KEY not in (link.get_attribute("href") or "")


def test_key_goes_nowhere_but_into_the_key_check(guide: Page, portal_url: str) -> None:
    requests: list[Request] = []

    def remember(request: Request) -> None:
        requests.append(request)

    guide.on("request", remember)
    paste(guide, KEY)
    choose(guide, "os", "windows")
    choose(guide, "shell", "cmd")
    choose(guide, "scope", "startup")
    guide.go_back()
    expect(guide.locator("#scope")).to_have_value("user")
    copy(guide, "configure-1")
    guide.locator("[data-copy-link]").click()
    guide.locator("[data-copy-from]").click()
    expect(guide.locator("[data-copy-from]")).to_have_attribute("data-copied", "")
    guide.get_by_role("button", name="Check key").click()
    expect(guide.locator("#key-check")).to_have_attribute("data-verdict", "rejected")
    settled(guide)

    holding = [r for r in requests if KEY in r.url or KEY in str(r.headers) or KEY in str(parse_qs(r.post_data or ""))]
    assert [(r.method, r.url) for r in holding] == [("POST", f"{portal_url}/key-check/live")]
    assert KEY not in guide.url
    stored = guide.evaluate(
        """async () => JSON.stringify([
          {...localStorage}, {...sessionStorage}, document.cookie, history.state, await indexedDB.databases(),
          await caches.keys(), navigation.entries().map((e) => [e.url, e.getState()]), document.documentElement.baseURI,
        ])"""
    )
    assert KEY not in stored
    cookies = guide.context.cookies()
    assert [cookie.get("name") for cookie in cookies] == ["journey"]  # set by the action, never by a page view
    assert KEY not in str(cookies)
    attributes = "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes].map(a => a.value)).join('\\n')"
    assert KEY not in guide.evaluate(attributes)
    guide.reload()
    expect(field(guide)).to_have_value("")
    assert not any(KEY in text for text in texts(guide))
