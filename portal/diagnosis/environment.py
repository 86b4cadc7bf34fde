"""Owns reading variables out of a terminal: `env`, `Get-ChildItem Env:`, `set`, fish's `set -S`, exports. PURE."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

from portal.diagnosis.answer import Clue, Known
from portal.diagnosis.cleaning import readable
from portal.diagnosis.values import API_KEY, BASE_URL, TOKEN, defects, together
from portal.words import _

_NAME: Final = (
    r"(?:ANTHROPIC_[A-Z0-9_]+|CLAUDE_CODE_[A-Z0-9_]+|CLAUDE_CONFIG_DIR|API_TIMEOUT_MS|(?:HTTPS?|ALL|NO)_PROXY|"
    r"https?_proxy|NODE_EXTRA_CA_CERTS)"
)
# A prompt, the mark of a trace, or the file and line that `grep` names.
_PROMPT: Final = r"(?:[^\n]{0,80}?[$%#>❯➜]\s*|\+\+?\s|[\w./~-]{1,120}:(?:\d{1,5}:)?\s*)?"
_COMMAND: Final = r"export\s+|declare\s+-x\s+|typeset\s+-x\s+|set\s+-g?U?x\s+|set\s+-Ux?\s+|setx\s+|set\s+|\$env:"
_ASSIGNED: Final = re.compile(
    rf"\$?(?P<name>{_NAME})(?:\[1\])?(?P<sep>\s?=\s?|:\s|\s{{2,}}|\s)(?P<value>[^\n]{{0,2000}})$", re.IGNORECASE
)
_BEFORE: Final = re.compile(rf"\s*{_PROMPT}(?P<command>{_COMMAND})?(?P<open>[\"']?)", re.IGNORECASE)
_MOST_LINES: Final = 300
_SIGNS: Final = ("ANTHROPIC_", "CLAUDE_CO", "_PROXY", "API_TIMEOUT", "NODE_EXTRA")
_PAIR: Final = re.compile(rf"^\s*Name\s*:\s*({_NAME})\s*$\n^\s*Value\s*:[ ]?([^\n]*)$", re.MULTILINE)
_LISTED: Final = re.compile(
    r"(?:\b(?:env|printenv|set|export|compgen)\b[^\n|]{0,40}\|[^\n]{0,40}(?:grep|findstr|select-string|sls)[^\n]{0,20}anthropic"
    r"|(?:get-childitem|gci|dir|ls)\s+env:|^[^\n]{0,80}>\s*set\s+anthropic|printenv\s+anthropic)",
    re.IGNORECASE | re.MULTILINE,
)
_ECHOED: Final = re.compile(
    rf"(?:\b(?:echo|printenv|printf|write-output|write-host)\s[^\n]{{0,40}}?|\$env:)[$%{{\"']*(?:env:)?({_NAME})[}}%\"']*\s*$",
    re.IGNORECASE,
)
_KEEPS_QUOTES: Final = re.compile(r"^\s*(?:[A-Z]:\\[^\n>]{0,200}>\s*)?set\s+[A-Z_]+=\"", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables of a paste. `listed`: a command was seen that lists them all, so what is missing is missing."""

    values: dict[str, str]
    clues: tuple[Clue, ...]
    listed: bool


def read_variables(text: str, lines: tuple[str, ...], known: Known) -> Variables | None:
    """The variables that a paste shows or sets, and what is wrong with them; None when there are none."""
    upper = text.upper()
    if "ANTHROPIC" not in upper and "_PROXY" not in upper and "CLAUDE_CODE_" not in upper:
        return None
    values: dict[str, tuple[str, int]] = {}
    unexported: list[int] = []
    for number, line in _candidates(lines):
        if echoed := _ECHOED.search(line):
            shown = lines[number] if number < len(lines) else ""
            is_prompt = re.match(r"\s*(?:[$%❯➜]|PS |[A-Z]:\\)", shown) is not None
            values[echoed[1].upper()] = ("" if is_prompt else shown.strip(), min(number + 1, len(lines)))
        elif (found := _ASSIGNED.search(line)) and (before := _BEFORE.fullmatch(line[: found.start()][-160:])):
            _take(found, before, line, number, values, unexported)
    for found in islice(_PAIR.finditer(text), 40):
        values[found[1].upper()] = (found[2].rstrip("\r"), text.count("\n", 0, found.start()) + 2)
    listing = _LISTED.search(text)
    if not values and not listing:
        return None
    clues = [clue for name, (value, line) in values.items() for clue in _clues(name, value, line, lines, known)]
    plain = {name: value for name, (value, _line) in values.items()}
    whole = listing is not None
    first = next(iter(values.values()), ("", text.count("\n", 0, listing.start()) + 1 if listing else 1))[1]
    for cause, points, says in together(plain, known, whole=whole):
        at = max((values[name][1] for name in (API_KEY, TOKEN) if name in values), default=first)
        clues.append(Clue(((cause, points),), says, at, readable(lines[at - 1])))
    clues += [
        Clue(
            (("not-in-effect", 6),),
            _("Without `export`, programs that the shell starts do not see this variable."),
            number,
            readable(lines[number - 1]),
        )
        for number in unexported[:2]
    ]
    return Variables(plain, tuple(clues), whole)


def _candidates(lines: tuple[str, ...]) -> list[tuple[int, str]]:
    """The last lines that may show or set a variable, with their numbers: what came last is in effect."""
    chosen: list[tuple[int, str]] = []
    for number in range(len(lines), 0, -1):
        line = lines[number - 1]
        if "_" in line and len(line) <= 4000 and any(sign in line.upper() for sign in _SIGNS):
            chosen.append((number, line))
            if len(chosen) == _MOST_LINES:
                break
    return chosen[::-1]


def _take(  # noqa: PLR0913, PLR0917 - one line, and what it adds to
    found: re.Match[str],
    before: re.Match[str],
    line: str,
    number: int,
    values: dict[str, tuple[str, int]],
    unexported: list[int],
) -> None:
    name, value, command = found["name"], found["value"].rstrip("\r"), (before["command"] or "").lower()
    name = name if name.islower() else name.upper()
    separator = found["sep"]
    if separator.startswith(":"):
        if "|" not in value:  # a sentence of the client, or a line of a document
            return
        value = value.strip().strip("|")
    elif "=" not in separator and not command:
        if separator == " " or name not in {BASE_URL, TOKEN, API_KEY}:
            return  # prose; a table has several blanks
        value = value.strip()
    elif command and not (command.startswith("set") and _KEEPS_QUOTES.match(line)):
        value = _unquoted(value)
    if before["open"] and not command.startswith("set"):
        return  # a line of a JSON document
    if not command and "=" in separator and line.lstrip()[:1] in "$%❯➜" and "claude" not in value:
        unexported.append(number)
        value = _unquoted(value)
    values[name] = (value.removesuffix('"') if before["open"] else value, number)


def _unquoted(value: str) -> str:
    value = value.strip().rstrip(";")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _clues(name: str, value: str, line: int, lines: tuple[str, ...], known: Known) -> list[Clue]:
    quote = readable(lines[min(line, len(lines)) - 1])
    return [Clue(((cause, points),), says, line, quote) for cause, points, says in defects(name, value, known)]
