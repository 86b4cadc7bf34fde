"""Each defect of a pasted settings.json is named with its place, and with what the client does about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portal.diagnosis.answer import Kind, Known, Note
from portal.diagnosis.matcher import diagnose
from portal.snippets.targets import Scope
from tests.diagnosis.pasting import NOTHING, TOKENBAY, causes, first
from tests.real_parts.claude import run_claude
from tests.real_parts.plugin import real_part

URL = '"ANTHROPIC_BASE_URL": "https://api.tokenbay.com"'
KEY = '"ANTHROPIC_AUTH_TOKEN": "sk-0123456789abcdefgh"'
GOOD = f'{{\n  "env": {{\n    {URL},\n    {KEY},\n    "ANTHROPIC_MODEL": "sonnet"\n  }}\n}}\n'
BROKEN, IGNORED = "settings-file-broken", "not-in-effect"


def env(line: str) -> str:
    return f'{{\n  "env": {{\n    {line}\n  }}\n}}\n'


def wrong(text: str, known: Known = TOKENBAY) -> list[Note]:
    return [note for note in diagnose(text, known).notes if not note.good and note.cause_id]


SYNTAX = {
    "comma after the last": (env(f"{KEY},\n    {URL},"), 4, 53, "comma after the last"),
    "line comment": (f"{{\n  // mine\n{GOOD[2:]}", 2, 3, "comment"),
    "block comment": (f"{{\n  /* mine */\n{GOOD[2:]}", 2, 3, "comment"),
    "hash comment": (f"{{\n  # mine\n{GOOD[2:]}", 2, 3, "comment"),
    "single quotes": (GOOD.replace('"', "'"), 2, 3, "Single"),
    "smart quotes": (GOOD.replace('"env"', "“env”"), 2, 3, "Typographic"),
    "missing comma": (GOOD.replace(f"{URL},", URL), 3, 52, "comma is missing"),
    "unclosed object": (GOOD.rstrip()[:-1], 1, 1, "never closed"),
    "unclosed text": (GOOD.replace('tokenbay.com",', "tokenbay.com,"), 3, 27, "closes this text"),
    "bare name": (GOOD.replace('"env"', "env"), 2, 3, "name has to be"),
    "equals sign": (GOOD.replace('"env":', '"env" ='), 2, 9, "stands `:`"),
    "full-width comma": (GOOD.replace(f"{URL},", f"{URL}，"), 3, 53, "a comma, `,`"),
    "bare text": (GOOD.replace('"sonnet"', "sonnet"), 5, 24, "in quotation marks"),
    "missing value": (GOOD.replace('"sonnet"', ""), 6, 3, "value is missing"),
}
TYPES = {
    "array": ("[]", 1, 1, "one object"),
    "env as a list": ('{\n  "env": ["ANTHROPIC_MODEL=x"]\n}', 2, 10, "`env` has to be"),
    "env as text": ('{\n  "env": "x"\n}', 2, 10, "`env` has to be"),
    "model as a number": (GOOD.replace("{\n", '{\n  "model": 5,\n', 1), 2, 3, "`model`"),
    "permissions as text": ('{\n  "env": {},\n  "permissions": {"allow": "Bash"}\n}', 3, 19, "`allow`"),
}
IGNORED_ONES = {
    "outside env": (f"{{\n  {URL}\n}}", 2, 3, "outside `env`"),
    "other name for env": (GOOD.replace('"env"', '"environment"'), 2, 3, "called `env`"),
    "lower case": (env('"anthropic_auth_token": "sk-0123456789abcdefgh"'), 3, 5, "capital letters"),
    "blank in the name": (env('"ANTHROPIC_AUTH_TOKEN ": "sk-0123456789abcdefgh"'), 3, 5, "blank in the name"),
    "env twice": (GOOD.replace("{\n", '{\n  "env": {},\n', 1), 2, 10, "second `env`"),
    "empty address": (env('"ANTHROPIC_BASE_URL": ""'), 3, 27, "empty"),
}
VALUES = {
    "base-url-path": (env('"ANTHROPIC_BASE_URL": "https://api.tokenbay.com/v1"'), 3, 27, "`/v1`"),
    "base-url-invalid": (env('"ANTHROPIC_BASE_URL": "api.tokenbay.com"'), 3, 27, "https://"),
    "base-url-redirect": (env('"ANTHROPIC_BASE_URL": "http://api.tokenbay.com"'), 3, 27, "http://"),
    "key-placeholder": (env('"ANTHROPIC_AUTH_TOKEN": "<your-key>"'), 3, 29, "placeholder"),
    "model-unknown": (env('"ANTHROPIC_MODEL": "claude-sonnet-4-6"'), 3, 24, "does not offer"),
    "legacy-model-remap": (env('"ANTHROPIC_MODEL": "claude-opus-4-1-20250805"'), 3, 24, "retired"),
    "leftover-api-key": (env(f'{KEY},\n    "ANTHROPIC_API_KEY": "sk-old-0123456789ab"'), 4, 26, "Both"),
    "cloud-provider-flag": (env('"CLAUDE_CODE_USE_BEDROCK": "1"'), 3, 32, "cloud"),
    "proxy-scheme": (env('"HTTPS_PROXY": "proxy.corp:8080"'), 3, 20, "http://"),
    "timeout": (env('"API_TIMEOUT_MS": "10min"'), 3, 23, "milliseconds"),
    "first-party-login-required": ('{\n  "env": {},\n  "forceLoginMethod": "claudeai"\n}', 3, 3, "first-party"),
}
KEYS = {
    "Bearer before it": ("Bearer sk-0123456789abcdefgh", "Bearer"),
    "quotes kept": ('\\"sk-0123456789abcdefgh\\"', "quotation marks"),
    "smart quotes kept": ("“sk-0123456789abcdefgh”", "Typographic"),
    "other alphabet": ("sk-0123456789абвabcdefgh", "character"),
    "zero width": ("sk-0123\u200b456789abcdefgh", "character"),
    "variable": ("$MY_KEY", "does not replace"),
    "blank at the end": ("sk-0123456789abcdefgh ", "blanks around"),
}


def check(text: str, cause: str, line: int, column: int, words: str) -> None:
    notes = [note for note in wrong(text) if note.cause_id == cause and words in str(note.says)]
    assert notes, [(note.line, note.column, str(note.says)) for note in diagnose(text, TOKENBAY).notes]
    assert (notes[0].line, notes[0].column) == (line, column)
    assert first(text, TOKENBAY) == cause
    assert Kind.SETTINGS_FILE in diagnose(text, TOKENBAY).kinds


@pytest.mark.parametrize("case", [*SYNTAX.values(), *TYPES.values()], ids=[*SYNTAX, *TYPES])
def test_broken_file_is_named_with_its_place(case: tuple[str, int, int, str]) -> None:
    text, line, column, words = case
    check(text, BROKEN, line, column, words)
    assert any("ignores the whole file" in str(note.says) for note in diagnose(text, TOKENBAY).notes)


@pytest.mark.parametrize("case", IGNORED_ONES.values(), ids=IGNORED_ONES.keys())
def test_ignored_variable_is_named_with_its_place(case: tuple[str, int, int, str]) -> None:
    check(case[0], IGNORED, *case[1:])


@pytest.mark.parametrize("cause", VALUES)
def test_wrong_value_is_named_with_its_place(cause: str) -> None:
    text, line, column, words = VALUES[cause]
    check(text, cause, line, column, words)


@pytest.mark.parametrize(("value", "words"), KEYS.values(), ids=KEYS.keys())
def test_malformed_key_is_named(value: str, words: str) -> None:
    check(env(f'{URL},\n    "ANTHROPIC_AUTH_TOKEN": "{value}"'), "key-malformed", 4, 29, words)


def test_good_file_has_no_defect() -> None:
    diagnosis = diagnose(GOOD, TOKENBAY)
    assert [note.good for note in diagnosis.notes] == [True]
    assert (diagnosis.findings, diagnosis.unmatched) == ((), False)


def test_column_behind_a_masked_key_is_left_out() -> None:
    (note,) = wrong(env(f"{URL},\n    {KEY},"))
    assert (note.line, note.column) == (4, 0)


def test_file_behind_a_prompt_keeps_its_line_numbers() -> None:
    text = f"ada@box:~$ cat ~/.claude/settings.json\n{SYNTAX['comma after the last'][0]}ada@box:~$ "
    assert wrong(text)[0].line == 5


def test_number_is_a_note_and_no_fault() -> None:
    notes = diagnose(env(f'{URL},\n    {KEY},\n    "API_TIMEOUT_MS": 600000'), TOKENBAY).notes
    (note,) = [note for note in notes if "not in quotation marks" in str(note.says)]
    assert (note.line, note.cause_id) == (5, "")


def test_null_becomes_a_word() -> None:
    (note,) = wrong(env(f'{URL},\n    "ANTHROPIC_AUTH_TOKEN": null'))
    assert "null" in str(note.says)


def test_stale_model_is_named_when_the_gateway_does_not_offer_it() -> None:
    text = GOOD.replace("{\n", '{\n  "model": "claude-opus-5-5",\n', 1)
    assert wrong(text)[0].line == 2
    assert "model-unknown" in causes(text, TOKENBAY)
    assert wrong(text, NOTHING) == []


def test_settings_of_vs_code_are_recognised() -> None:
    text = '{\n  "claudeCode.environmentVariables": [{"name": "ANTHROPIC_BASE_URL", "value": "x"}]\n}'
    assert first(text) == "vscode-not-reading"


def test_key_in_a_shared_file_is_named() -> None:
    assert first(GOOD, replace(TOKENBAY, scope=Scope.PROJECT)) == "key-committed"


def test_gateway_whose_address_ends_in_v1_is_left_alone() -> None:
    known = replace(TOKENBAY, base_urls=("https://api.portkey.ai/v1",))
    assert wrong(env('"ANTHROPIC_BASE_URL": "https://api.portkey.ai/v1/"'), known) == []


@pytest.mark.real("claude", "claude-old")
@pytest.mark.parametrize("part", ["claude", "claude-old"])
@pytest.mark.parametrize("case", ["comma after the last", "line comment", "smart quotes", "array", "env as a list"])
def test_real_client_ignores_the_file_that_is_called_broken(part: str, case: str, tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text({**SYNTAX, **TYPES}[case][0])
    answer = run_claude(real_part(part).path, "auth", "status", home=tmp_path)
    assert '"loggedIn": false' in answer.stdout
