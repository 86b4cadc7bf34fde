"""Merging into a file that is there already: pasted or chosen, merged, compared, copied, and sent nowhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from portal.keys import PLACEHOLDER
from tests.browser.doing import KEY, choose, clipboard, copy, paste
from tests.browser.merging import (
    REFERENCE_PLAN,
    choose_file,
    differences,
    env,
    give,
    merged,
    notes,
    open_fold,
    problem,
    reference_portal,
)

__all__ = ["reference_portal"]  # a fixture, used by its name

pytestmark = pytest.mark.real("chromium")

FILE = """\
{
   // my own settings
   "$schema": "https://json.schemastore.org/claude-code-settings.json",
   "model": "opus",
   "permissions": {"allow": ["Bash(git diff:*)"], "deny": [ "Read(./.env)" ]},
   "env": {
      "EDITOR": "vim", // not nano
      "ANTHROPIC_BASE_URL": "https://old.example",
      "ANTHROPIC_AUTH_TOKEN": "sk-of-another-gateway-9999",
   },
   "hooks": {
      "PostToolUse": [{"matcher": "Edit", "hooks": [{"type": "command", "command": "say \\u00e9t\\u00e9 été"}]}]
   },
   "bigNumber": 123456789012345678901234567890
}
"""


def reference(key: str) -> str:
    """What has to come out of FILE: made with regular expressions, line by line, knowing nothing of the page."""
    lines = [re.sub(r"\s+//.*$", "", line) for line in FILE.splitlines() if not line.lstrip().startswith("//")]
    out: list[str] = []
    for line in lines:
        new = re.sub(r'("ANTHROPIC_BASE_URL": ").*(")', rf"\g<1>{REFERENCE_PLAN['ANTHROPIC_BASE_URL']}\2", line)
        if "ANTHROPIC_AUTH_TOKEN" in new:
            more = {name: value for name, value in REFERENCE_PLAN.items() if name != "ANTHROPIC_BASE_URL"}
            added = [f'      "{name}": "{value}"' for name, value in more.items()]
            new = ",\n".join([f'      "ANTHROPIC_AUTH_TOKEN": "{key}"', *added])
        out.append(new)
    return "\n".join([*out, ""])


def test_file_is_merged_and_nothing_else_changes(guide: Page) -> None:
    paste(guide, KEY)
    open_fold(guide)
    give(guide, "\ufeff" + FILE)
    assert merged(guide) == reference(KEY)
    document = json.loads(merged(guide))
    assert document["env"] == {"EDITOR": "vim", **REFERENCE_PLAN, "ANTHROPIC_AUTH_TOKEN": KEY}
    assert document["hooks"]["PostToolUse"][0]["hooks"][0]["command"] == "say été été"
    assert notes(guide) == ["bom", "comments", "commas"]
    expect(guide.locator("#merge-out figcaption").first).to_have_text("Merged: 5 added, 2 changed.")
    expect(guide.locator("#announcer")).to_have_text("Merged: 5 added, 2 changed.")


def test_comparison_shows_signs_and_leaves_out_what_is_the_same(guide: Page) -> None:
    paste(guide, KEY)
    open_fold(guide)
    long = FILE.replace('"model"', "".join(f'"setting{n}": [{n}],\n   ' for n in range(40)) + '"model"')
    give(guide, long)
    lines = differences(guide)
    assert "-    // my own settings" in lines
    assert '-       "ANTHROPIC_BASE_URL": "https://old.example",' in lines
    assert '+       "ANTHROPIC_BASE_URL": "https://api.tokenbay.com",' in lines
    assert f'+       "ANTHROPIC_AUTH_TOKEN": "{KEY}",' in lines
    assert '        "EDITOR": "vim",' not in lines  # a comment was behind it: the line changed
    gaps = [line for line in lines if line.startswith("Unchanged lines: ")]
    assert len(gaps) == 2
    shown = [line for line in lines if line not in gaps]
    hidden = sum(int(gap.removeprefix("Unchanged lines: ")) for gap in gaps)
    kept = len(merged(guide).splitlines()) + sum(line.startswith("- ") for line in shown)
    assert len(shown) + hidden == kept
    assert guide.locator("code[data-merge=diff] ins").count() == sum(line.startswith("+ ") for line in shown)


def test_comparison_shows_a_member_a_line_when_the_file_has_them_in_one(guide: Page) -> None:
    """Only the comparison: the merged file keeps its lines."""
    open_fold(guide)
    env, others = '{"EDITOR": "vim", "ANTHROPIC_MODEL": "opus", "PAGER": "less"}', '{"a": 1, "b": 2, "c": 3}'
    give(guide, f'{{\n  "env": {env},\n  "x": {others}\n}}\n')
    lines = differences(guide)
    assert '-     "ANTHROPIC_MODEL": "opus",' in lines
    assert '+     "ANTHROPIC_MODEL": "sonnet",' in lines
    assert '      "EDITOR": "vim",' in lines
    assert '"EDITOR": "vim", "ANTHROPIC_MODEL": "sonnet", "PAGER": "less", ' in merged(guide)
    assert '  "x": {"a": 1, "b": 2, "c": 3}\n' in merged(guide)


def test_merged_text_is_copied_and_downloaded_with_the_key(guide: Page, tmp_path: Path) -> None:
    open_fold(guide)
    give(guide, FILE)
    figure = guide.locator("figure:has(#merged)")
    assert copy(guide, "merged") == reference(PLACEHOLDER)
    expect(figure.locator(".now")).to_contain_text(f"{PLACEHOLDER} still stands where your key belongs")
    paste(guide, KEY)
    assert copy(guide, "merged") == merged(guide) == reference(KEY)
    expect(guide.get_by_role("link", name="Configure (done)")).to_be_visible()
    with guide.expect_download() as coming:
        guide.get_by_role("button", name="Download settings.json").click()
    assert coming.value.suggested_filename == "settings.json"
    coming.value.save_as(tmp_path / "merged.json")
    assert (tmp_path / "merged.json").read_bytes() == reference(KEY).encode()
    expect(figure.locator(".now")).to_contain_text("Move the file to ~/.claude/settings.json")


def test_file_with_other_line_breaks_and_encodings_is_read(guide: Page, tmp_path: Path) -> None:
    open_fold(guide)
    windows = FILE.replace("\n", "\r\n")
    expected = reference(PLACEHOLDER).replace("\n", "\r\n")
    choose_file(guide, windows.encode())
    assert merged(guide) == expected
    choose_file(guide, windows.encode("utf-16"))
    assert (merged(guide), notes(guide)) == (expected, ["utf16", "bom", "comments", "commas"])
    choose_file(guide, windows.encode("utf-16-be"))
    assert merged(guide) == expected
    choose_file(guide, windows.encode("latin-1"))
    assert (merged(guide), notes(guide)[0]) == (expected, "legacy")
    with guide.expect_download() as coming:
        guide.get_by_role("button", name="Download settings.json").click()
    coming.value.save_as(tmp_path / "merged.json")
    assert (tmp_path / "merged.json").read_bytes() == expected.encode()
    give(guide, windows)
    assert merged(guide) == expected
    guide.keyboard.press("ControlOrMeta+End")
    guide.keyboard.type("  ")
    expect(guide.locator("#merged")).to_have_text(expected + "  ", use_inner_text=False)


def test_dropped_file_is_taken(guide: Page) -> None:
    open_fold(guide)
    guide.evaluate(
        """text => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([text], 'settings.json'));
          const options = { dataTransfer, bubbles: true, cancelable: true };
          for (const kind of ['dragover', 'drop']) {
            document.getElementById('merge-text').dispatchEvent(new DragEvent(kind, options));
          }
        }""",
        FILE,
    )
    expect(guide.locator("#merged")).to_have_text(reference(PLACEHOLDER))
    expect(guide.get_by_label("Paste all that stands in")).to_have_value(FILE)


def test_nothing_is_sent_or_stored_while_merging(guide: Page, portal_url: str) -> None:
    requests: list[str] = []
    recorded: list[str] = []  # what happened, in closed words: that something was copied, never what

    def hear(request: Request) -> None:
        if request.url == f"{portal_url}/journey":
            recorded.append(request.post_data or "")
        else:
            requests.append(request.url)

    guide.on("request", hear)
    paste(guide, KEY)
    open_fold(guide)
    script = guide.locator("#fold-merge").get_attribute("data-merge-script")
    assert requests == [f"{portal_url}{script}"]
    requests.clear()
    give(guide, FILE.replace('"opus"', '"claude-3"').replace('"vim"', "5"))
    problem(guide, "model").get_by_role("button").click()
    guide.get_by_role("button", name="Choose the file").wait_for()
    choose_file(guide, FILE.encode())
    copy(guide, "merged")
    assert KEY in clipboard(guide)
    guide.get_by_role("button", name="Start over").click()
    give(guide, FILE[:-3])
    give(guide, FILE)
    assert requests == []
    assert recorded
    for secret in (KEY, "sk-of-another-gateway-9999", "vim", "claude-3", "permissions"):
        assert secret not in "".join(recorded)
    for secret in (KEY, "sk-of-another-gateway-9999"):
        assert secret not in guide.url
        assert secret not in guide.evaluate(
            """async () => JSON.stringify([
              {...localStorage}, {...sessionStorage}, document.cookie, history.state, await indexedDB.databases(),
              await caches.keys(), navigation.entries().map((e) => [e.url, e.getState()]),
            ])"""
        )
        attributes = "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes].map(a => a.value)).join('\\n')"
        assert secret not in guide.evaluate(attributes)
    guide.reload()
    open_fold(guide)
    expect(guide.get_by_label("Paste all that stands in")).to_have_value("")


def test_keys_are_masked_until_they_are_shown(guide: Page) -> None:
    paste(guide, KEY)
    open_fold(guide)
    give(guide, FILE)
    for place in guide.locator("#merge-out [data-mask]").all():
        assert place.evaluate("e => getComputedStyle(e).fontSize") == "0px"
    seen = guide.locator("#merge-out").evaluate(
        "e => [...e.querySelectorAll('[data-mask]')].map((m) => [m.dataset.mask, m.textContent])"
    )
    old = ["••••9999", "sk-of-another-gateway-9999"]
    assert seen == [old, [f"••••{KEY[-4:]}", KEY], [f"••••{KEY[-4:]}", KEY]]
    guide.locator("[data-show-key]").click()
    assert guide.locator("#merge-out [data-mask]").first.evaluate("e => getComputedStyle(e).fontSize") != "0px"


def test_result_follows_the_key_and_the_choices(guide: Page) -> None:
    open_fold(guide)
    give(guide, FILE)
    assert env(guide)["ANTHROPIC_AUTH_TOKEN"] == PLACEHOLDER
    paste(guide, KEY)
    assert env(guide)["ANTHROPIC_AUTH_TOKEN"] == KEY
    guide.get_by_text("Models and options").click()
    choose(guide, "default", "opus")
    assert env(guide)["ANTHROPIC_MODEL"] == "opus"
    guide.get_by_label("No traffic but to the gateway").check()
    guide.wait_for_url("**opt=no-traffic")
    expect(guide.locator("#merged")).to_contain_text('"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"')
    choose(guide, "os", "windows")
    expect(guide.get_by_label("Paste all that stands in")).to_have_value(FILE)
    expect(guide.locator("#fold-merge label[for=merge-text]")).to_contain_text("%USERPROFILE%\\.claude\\settings.json")
    assert env(guide)["EDITOR"] == "vim"
    choose(guide, "scope", "startup")
    expect(guide.locator("#fold-merge")).to_have_count(0)
    choose(guide, "scope", "user")
    guide.locator("#fold-merge summary").click()
    expect(guide.get_by_label("Paste all that stands in")).to_have_value(FILE)
    assert env(guide)["ANTHROPIC_MODEL"] == "opus"


@pytest.mark.parametrize(("scope", "first"), [("project", "settings.json"), ("managed", "managed-settings.json")])
def test_each_of_two_files_has_its_own_text_and_entries(guide: Page, scope: str, first: str) -> None:
    choose(guide, "scope", scope)
    paste(guide, KEY)
    open_fold(guide)
    shared, own = guide.locator("#fold-merge").get_by_role("radio").all()
    give(guide, '{"env": {"A": "1"}}')
    assert env(guide) == {"A": "1", **REFERENCE_PLAN}
    expect(guide.get_by_role("button", name=f"Download {first}")).to_be_visible()
    own.check()
    expect(guide.get_by_label("Paste all that stands in")).to_have_value("")
    expect(guide.locator("#merge-out")).to_be_hidden()
    give(guide, '{"env": {"B": "2"}}')
    assert env(guide) == {"B": "2", "ANTHROPIC_AUTH_TOKEN": KEY}
    shared.check()
    expect(guide.get_by_label("Paste all that stands in")).to_have_value('{"env": {"A": "1"}}')
    assert KEY not in merged(guide)
    choose(guide, "shell", "bash")
    expect(shared).to_be_checked()
    assert env(guide) == {"A": "1", **REFERENCE_PLAN}
