"""Owns how keys in pasted text are made unreadable, before anything else looks at it. PURE.

`static/js/03-mask.js` has the same rules for the browser; `tests/diagnosis/mask_vectors.json` is run through both.
A masked value keeps its shape, because the shape is often the fault: the quotes around it, a `Bearer ` before it, a
character that no key may have. At most its last four characters stay, and only when it has twelve or more.
"""

from __future__ import annotations

import re
from typing import Final

# A value ends at white space, quotes and the signs that end it in a command, a header or a document.
_VALUE: Final = r"""[^\s"'`,;<>(){}|“”‘’\\]+"""
# "key", "token", "secret", "password" in any case; a set of letters in front keeps the search fast. What else it
# meets ("jersey") does no harm.
_NAME: Final = r"[KkTtSsPp](?:[Ee][Yy]|[Oo][Kk][Ee][Nn]|[Ee][Cc][Rr][Ee][Tt]|[Aa][Ss][Ss][Ww][Oo][Rr][Dd])"
_QUOTE: Final = "[\"'“”‘’]"

_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?")
_USER: Final = re.compile(r"(://)[^\s/@:\"'`<>]{1,200}(?::[^\s/@]{0,200})?(@)")
_HEADER_VALUE: Final = re.compile(r"(invalid value: '(?:Bearer +)?)([^']{1,500})(?=')")
# Every header that the client sends along is nobody's business: quoted, up to the quote; else to the end of the line,
# and what `env` prints below it.
_HEADERS: Final = re.compile(
    rf"(ANTHROPIC_CUSTOM_HEADERS{_QUOTE}?[ \t]*[=:│┃║|,]?[ \t]*)"
    r"(?:(\"[^\"]{0,4000})|('[^']{0,4000})|"
    r"([^\r\n\"']{1,4000}(?:\r?\n[A-Za-z0-9]+-[A-Za-z0-9-]+:[^\r\n]{0,4000}){0,20}))"
)
_ONE_HEADER: Final = re.compile(r"(:[ \t]*)((?:(?!\\[nr])[^\s])(?:(?!\\[nr])[^\r\n])*)")
_ASSIGNED: Final = re.compile(rf"({_NAME}{_QUOTE}?[ \t]?=[ \t]?{_QUOTE}*)([^\s\"'`|“”‘’\\]+)")
_IN_DOCUMENT: Final = re.compile(rf"({_NAME}[ \t]?{_QUOTE}[ \t]?:\s?)(?:((?:\\?{_QUOTE})+)({_VALUE})|({_VALUE}))")
_HEADER: Final = re.compile(rf"([Xx]-[Aa][Pp][Ii]-[Kk]ey|[Aa]uthorization)({_QUOTE}?\s?[:=]\s?{_QUOTE}?)({_VALUE})")
# A terminal's colour ends in a letter, which is no part of the word behind it: "ESC [ 31 m sk-…".
_COLOUR: Final = r"\x1b\[[0-9;]{0,20}m"
_PREFIXED: Final = re.compile(rf"({_COLOUR}|(?<![A-Za-z0-9]))([Ss][Kk][-_]{_VALUE})")
_BESIDE: Final = re.compile(
    rf"([KkTtSsPpBb](?:[Ee][Yy]|[Oo][Kk][Ee][Nn]|[Ee][Aa][Rr][Ee][Rr]|[Aa][Ss][Ii][Cc])\s?:?\s+)({_VALUE})"
)
# After these, a value is a key however short it is, as long as it is no word of a sentence: it has a digit.
_SURELY: Final = re.compile(
    rf"((?:Bearer|Basic|ANTHROPIC_(?:AUTH_TOKEN|API_KEY){_QUOTE}?[ \t]?:?)[ \t]+{_QUOTE}*)({_VALUE})"
)
# The client's own variables: what stands behind one of them is a key, unless it is a word that explains it, or the
# sentence goes on (the last group).
_OWN: Final = rf"ANTHROPIC_(?:AUTH_TOKEN|API_KEY){_QUOTE}?"
_COMMANDED: Final = re.compile(
    r"([Ss][Ee][Tt](?:[Xx](?:[ \t]+/[A-Za-z])?|(?:[ \t]+-{1,2}[A-Za-z-]{1,12}){1,4})"
    rf"[ \t]+{_QUOTE}?{_OWN}[ \t]+{_QUOTE}*)"
    rf"({_VALUE})"
)
_NAMED: Final = re.compile(
    rf"({_OWN}(?:[ \t]*[:│┃║|][ \t]*|[ \t]*,[ \t]*(?={_QUOTE})|[ \t]+){_QUOTE}*)({_VALUE})(?=([ \t]+[A-Za-z])?)"
)
_EXPLAINS: Final = re.compile(
    r"[-~/.].*|[^A-Za-z0-9]*|absent|defined|empty|environment|exported|found|present|configured|used|variable|wins",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_WORD: Final = re.compile(r"[A-Za-z][a-z'’]{0,13}")
_BEARER: Final = re.compile(rf"([Aa]uthorization{_QUOTE}?\s?[:=]\s?{_QUOTE}?(?:[Bb]earer|[Bb]asic)[ \t]+)({_VALUE})")
# A terminal breaks a long key at its edge, perhaps inside a box: the rest stands at the beginning of the next line.
_BREAK: Final = r"[ \t]*[│┃║|]?[ \t]*\r?\n[ \t]*[│┃║|>]?[ \t]*"
_REST: Final = r"[A-Za-z0-9_-]{1,200}(?=[\s\"'`,;)│┃║|]|$)"
_BROKEN: Final = re.compile(
    rf"((?:[Ss][Kk][-_]|eyJ|{_NAME}{_QUOTE}?[ \t]?[=:][ \t]?{_QUOTE}*|[Bb]earer[ \t]+)[A-Za-z0-9_.-]{{6,}})"
    rf"((?:{_BREAK}{_REST})+)"
)
_RESTS: Final = re.compile(rf"({_BREAK})({_REST})")
_MIXED: Final = re.compile(r"[0-9].*[A-Za-z]|[A-Za-z].*[0-9]|[a-z][A-Z]")
_SHORT: Final = re.compile(r"[0-9].*[A-Za-z]|[A-Za-z].*[0-9]")
_UUID: Final = re.compile(
    rf"({_COLOUR}|\b)([0-9a-fA-F]{{8}}-[0-9a-fA-F]{{4}}-[0-9a-fA-F]{{4}}-[0-9a-fA-F]{{4}}-[0-9a-fA-F]{{12}})\b"
)
_UNDERSCORED: Final = re.compile(r"(?<![A-Za-z0-9_*])[A-Za-z0-9_]{20,}")
_ALTERNATES: Final = re.compile(r"[0-9][A-Za-z].*[A-Za-z][0-9]|[A-Za-z][0-9].*[0-9][A-Za-z]")
_LONG: Final = re.compile(r"(?<![A-Za-z0-9*])[A-Za-z0-9]{20,}")
_PLAIN: Final = re.compile(
    r"\*.*|<.*|[$%].*|x{3,}|\.{2,}.*|…|bearer|basic|null|none|true|false|undefined|your[-_ ]?.*|"
    r"(?:sk[-_])?(?:x{2,}|\.{3}.*|…+.*|\*.*|your.*)|"
    r"\(?string|not|unset|set|api-?key|ANTHROPIC_[A-Z_]+|apiKeyHelper|invalid|missing",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_DIGITS: Final = re.compile(r"[0-9][^0-9]*[0-9]")
_LETTERS: Final = re.compile(r"[A-Za-z][^A-Za-z]*[A-Za-z]")
_ASCII: Final = re.compile(r"[\x00-\x7f]+")


def mask_keys(text: str) -> str:
    """The text with everything masked that may be a key or a password. Masking twice changes nothing more."""
    if "invalid value" in text:
        text = _HEADER_VALUE.sub(lambda found: found[1] + _unless_plain(found[2]), text)
    if "\n" in text:
        text = _BROKEN.sub(lambda found: found[1] + _RESTS.sub(_rest, found[2]), text)
    if "eyJ" in text:
        text = _JWT.sub(lambda found: _masked(found[0]), text)
    if "@" in text:
        text = _USER.sub(r"\1***\2", text)
    if "=" in text:
        text = _ASSIGNED.sub(lambda found: found[1] + _unless_plain(found[2]), text)
    if ":" in text:
        text = _IN_DOCUMENT.sub(_in_document, text)
    if ":" in text or "=" in text:
        text = _HEADER.sub(lambda found: found[1] + found[2] + _unless_plain(found[3]), text)
        text = _BEARER.sub(lambda found: found[1] + _unless_plain(found[2]), text)
    if "ANTHROPIC_" in text:
        text = _client_variables(text)
    text = _SURELY.sub(lambda found: found[1] + _if_short_key(found[2]), text)
    text = _PREFIXED.sub(lambda found: found[1] + _unless_plain(found[2]), text)
    text = _BESIDE.sub(lambda found: found[1] + _if_random(found[2], 8), text)
    if "-" in text:
        text = _UUID.sub(lambda found: found[1] + _masked(found[2]), text)
    text = _LONG.sub(lambda found: _if_random(found[0], 20), text)
    return _UNDERSCORED.sub(lambda found: _if_mixed(found[0]), text)


def _client_variables(text: str) -> str:
    """With the values of the client's own variables masked."""
    text = _HEADERS.sub(lambda found: found[1] + _ONE_HEADER.sub(_one_header, found[0][len(found[1]) :]), text)
    text = _COMMANDED.sub(lambda found: found[1] + _unless_plain(found[2]), text)
    return _NAMED.sub(lambda found: found[1] + _unless_explained(found[2], goes_on=bool(found[3])), text)


def _if_mixed(value: str) -> str:
    return _if_random(value, 20) if _ALTERNATES.search(value) else value


def _in_document(found: re.Match[str]) -> str:
    if found[2] is None:
        return found[1] + _if_random(found[4], 8)
    return found[1] + found[2] + _unless_plain(found[3])


def _rest(found: re.Match[str]) -> str:
    return found[1] + ("***" if _MIXED.search(found[2]) else found[2])


def _one_header(found: re.Match[str]) -> str:
    return found[1] + _unless_plain(found[2])


def _unless_explained(value: str, *, goes_on: bool) -> str:
    """Masked unless it says something about the variable: a known word, or the first of several words."""
    word = value.rstrip(".:;!?")
    if len(value) < 4 or "://" in value or _PLAIN.fullmatch(word) or _EXPLAINS.fullmatch(word):
        return value
    return value if goes_on and _WORD.fullmatch(word) else _masked(value)


def _if_short_key(value: str) -> str:
    if len(value) < 4 or "://" in value or _PLAIN.fullmatch(value):
        return value
    return _masked(value) if _SHORT.search(value) else value


def _unless_plain(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else _masked(value)


def _if_random(value: str, shortest: int) -> str:
    """Masked when it is long and has digits and letters; words and numbers stay."""
    if len(value) < shortest or _PLAIN.fullmatch(value) or "://" in value:
        return value
    return _masked(value) if _DIGITS.search(value) and _LETTERS.search(value) else value


def _masked(value: str) -> str:
    """`***`, then up to three characters that no key may have, then the last four of a value that is long enough."""
    end = value[-4:] if len(value) >= 12 and value[-4:].isascii() else ""
    return "***" + _ASCII.sub("", value)[:3] + end
