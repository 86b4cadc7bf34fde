"""What a settings file gets wrong: repaired, pointed out with a press that mends it, or said with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.keys import PLACEHOLDER
from tests.browser.doing import KEY, choose, paste
from tests.browser.merging import REFERENCE_PLAN, env, give, merged, notes, open_fold, problem, reference_portal

__all__ = ["reference_portal"]  # a fixture, used by its name

pytestmark = pytest.mark.real("chromium")


@pytest.fixture
def fold(guide: Page) -> Page:
    """The guide with a key and the fold open."""
    paste(guide, KEY)
    open_fold(guide)
    return guide


REPAIRS = [
    pytest.param('{"a": 1,}', "commas", {"a": 1}, id="comma"),
    pytest.param('{"a": [1, 2, ], // c\n}', "comments", {"a": [1, 2]}, id="comment"),
    pytest.param('/* all\n mine */ {"a": "/* no */ // comment"}', "comments", {"a": "/* no */ // comment"}, id="block"),
    pytest.param('\ufeff{"a": "x\\ufeff"}', "bom", {"a": "x\ufeff"}, id="bom"),
    pytest.param('{“a”: “say "hi"”, “b”: 1}', "curly", {"a": 'say "hi"', "b": 1}, id="curly"),
    pytest.param('{"a”: "“b”", „c“: «d»}', "curly", {"a": "“b”", "c": "d"}, id="mixed"),
    pytest.param("{'a': 'it\\'s \"b\"'}", "single", {"a": 'it\'s "b"'}, id="single"),
    pytest.param('{\u00a0"a":\u200b1,\u3000"b": "\u00a0"}', "blanks", {"a": 1, "b": "\u00a0"}, id="blanks"),
]


@pytest.mark.parametrize(("text", "note", "meant"), REPAIRS)
def test_what_is_plainly_meant_is_repaired_with_a_notice(
    fold: Page, text: str, note: str, meant: dict[str, Any]
) -> None:
    give(fold, text)
    document = json.loads(merged(fold))
    assert {name: value for name, value in document.items() if name != "env"} == meant
    assert note in notes(fold)
    expect(fold.get_by_label("Paste all that stands in")).to_have_value(text)


@pytest.mark.parametrize("text", ["", " \n", "{}", " { }\n", "// nothing\n{}", "\ufeff"])
def test_empty_file_becomes_the_guides_own_file(fold: Page, text: str) -> None:
    give(fold, text or " ")
    assert merged(fold) == str(fold.locator("#file-1").text_content()) + "\n"


UNREADABLE = [
    pytest.param('{\n  "a": 1\n  "b": 2\n}', 3, 3, 'missing before "b"', id="comma"),
    pytest.param('{\n  "a": {\n    "b": 2\n', 4, 1, "Was all of it copied?", id="cut"),
    pytest.param('{"a" 1}', 1, 6, "a colon is missing before 1", id="colon"),
    pytest.param('{"a": }', 1, 7, "a value is missing before }", id="value"),
    pytest.param('{"a": 1}}', 1, 9, "a bracket too many", id="more"),
    pytest.param("{\n // x\n a: 1}", 3, 2, "a is no value", id="name"),
    pytest.param('{"a": "C:\\Users"}', 1, 7, "a backslash has to be written twice", id="backslash"),
    pytest.param('{"a": "b\n}', 1, 7, 'closing quotation mark of "b is missing', id="quotation"),
    pytest.param('{"a": "b\tc"}', 1, 7, "a tab or another control character", id="tab"),
    pytest.param("\ufeff{'a': 'don't'}", 1, 7, "straight double quotation marks", id="ambiguous"),
    pytest.param('{"a": /* b}', 1, 7, "a comment begins here", id="comment"),
    pytest.param("[1]", 1, 1, "begin with a curly bracket, and here is [1]", id="list"),
    pytest.param('// x\n{"env": ["A=1"]}', 2, 9, "env has to hold names and values between curly brackets", id="env"),
    pytest.param('{"env": {},\n"permissions": "all"}', 2, 16, "permissions has to hold names", id="permissions"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason"), UNREADABLE)
def test_what_cannot_be_repaired_is_said_with_its_place(
    fold: Page, text: str, line: int, column: int, reason: str
) -> None:
    fold.get_by_text("Models and options").click()
    fold.get_by_label("Auto mode off").check()
    fold.wait_for_url("**opt=*")
    give(fold, text)
    stop = fold.locator("#merge-out [data-merge=stop]")
    expect(stop).to_contain_text(f"Line {line}, column {column}: ")
    expect(stop).to_contain_text(reason)
    expect(fold.locator("#announcer")).to_contain_text(reason)
    expect(fold.locator("#merged")).to_be_hidden()
    stop.get_by_role("button", name="Show the place").click()
    field = fold.get_by_label("Paste all that stands in")
    expect(field).to_be_focused()
    expect(field).to_have_value(text)
    before = field.evaluate("e => e.value.slice(0, e.selectionStart)").removeprefix("\ufeff")
    assert (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1) == (line, column)


def document(variables: dict[str, Any], **more: Any) -> str:
    return json.dumps({"env": variables, **more}, indent=2)


PRESSES = [
    pytest.param('{"API_TIMEOUT_MS": 9, "env": {}}', "outside", "Move it", {"API_TIMEOUT_MS": "9"}, id="outside"),
    pytest.param('{"anthropic_log": "x"}', "outside", "Move it", {"ANTHROPIC_LOG": "x"}, id="outside-lower"),
    pytest.param('{"ANTHROPIC_MODEL": "x", "env": {}}', "outside", "Remove it", {}, id="outside-planned"),
    pytest.param(
        document({"MAX_THINKING_TOKENS": 90071992547409931}),
        "text",
        "Make it text",
        {"MAX_THINKING_TOKENS": "90071992547409931"},
        id="number",
    ),
    pytest.param(document({"MY_SWITCH": True}), "text", "Make it text", {"MY_SWITCH": "true"}, id="boolean"),
    pytest.param(document({"MY_SWITCH": None}), "null", "Make it empty", {"MY_SWITCH": ""}, id="null"),
    pytest.param(
        document({"claude_code_max_retries": "3"}), "name", "Rename it", {"CLAUDE_CODE_MAX_RETRIES": "3"}, id="lower"
    ),
    pytest.param(document({"API_TIMEOUT_MS ": "3"}), "name", "Rename it", {"API_TIMEOUT_MS": "3"}, id="padded"),
    pytest.param(document({"anthropic_model": "3"}), "name", "Remove it", {}, id="lower-planned"),
    pytest.param(document({"API_TIMEOUT_MS": "'3'"}), "quotes", "Clean it", {"API_TIMEOUT_MS": "3"}, id="quotes"),
    pytest.param(document({"ANTHROPIC_SMALL_FAST_MODEL": "x"}), "small", "Remove it", {}, id="small"),
    pytest.param(document({"CLAUDE_CODE_USE_BEDROCK": "1"}), "provider", "Remove it", {}, id="bedrock"),
    pytest.param(document({"CLAUDE_CODE_USE_VERTEX": True}), "provider", "Remove it", {}, id="vertex"),
    pytest.param(document({"CLAUDE_CODE_USE_FOUNDRY": "1"}), "provider", "Remove it", {}, id="foundry"),
    pytest.param(document({"ANTHROPIC_CUSTOM_HEADERS": "x: y"}), "headers", "Remove it", {}, id="headers"),
]


@pytest.mark.parametrize(("text", "kind", "label", "mended"), PRESSES)
def test_problem_is_pointed_out_and_mended_by_a_press(
    fold: Page, text: str, kind: str, label: str, mended: dict[str, str]
) -> None:
    give(fold, text)
    line = problem(fold, kind)
    expect(line).to_have_attribute("data-state", "open")
    left = merged(fold)
    line.get_by_role("button", name=label).click()
    expect(line).to_have_attribute("data-state", "fixed")
    assert env(fold) == {**mended, **REFERENCE_PLAN, "ANTHROPIC_AUTH_TOKEN": KEY}
    assert set(json.loads(merged(fold))) == {"env"}
    line.get_by_role("button", name="Take back").click()
    assert merged(fold) == left


@pytest.mark.parametrize(
    ("variables", "kind", "said"),
    [
        ({"ANTHROPIC_AUTH_TOKEN": '"sk-old"'}, "key", "quotation marks"),
        ({"ANTHROPIC_AUTH_TOKEN": "Bearer sk-old"}, "key", "the word “Bearer”"),
        ({"ANTHROPIC_API_KEY": " sk-old\n"}, "key", "blanks around it"),
        ({"ANTHROPIC_BASE_URL": "https://x.example/v1"}, "address", "ends in /v1"),
        ({"ANTHROPIC_BASE_URL": "https://x.example/v1/messages/"}, "address", "ends in /v1/messages/"),
        ({"ANTHROPIC_MODEL": "'sonnet'"}, "quotes", "inside its value"),
    ],
)
def test_problem_is_settled_when_the_merge_replaces_the_value(
    fold: Page, variables: dict[str, str], kind: str, said: str
) -> None:
    give(fold, document(variables))
    expect(problem(fold, kind)).to_contain_text(said)
    expect(problem(fold, kind)).to_contain_text("The merge replaces it.")
    expect(problem(fold, kind)).to_have_attribute("data-state", "settled")
    assert env(fold) == {**REFERENCE_PLAN, "ANTHROPIC_AUTH_TOKEN": KEY}


@pytest.mark.parametrize("model", ['"claude-3-opus"', '"fable"', "5", "null"])
def test_model_that_is_not_offered_is_removed_only_on_a_press(fold: Page, model: str) -> None:
    give(fold, f'{{"model": {model}}}')
    assert '"model"' in merged(fold)
    expect(problem(fold, "model")).to_contain_text(f"model is {model}, which this set-up does not offer.")
    problem(fold, "model").get_by_role("button", name="Remove it").click()
    assert '"model"' not in merged(fold)


@pytest.mark.parametrize("model", ["opus", "sonnet[1m]", "opusplan", "claude-opus-4.8", "claude-sonnet-4.6[1m]"])
def test_nothing_is_pointed_out_when_the_model_is_offered(fold: Page, model: str) -> None:
    give(fold, document({"http_proxy": "http://p", "CLAUDE_CODE_USE_VERTEX": "0", "Path": "'x'"}, model=model))
    expect(fold.locator("#merge-out [data-problem]")).to_have_count(0)


def test_all_are_mended_by_one_press(fold: Page) -> None:
    give(fold, '{"claude_code_use_bedrock": 1, "apiKeyHelper": "x", "env": {"A": null, "anthropic_log ": 1}, "z": 1}')
    fold.get_by_role("button", name="Fix all").click()
    expect(fold.locator('#merge-out [data-state="open"]')).to_have_count(0)
    expect(fold.get_by_role("heading", name="Nothing is left to look at.")).to_be_focused()
    assert env(fold) == {"A": "", "ANTHROPIC_LOG": "1", **REFERENCE_PLAN, "ANTHROPIC_AUTH_TOKEN": KEY}
    assert set(json.loads(merged(fold))) == {"env", "z"}


def test_key_of_the_file_can_be_kept_while_the_page_has_none(guide: Page) -> None:
    open_fold(guide)
    give(guide, document({"ANTHROPIC_AUTH_TOKEN": "Bearer sk-mine"}))
    assert env(guide)["ANTHROPIC_AUTH_TOKEN"] == PLACEHOLDER
    problem(guide, "keep").get_by_role("button", name="Keep it").click()
    assert env(guide)["ANTHROPIC_AUTH_TOKEN"] == "Bearer sk-mine"
    problem(guide, "key").get_by_role("button", name="Clean it").click()
    assert env(guide)["ANTHROPIC_AUTH_TOKEN"] == "sk-mine"
    paste(guide, KEY)
    expect(problem(guide, "keep")).to_have_count(0)
    assert env(guide)["ANTHROPIC_AUTH_TOKEN"] == KEY


def test_last_of_two_envs_is_the_one_that_is_changed(fold: Page) -> None:
    first = '"env": {"ANTHROPIC_BASE_URL": "https://first", "A": "1"}'
    give(fold, f'{{{first}, "env": {{"ANTHROPIC_BASE_URL": "a", "ANTHROPIC_BASE_URL": "b"}}}}')
    twice = fold.locator("[data-note=twice]")
    expect(twice.nth(0)).to_contain_text("env stands there more than once. Claude Code takes the last one")
    expect(twice.nth(1)).to_contain_text("ANTHROPIC_BASE_URL stands there more than once.")
    assert merged(fold).startswith(
        f'{{{first}, "env": {{"ANTHROPIC_BASE_URL": "a", "ANTHROPIC_BASE_URL": "https://api.'
    )
    assert env(fold) == {**REFERENCE_PLAN, "ANTHROPIC_AUTH_TOKEN": KEY}


def test_state_file_of_the_client_is_recognised(fold: Page) -> None:
    give(fold, '{"numStartups": 3}')
    expect(fold.locator("[data-note=state]")).to_contain_text("This looks like ~/.claude.json")


def test_entries_of_the_other_file_are_pointed_out(guide: Page) -> None:
    choose(guide, "scope", "project")
    paste(guide, KEY)
    open_fold(guide)
    give(guide, document({"ANTHROPIC_AUTH_TOKEN": "sk-in-git"}))
    expect(problem(guide, "shared")).to_contain_text("Your key belongs in .claude/settings.local.json.")
    problem(guide, "shared").get_by_role("button").click()
    assert env(guide) == REFERENCE_PLAN
    guide.get_by_label(".claude/settings.local.json").check()
    give(guide, document({"ANTHROPIC_BASE_URL": "https://old.example/v1"}))
    expect(problem(guide, "elsewhere")).to_contain_text("wins over the same entry in .claude/settings.json")
    problem(guide, "elsewhere").get_by_role("button").click()
    assert env(guide) == {"ANTHROPIC_AUTH_TOKEN": KEY}


def test_nothing_is_changed_when_the_file_says_all_of_it(fold: Page) -> None:
    give(fold, '{"env": {"A": "1"}}')
    first = merged(fold)
    give(fold, first)
    assert merged(fold) == first
    expect(fold.locator("[data-merge=sum]")).to_have_text("Nothing to change: your file says all of it already.")
    expect(fold.locator("pre.diff")).to_be_hidden()
