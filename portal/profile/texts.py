"""PURE: owns the rules for any piece of text in a profile. It ends up in shells, files and pages.

Every `*_problems` function of this room returns a list of "what is wrong; remedy", empty when the value is good; the
place in front is added by `portal.profile.problems`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from portal.keys import PLACEHOLDER

_LINE_BREAKS: Final = frozenset("\n\r\v\f\x85\u2028\u2029")
_REORDERING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: Final = frozenset("\u00ad\u200b\u2060\u2061\u2062\u2063\u2064\ufeff")
"""With the reordering ones, what makes text read otherwise than it is pasted (CVE-2021-42574, "Trojan Source").
The joiners U+200C and U+200D are left alone: several scripts and emoji need them.
"""


def text_problems(text: str, *, limit: int, may_be_empty: bool = False) -> list[str]:
    """Judge one line of text of at most `limit` characters."""
    problems: list[str] = []
    if not text.strip() and not may_be_empty:
        problems.append("is empty; write a text between the quotes")
    if len(text) > limit:
        problems.append(f"has {len(text)} characters; shorten it to {limit} or fewer")
    if bad := next((char for char in text if char in _LINE_BREAKS), None):
        problems.append(f"contains a line break ({code_point(bad)}); write it on one line")
    if bad := next((char for char in text if is_control(char)), None):
        problems.append(f"contains a control or invisible character ({code_point(bad)}); remove it")
    if PLACEHOLDER in text:
        problems.append(
            f"contains {PLACEHOLDER}, which the portal replaces by the visitor's key; remove it "
            "(only a value under [headers] may carry the key, written {key})",
        )
    return problems


def is_control(char: str) -> bool:
    """Tell whether `char` is a control, reordering or invisible character, line breaks excepted."""
    return char not in _LINE_BREAKS and (
        unicodedata.category(char) in {"Cc", "Cs"} or char in _REORDERING or char in _INVISIBLE
    )


def code_point(char: str) -> str:
    """Name a character that cannot be shown, as in `U+200B`."""
    return f"U+{ord(char):04X}"


def shown(value: object) -> str:
    """Quote an operator's value for a sentence: on one line, escaped, cut after 60 characters."""
    text = value if isinstance(value, str) else str(value)
    quoted = json.dumps(text if len(text) <= 60 else f"{text[:59]}…", ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in quoted)


def nearest(word: object, known: Iterable[str]) -> str | None:
    """Return the entry of `known` that `word` was probably meant to be, or None."""
    table = {entry.lower(): entry for entry in known}
    matches = get_close_matches(str(word).lower(), table, n=1, cutoff=0.6)
    return table[matches[0]] if matches else None


def one_of(word: object, known: Iterable[str]) -> str:
    """Say what to write instead of `word`: the nearest entry of `known`, and all of them."""
    entries = tuple(known)
    near = nearest(word, entries)
    every = ", ".join(entries)
    return f"did you mean {near}? (known: {every})" if near else f"use one of: {every}"
