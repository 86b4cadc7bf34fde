"""Owns what is wrong with a pasted settings.json, and what the real client does with each defect. PURE.

Measured with 2.1.197 and 2.1.330: a defect of syntax or of a top-level type makes the client ignore the whole file;
a wrong name is ignored silently; numbers and switches inside `env` are taken as text; of two `env` the last counts.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from portal.diagnosis.answer import Clue, Known, Note
from portal.diagnosis.cleaning import readable
from portal.diagnosis.tolerant_json import Kind, Node, Parsed, parse_tolerantly
from portal.diagnosis.values import ALIASES, CREDENTIALS, defects, together
from portal.snippets.targets import Scope
from portal.words import Text, _

_DIFFERENCES: Final = re.compile(r"^[ \t>│|]{0,8}@@ -\d", re.MULTILINE)
_LOOKS: Final = re.compile(
    r"ANTHROPIC_|CLAUDE_CODE_|[\"'“]?env[\"'”]?\s*:|apiKeyHelper|[\"']permissions[\"']\s*:|[\"']model[\"']\s*:",
    re.IGNORECASE,
)
_CLIENT_OUTPUT: Final = re.compile(
    r'"(?:loggedIn|session_id|api_error_status|subtype|stop_reason|query_source|error)"\s*:'
)
_START: Final = re.compile(r"^[^\S\n]*(?:\S*\s*(?:[>=]\s*)?)?(?=[{\[][^\S\n]*(?:$|[\"'“/}\]]))", re.MULTILINE)
_VARIABLE: Final = re.compile(
    r"(?:ANTHROPIC|CLAUDE_CODE)_[A-Z0-9_]+|API_TIMEOUT_MS|HTTPS?_PROXY|NODE_EXTRA_CA_CERTS", re.IGNORECASE
)
_MOST_NOTES: Final = 60
_BROKEN, _IGNORED = "settings-file-broken", "not-in-effect"


@dataclass(frozen=True, slots=True)
class SettingsReading:
    """What was found about a settings file, and where in the text it stands."""

    notes: tuple[Note, ...]
    clues: tuple[Clue, ...]
    start: int
    end: int


def read_settings(text: str, known: Known) -> SettingsReading | None:
    """Notes and clues about the settings file in `text`, or None when there is none in it."""
    start = _find(text)
    if start is None:
        return None
    text, end = _unwrapped(text, start)
    parsed = parse_tolerantly(text, start)
    reader = _Reader(text, known)
    reader.read(parsed)
    notes = (*sorted(reader.notes, key=lambda note: (note.line, note.column)), *reader.outcome)
    return SettingsReading(notes, tuple(reader.clues), start, end or parsed.end)


def _find(text: str) -> int | None:
    if text.strip() == "[]":
        return text.index("[")
    if not _LOOKS.search(text) or _DIFFERENCES.search(text):
        return None
    for tried, found in enumerate(_START.finditer(text)):
        if tried == 20:
            break
        beginning = text[found.end() : found.end() + 4000]
        if _LOOKS.search(beginning) and not _CLIENT_OUTPUT.search(beginning):
            return found.end()
    return None


def _unwrapped(text: str, start: int) -> tuple[str, int]:
    """Undo a terminal's line breaks inside texts: when the document is only valid without line breaks, those are it.

    Returns the text to read and where the document ends in the original; 0 when nothing had to be undone.
    """
    if _is_json(text[start:]) or "\n" not in text[start:]:
        return text, 0
    joined = text[start:].replace("\n", "")
    return (text[:start] + joined, len(text)) if _is_json(joined) else (text, 0)


def _is_json(text: str) -> bool:
    try:
        json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return True


class _Reader:
    """Collects notes and clues; one use."""

    def __init__(self, text: str, known: Known) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._starts = (0, *accumulate(len(line) + 1 for line in self._lines))
        self._known = known
        self.notes: list[Note] = []
        self.outcome: tuple[Note, ...] = ()
        self.clues: list[Clue] = []

    def _say(self, at: int, says: Text, cause: str = "", points: float = 0, *, good: bool = False) -> None:
        if len(self.notes) >= _MOST_NOTES:
            return
        line = min(bisect_right(self._starts, at), len(self._lines))
        column = at - self._starts[line - 1] + 1
        if "***" in self._lines[line - 1][: column - 1]:
            column = 0  # behind a masked key, columns are not those of the visitor's file
        quote = readable(self._lines[line - 1])
        self.notes.append(Note(line, column, quote, says, cause, good))
        if cause and points:
            self.clues.append(Clue(((cause, points),), says, line, quote))

    def read(self, parsed: Parsed) -> None:
        for at, says in parsed.defects:
            self._say(at, says, _BROKEN, 12)
        root = parsed.root
        if root.kind is not Kind.OBJECT:
            self._say(root.at, _("A settings file is one object in `{ }`. Claude Code ignores this one."), _BROKEN, 12)
        else:
            self._read_root(root)
        if any(clue.weights[0][0] == _BROKEN for clue in self.clues):
            says = _("Because of that, Claude Code ignores the whole file, and older versions say nothing.")
            self.outcome = (Note(0, 0, "", says),)
        elif not self.clues:
            self._say(root.at, _("The file is well-formed, and nothing in it looks wrong."), good=True)

    def _read_root(self, root: Node) -> None:  # noqa: C901 - one case per name
        environments = [value for name, _at, value in root.members if name == "env"]
        for first in environments[:-1]:
            self._say(first.at, _("There is a second `env`; only the last one counts."), _IGNORED, 8)
        for name, at, value in root.members:
            if name == "env":
                continue
            if _VARIABLE.fullmatch(name.strip()):
                self._say(
                    at, _("`{name}` stands outside `env`, where Claude Code does not look.", name=name), _IGNORED, 10
                )
            elif name.strip().lower() in {"env", "envs", "environment", "environmentvariables"}:
                self._say(at, _("The block has to be called `env`; under another name it is ignored."), _IGNORED, 10)
            elif name == "model":
                self._read_model(at, value)
            elif name == "permissions":
                self._read_permissions(value)
            elif name == "apiKeyHelper" and value.kind is not Kind.STRING:
                self._say(at, _("`apiKeyHelper` has to be text. Claude Code ignores this file."), _BROKEN, 12)
            elif name.startswith("claudeCode."):
                self._say(at, _("This is a setting of VS Code; only its extension reads it."), "vscode-not-reading", 6)
            elif name in {"forceLoginMethod", "forceLoginOrgUUID"}:
                self._say(
                    at, _("`{name}` lets only a first-party login in.", name=name), "first-party-login-required", 10
                )
        if environments:
            self._read_env(environments[-1])

    def _read_model(self, at: int, value: Node) -> None:
        if value.kind is not Kind.STRING:
            self._say(at, _("`model` has to be text. Claude Code ignores this file."), _BROKEN, 12)
        elif value.text.lower() not in ALIASES and self._known.models and value.text not in self._known.models:
            self._say(
                value.at, _("The gateway does not offer this model. `/model` may have written it."), "model-unknown", 7
            )

    def _read_permissions(self, value: Node) -> None:
        for name, at, inner in value.members:
            if name in {"allow", "deny", "ask"} and inner.kind is not Kind.ARRAY:
                self._say(at, _("`{name}` has to be a list. Claude Code ignores this file.", name=name), _BROKEN, 12)

    def _read_env(self, block: Node) -> None:
        if block.kind is not Kind.OBJECT:
            self._say(block.at, _("`env` has to be an object in `{ }`. Claude Code ignores this file."), _BROKEN, 12)
            return
        values: dict[str, str] = {}
        places: dict[str, int] = {}
        for name, at, value in block.members:
            self._read_variable(name, at, value)
            if value.kind is not Kind.OTHER or value.text != "null":
                values[name], places[name] = value.text, value.at
            if name in CREDENTIALS and value.text.strip() and self._known.scope is Scope.PROJECT:
                self._say(at, _("A key in a file that is shared ends up in Git."), "key-committed", 7)
        for cause, points, says in together(values, self._known, whole=False):
            at = max((places.get(name, 0) for name in CREDENTIALS), default=0) or block.at
            self._say(at, says, cause, points)

    def _read_variable(self, name: str, at: int, value: Node) -> None:
        if name != name.strip():
            self._say(at, _("There is a blank in the name, so Claude Code ignores the variable."), _IGNORED, 9)
        elif name != name.upper() and _VARIABLE.fullmatch(name):
            self._say(at, _("The name has to be in capital letters. Claude Code ignores this one."), _IGNORED, 9)
        if value.kind is Kind.STRING:
            for cause, points, says in defects(name.strip().upper(), value.text, self._known):
                self._say(value.at, says, cause, points)
        elif value.kind is Kind.OTHER and value.text == "null":
            points = 9 if _VARIABLE.fullmatch(name) else 0
            self._say(
                value.at, _('`null` becomes the word “null”. Write `""` or remove the line.'), "key-malformed", points
            )
        elif value.kind is Kind.OTHER:
            self._say(value.at, _("The value is not in quotation marks. Claude Code takes it as text."))
        else:
            self._say(value.at, _("The value of a variable has to be text."), "key-malformed", 5)
