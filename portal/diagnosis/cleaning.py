"""Owns how a paste becomes comparable: lines as a person reads them, and one dense string for the patterns. PURE.

A terminal wraps sentences at any column, draws boxes around them and writes blanks as cursor movements. The dense
string therefore holds no white space, no quotation marks and no drawing at all, and is in lower case; a phrase made
dense in the same way is found wherever the line breaks fell. All work is in proportion to the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

MAX_TEXT: Final = 256 * 1024
"""Longest text that is read, in characters; of a longer one the beginning and the end."""

_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)?|"
    r"[PX^_][^\x1b\n]{0,2000}\x1b\\|[ -/]{0,3}[0-~])"
)
_TO_COLUMN: Final = re.compile(r"\x1b\[\d{0,4}[CG]")
_OVERTYPED: Final = re.compile(r"[^\n]\x08")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00-\x08\x0e-\x1f\x7f-\x9f]"
)
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_FILLERS: Final = "\u115f\u1160\u2800\u3164\uffa0"
_DRAWING: Final = "─━│┃┄┅┆┇┈┉┊┋┌┍┎┏┐└┘├┤┬┴┼═║╒╔╗╚╝╠╣╦╩╬╭╮╯╰╴╵╶╷▀▁▂▃▄▅▆▇█▉▊▋▌▍▎▏▐░▒▓▔▕"
_FRAME: Final = " \t" + _DRAWING
_SIDES: Final = frozenset(_DRAWING)
_MARKS: Final = "●⏺○◯✻✶✢✳✽✺✴❯›»⎿⚠✔✘✖✓ℹ•·∙…⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_QUOTES: Final = "\"'`´‘’‚‛“”„‟«»‹›\\"
_WHITE: Final = "\t\x0b\x0c\r\x1c-\x1f \x85\xa0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u3000\u00ad\ufeff"
_DROPPED: Final = re.compile(f"[{_WHITE}{re.escape(_DRAWING + _MARKS + _QUOTES)}]+")
_DROPPED_ASCII: Final = re.compile("[\t\x0b\x0c\r\x1c-\x1f \"'`\\\\]+")
_ALIKE: Final = (
    *((chr(code), "-") for code in (0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE58, 0xFF0D)),
    *zip("：，；（）！？＝／", ":,;()!?=/", strict=True),
)
_TO_BLANKS: Final = str.maketrans(dict.fromkeys(_DRAWING, " "))
_ESCAPED_BREAK: Final = re.compile(r"\\[nrt](?![A-Za-z]:)")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A paste made comparable. `starts[i]` is where line `i` begins in `dense`."""

    lines: tuple[str, ...]
    dense: str
    starts: tuple[int, ...]

    def line_at(self, offset: int) -> int:
        """The index (from 0) of the line that holds this offset of `dense`."""
        return max(0, bisect_right(self.starts, offset) - 1)


def is_blank(text: str) -> bool:
    """Whether nothing in a text can be seen: white space, control characters, and signs without a width."""
    return all(unicodedata.category(sign) in _UNSEEN or sign in _FILLERS for sign in text)


def clean(text: str) -> Cleaned:
    """Make a paste comparable. Lines keep their numbers: there are as many as in the paste."""
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT // 2] + "\n" + text[-MAX_TEXT // 2 :]
    if "\x1b" in text:
        text = _ESCAPES.sub("", _TO_COLUMN.sub(" ", text))
    if "\x08" in text:
        text = _OVERTYPED.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u0085", "\n")
    pieces = _dense_lines(text).split("\n")
    starts = (0, *accumulate(map(len, pieces[:-1])))
    return Cleaned(tuple(text.split("\n")), "".join(pieces), starts)


def dense(text: str) -> str:
    """One line or phrase without white space, quotation marks and drawing, in lower case."""
    return _dense_lines(text).replace("\n", "")


def _dense_lines(text: str) -> str:
    if "\\" in text:
        text = _ESCAPED_BREAK.sub(" ", text)
    if text.isascii():
        return _DROPPED_ASCII.sub("", text).lower()
    text = _DROPPED.sub("", text)
    for sign, plain in _ALIKE:
        text = text.replace(sign, plain)
    return text.lower()


def undraw(text: str) -> str:
    """The text without the box around it and without the `>` of a quotation; lines keep their numbers."""
    lines = text.split("\n")
    if any(sign in text for sign in "│┃║|╭┌╔"):
        lines = [line.strip(_FRAME) if line.strip()[:1] in _SIDES else line for line in lines]
    filled = [line for line in lines if line.strip()]
    if filled and all(line.lstrip()[:1] == ">" for line in filled):
        lines = [line.lstrip().removeprefix(">").removeprefix(" ") for line in lines]
    return "\n".join(lines)


def readable(line: str, around: str = "", limit: int = 200) -> str:
    """A line fit to be shown: no control characters, no drawing, at most `limit` characters, near `around` if long."""
    if len(line) > 4000:
        at = max(0, line.lower().find(around.lower())) if around else 0
        line = line[max(0, at - 200) : at + 2000]
    shown = " ".join(_INVISIBLE.sub("", line).translate(_TO_BLANKS).split())
    if len(shown) <= limit:
        return shown
    at = max(0, shown.lower().find(around.lower()[:20])) if around else 0
    start = max(0, min(at - 40, len(shown) - limit + 2))
    return ("…" if start else "") + shown[start : start + limit - 2] + "…"
