"""The probes of PowerShell: read by its grammar, and the masking done by a second engine on what the text says."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest

from portal.keys import PLACEHOLDER
from portal.snippets.places import LOCAL_SETTINGS, USER_SETTINGS
from portal.snippets.probes import ApiCall, KeySource, probe_for
from portal.snippets.targets import Platform, Shell
from tests.snippets.dialects.powershell_reader import read_string
from tests.snippets.probes.documents import DOCUMENTS, SECRET
from tests.snippets.probes.grammar import syntax_errors
from tests.snippets.samples import variables

_PROBE: Final = probe_for(Platform.WINDOWS, Shell.POWERSHELL)
_CALL: Final = ApiCall(
    "https://gateway.example.com/v1/messages",
    (("Authorization", f"Bearer {PLACEHOLDER}"), ("x-team", "it's"), ("x-twice", f"{PLACEHOLDER}-{PLACEHOLDER}")),
    {"model": "it's-4.6", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]},
    KeySource.PROMPT,
    "ANTHROPIC_AUTH_TOKEN",
)
_TEXTS: Final = {
    "variables": _PROBE.variables(["ANTHROPIC_*", "HTTPS_PROXY"]),
    "find": _PROBE.find(["ANTHROPIC_API_KEY", "HTTPS_PROXY"]),
    "read": _PROBE.read(USER_SETTINGS),
    "edit": _PROBE.edit(LOCAL_SETTINGS, create=True, private=True),
    "call": _PROBE.call(_CALL),
}
"""What cmd and Git Bash hand on to PowerShell, too."""


@pytest.mark.real("tree-sitter-powershell")
@pytest.mark.parametrize(
    "text",
    [
        *_TEXTS.values(),
        _PROBE.head("https://gateway.example.com"),
        _PROBE.resolve("gateway.example.com"),
        _PROBE.program("claude"),
        _PROBE.forget(["ANTHROPIC_API_KEY"]),
        _PROBE.run_with(variables(A="0", B=""), "claude", ["-p", "it's fine"]),
    ],
)
def test_grammar_reads_the_text(text: str) -> None:
    assert syntax_errors(text) == []


@pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS)
def test_text_passes_through_cmd_unchanged(text: str) -> None:
    assert not set('"%\n') & set(text)
    assert text.isascii()


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_replacements_mask_the_key(document: str) -> None:
    shown = "\n".join(map(_replaced(_TEXTS["read"]), document.split("\n")))
    assert "..." in shown
    assert SECRET[:-4] not in shown
    assert "short" not in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://me:secret@proxy:8080", "http://...@proxy:8080"),
        ("https://gateway.example.com", "https://gateway.example.com"),
        ("sk-0123456789", "sk-..."),
        ("200000", "200000"),
    ],
)
def test_other_variables_are_shown_without_what_is_secret_in_them(value: str, shown: str) -> None:
    assert _replaced(_TEXTS["variables"])(value) == shown


def test_call_joins_key_and_texts() -> None:
    text = _TEXTS["call"]
    assert "'Authorization' = 'Bearer ' + $key; 'x-team' = 'it''s'; 'x-twice' = '' + $key + '-' + $key }" in text
    assert "messages = @(@{ role = 'user'; content = 'hi' })" in text
    assert PLACEHOLDER not in text
    assert json.dumps("it's")[1:-1] not in text


def _replaced(text: str) -> Any:
    """What the `-replace 'pattern', 'by'` of a text do to a line, by the rules of .NET that Python shares."""
    pairs = re.findall(r"-replace ('(?:[^']|'')*'), ('(?:[^']|'')*')", text)
    assert len(pairs) >= 2

    def apply(line: str) -> str:
        for pattern, by in pairs:
            by_python = re.sub(r"\$(\d)", r"\\\1", read_string(by))
            line = re.sub(read_string(pattern), by_python, line, flags=re.IGNORECASE)
        return line

    return apply
