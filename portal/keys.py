"""Owns the visitor's key: what may be one, how a paste is cleaned, and how it stays out of sight.

A key is accepted only if it consists of the characters of a Bearer token (RFC 6750, section 2.1: b64token), which
need no escaping between quotes in any supported shell. `static/js/00-clean-key.js` applies the same rules in the
browser; `tests/browser/test_key_rules_agree.py` runs both on the same table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from portal.words import Text, _

PLACEHOLDER: Final = "YOUR-API-KEY"
"""Stands in every generated text where the browser puts the key. Itself made of Bearer characters."""

MAX_LENGTH: Final = 4096
"""Longest key accepted, in characters. Claude Code accepts helper keys up to 16,384; no known gateway exceeds 400."""

MAX_PASTE: Final = 3 * MAX_LENGTH
"""Longest paste that is looked at, in characters."""

_LINE_BREAK: Final = re.compile(r"[\r\n]+")
_BEARER: Final = re.compile(r"[A-Za-z0-9\-._~+/=]+")
_PASTE_MARK: Final = re.compile(r"\x1b\[20[01]~")
"""What a terminal puts around a paste, for a program that asked for it and no longer reads."""
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]",
)
_ASSIGNMENT: Final = re.compile(
    r"""^(?:export\s+|set\s+-[a-zA-Z]+\s+|setx\s+|set\s+"?|\$env:)?["']?(?:ANTHROPIC_AUTH_TOKEN|ANTHROPIC_API_KEY|[A-Z][A-Z0-9_]*_(?:KEY|TOKEN))["']?\s*(?:[=:]\s*|\s)(?=\S)""",
)
_QUOTES: Final = "\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"


class ApiKey:
    """A key held for the time of one request; never a `str`, so that no log, traceback or template shows it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keep `value`, which must already be clean (see `parse_key`).

        Raises:
            ValueError: a character outside the Bearer alphabet; the message does not contain the key.

        """
        if len(value) > MAX_LENGTH or not _BEARER.fullmatch(value):
            raise ValueError("not a bearer token")
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the one header that carries it."""
        return self._value

    def __repr__(self) -> str:
        return "ApiKey(***)"

    __str__ = __repr__

    def __format__(self, spec: str, /) -> str:
        return "ApiKey(***)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("an ApiKey is not serialised")


@dataclass(frozen=True, slots=True)
class CleanedKey:
    """A usable key and what was removed from the paste to get it (empty when nothing was)."""

    key: ApiKey
    removed: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class UnusableKey:
    """Why the paste is not a key, as a sentence for the visitor. Holds no part of the paste."""

    reason: Text


def parse_key(pasted: str) -> CleanedKey | UnusableKey:
    """Clean what a paste adds around a key and decide whether the rest can be one."""
    if len(pasted) > MAX_PASTE:
        return _too_long(len(pasted))
    removed: list[Text] = []
    text = pasted
    visible = _INVISIBLE.sub("", _PASTE_MARK.sub("", text))
    if visible != text:
        text = visible
        removed.append(_("invisible characters"))
    if _LINE_BREAK.search(text.strip()) and not re.search(r"[^\S\r\n]", _joined(text.strip())):
        text = _joined(text)
        removed.append(_("line breaks"))
    if text != text.strip():
        text = text.strip()
        removed.append(_("blanks around it"))
    if match := _ASSIGNMENT.match(text):
        text = text[match.end() :].strip().rstrip(";,")
        removed.append(_("the variable name before it"))
    if text.strip(_QUOTES) != text:
        text = text.strip(_QUOTES).strip()
        removed.append(_("quotation marks"))
    if match := re.match(r"(?:Authorization:\s*)?Bearer\s+", text, re.IGNORECASE):
        text = text[match.end() :]
        removed.append(_("the word “Bearer”"))
    return _judge(text, tuple(removed))


def _joined(text: str) -> str:
    """The text as one line, without the blanks around its line breaks. Takes time in proportion to its length."""
    return "".join(line.strip() for line in _LINE_BREAK.split(text))


def _too_long(length: int) -> UnusableKey:
    return UnusableKey(_("This is too long to be a key ({length} characters). Copy only the key.", length=length))


def _judge(text: str, removed: tuple[Text, ...]) -> CleanedKey | UnusableKey:
    if not text:
        return UnusableKey(_("Paste your key first: the field is empty."))
    if text == PLACEHOLDER or re.fullmatch(r"<.*>|sk-[xX]{3,}|sk-\.{3,}", text):
        return UnusableKey(_("This is the placeholder from the guide. Paste the key that your gateway gave you."))
    if len(text) > MAX_LENGTH:
        return _too_long(len(text))
    if not _BEARER.fullmatch(text):
        at = next(i for i, char in enumerate(text, start=1) if not _BEARER.fullmatch(char))
        return UnusableKey(
            _(
                "Character {position} cannot be part of a key. Keys are made of letters, digits and - . _ ~ + / = "
                "only. Copy the key again from your gateway’s console.",
                position=at,
            ),
        )
    return CleanedKey(ApiKey(text), removed)


def mask(text: str, key: ApiKey) -> str:
    """Replace every occurrence of the key in `text`, for quoting what a gateway said about it."""
    return text.replace(key.reveal(), "•••")
