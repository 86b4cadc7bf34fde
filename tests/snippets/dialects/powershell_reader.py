"""A tiny reader of PowerShell string expressions, written from the language's rules and not from the dialect.

Source: about_Quoting_Rules, and the tokenizer of PowerShell: every one of ' U+2018 U+2019 U+201A U+201B opens and
closes a single-quoted string, and two of them in a row (of any kind) stand for the second.
"""

from __future__ import annotations

from typing import Final

_SINGLE: Final = "'\u2018\u2019\u201a\u201b"
_LINE_FEED: Final = '"`n"'


class NotAString(ValueError):  # noqa: N818 - named by what it says
    """The text is not one of the two forms of string that the portal writes."""


def read_string(text: str) -> str:
    """The value of a single-quoted string, or of several and "`n" joined by + in parentheses."""
    if text.startswith("(") and text.endswith(")"):
        return _read_sum(text[1:-1])
    value, end = _read_quoted(text, 0)
    if end != len(text):
        raise NotAString(f"goes on after its end: {text[end:]!r}")
    return value


def _read_sum(text: str) -> str:
    parts: list[str] = []
    position = 0
    while True:
        if text.startswith(_LINE_FEED, position):
            parts.append("\n")
            position += len(_LINE_FEED)
        else:
            part, position = _read_quoted(text, position)
            parts.append(part)
        if position == len(text):
            return "".join(parts)
        if not text.startswith(" + ", position):
            raise NotAString(f"neither + nor the end: {text[position:]!r}")
        position += 3


def _read_quoted(text: str, start: int) -> tuple[str, int]:
    if not text[start : start + 1] or text[start] not in _SINGLE:
        raise NotAString("does not begin with a quote")
    value = ""
    position = start + 1
    while position < len(text):
        if text[position] in _SINGLE:
            if text[position + 1 : position + 2] and text[position + 1] in _SINGLE:
                value += text[position + 1]
                position += 2
                continue
            return value, position + 1
        value += text[position]
        position += 1
    raise NotAString("has no end")
