"""Owns what a gateway said, made safe to show: short, one line, no control characters, nothing key-like. PURE.

The result is still untrusted text: templates escape it like any other.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from portal.keys import ApiKey

QUOTE_LIMIT: Final = 200
"""Longest quote, in characters, including the ellipsis."""

MASK: Final = "•••"
"""Stands where something key-like was."""

_READ_LIMIT: Final = 4000
"""Characters of the original that are looked at."""

_FRAGMENT: Final = 8
_WORD: Final = 12
"""A run of 8 characters of the key counts as a part of it; of 12, when it is all letters and may be a word."""

_SPELLED: Final = 8
_SPELLED_LETTERS: Final = 20
"""Across separators, a run of letters and digits of the key counts from these lengths on: with a digit, or without."""

_KEY_LIKE: Final = re.compile(
    r"""
      \bBearer\s+(?=\S*[0-9]|\S{20})[^\s"',;]{6,}                    # a header quoted back, not "bearer token"
    | \b(?:sk|pk|rk|ak)-[\w\-.*~+/=\u2026\u2022]{4,}                # sk-…, also already masked with *, . or …
    | \beyJ[\w\-]{6,}(?:\.[\w\-]+){0,2}                              # a JSON web token
    | (?<![\w\-])(?!(?:req|msg|chatcmpl|resp)_)                     # request and message ids are for the support
      (?=[A-Za-z0-9_+/]{0,99}[0-9])(?=[A-Za-z0-9_+/]{0,99}[A-Za-z])
      [A-Za-z0-9_+/]{24,}={0,2}                                     # a long run of letters and digits
    | (?<=[?&])[^=&\s]{1,40}=[^&\s"'<>]+                             # what an address carries in its query
    """,
    re.VERBOSE | re.IGNORECASE,
)


_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA: Final = re.compile("[\u3041-\u30ff]")


def quote(said: str, key: ApiKey) -> str:
    """Return at most `QUOTE_LIMIT` characters of what was said, on one line, with the key masked."""
    text = " ".join("".join(_printable(char) for char in said[:_READ_LIMIT]).split())
    text = _KEY_LIKE.sub(MASK, _without_spelled_key(_without_key(text, key.reveal()), key.reveal()))
    text = " ".join(text.split())
    return text if len(text) <= QUOTE_LIMIT else text[: QUOTE_LIMIT - 1].rstrip() + "…"


def language_of(said: str) -> str:
    """The language of a quote as HTML's `lang` writes it, as far as its letters tell; empty when they do not."""
    if _KANA.search(said):
        return "ja"
    return "zh" if _HAN.search(said) else ""


def shows_key(text: str, key: ApiKey) -> bool:
    """Whether the key, or a part of it that `quote` would mask, is in the text, in any case and however spelled."""
    return _without_key(text, key.reveal()) != text or _without_spelled_key(text, key.reveal()) != text


def _printable(char: str) -> str:
    """Blank for separators; nothing for control, format (bidi, zero-width), surrogate, private, unassigned."""
    category = unicodedata.category(char)
    if category in {"Zs", "Zl", "Zp"} or char in "\t\n\r":
        return " "
    return "" if category.startswith("C") else char


def _without_key(text: str, key: str) -> str:
    """Mask the key, and every run of at least `_FRAGMENT` characters that is part of it, in any case."""
    haystack, needle = text.lower(), key.lower()
    if len(haystack) != len(text):  # a few letters change length in lower case: compare them as they are
        haystack, needle = text, key
    if len(needle) < _FRAGMENT:
        return re.sub(re.escape(needle), MASK, text, flags=re.IGNORECASE)
    parts: list[str] = []
    at = 0
    while at < len(text):
        length = 0
        while at + length < len(text) and haystack[at : at + length + 1] in needle:
            length += 1
        part = text[at : at + max(length, 1)]
        hidden = length >= _WORD or (length >= _FRAGMENT and not part.isalpha())
        parts.append(MASK if hidden else part[0])
        at += length if hidden else 1
    return "".join(parts)


def _without_spelled_key(text: str, key: str) -> str:
    """Mask runs of the key's letters and digits between which others stand: blanks, dots, dashes (`s k - l i v e`)."""
    places = [at for at, char in enumerate(text) if char.isascii() and char.isalnum()]
    haystack = "".join(text[at] for at in places).lower()
    needle = "".join(char for char in key if char.isalnum()).lower()
    parts: list[str] = []
    shown = at = 0
    while at < len(haystack):
        length = 0
        while at + length < len(haystack) and haystack[at : at + length + 1] in needle:
            length += 1
        run = haystack[at : at + length]
        if length >= (_SPELLED_LETTERS if run.isalpha() else _SPELLED):
            parts += (text[shown : places[at]], MASK)
            shown = places[at + length - 1] + 1
            at += length
        else:
            at += 1
    return "".join((*parts, text[shown:]))
