"""Owns which passwords are too easy to guess (PURE): rules and a short list of our own, no list of leaked passwords.

What everybody tries first is taken out of a password: common words (also with 0 for o and the like), rows of the
keyboard, runs and repetitions, years, the account's and the gateway's name. Enough must be left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from portal.words import Text, _

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 1024
MIN_LEFT: Final = 6
"""How many characters must be left after everything easy to guess was taken out."""

_MIN_NAME: Final = 3
_RUN: Final = 4

_SPELLINGS: Final = str.maketrans("0134578@$!|+", "oieastbasiit")
_TRIED_FIRST: Final = """
password passwort passwd passphrase passcode motdepasse contrasena senha parola secret letmein please openup
opensesame welcome willkommen bienvenue changeme changeit default admin administrator root superuser sysadmin operator
user guest login signin access master manager owner test testing tester demo example sample temp temporary
qwerty qwertz azerty football baseball basketball soccer hockey superman batman spiderman pokemon starwars dragon
monkey shadow sunshine princess iloveyou loveyou love angel flower butterfly chocolate cookie summer winter spring
autumn monday tuesday wednesday thursday friday saturday sunday january february march april june july august
september october november december michael jennifer jessica ashley daniel charlie thomas jordan computer internet
server database company office business correct horse battery staple trustno hello whatever freedom
mustang harley ferrari liverpool arsenal chelsea barcelona london paris berlin newyork america
gateway portal onboarding claude claudecode anthropic openai llm litellm apikey token
"""
_WORDS: Final = sorted(_TRIED_FIRST.split(), key=len, reverse=True)
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "!@#$%^&*()",
)
_REPEATED: Final = re.compile(r"(.+?)\1+", re.DOTALL)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


class Weakness(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    GUESSABLE = "guessable"


def explain(weakness: Weakness) -> Text:
    """The sentence for whoever chose the password."""
    match weakness:
        case Weakness.TOO_SHORT:
            return _("The password needs {count} characters or more.", count=MIN_LENGTH)
        case Weakness.TOO_LONG:
            return _("The password may have {count} characters at most.", count=MAX_LENGTH)
        case Weakness.GUESSABLE:
            return _(
                "The password is easy to guess: it consists mostly of common words, rows of the keyboard, repetitions, "
                "or the names of the account and the gateway. Four words that have nothing to do with each other work."
            )


def weakness_of(password: str, names: Iterable[str]) -> Weakness | None:
    """Why this password must not be used, or None. `names` are those that an attacker knows anyway."""
    if len(password) < MIN_LENGTH:
        return Weakness.TOO_SHORT
    if len(password) > MAX_LENGTH:
        return Weakness.TOO_LONG
    return Weakness.GUESSABLE if len(_left(password, names)) < MIN_LEFT else None


def _left(password: str, names: Iterable[str]) -> str:
    """What is left when everything easy to guess is taken out; blanks and signs count, too."""
    left = unicodedata.normalize("NFKC", password).casefold()
    if whole := _REPEATED.fullmatch(left):
        left = whole[1]
    known = [part for name in names for part in re.split(r"\W+", name.casefold()) if len(part) >= _MIN_NAME]
    for pattern in (*known, *_WORDS):
        left = _without(left, pattern)
    left = _YEAR.sub("", left)
    left = _without_runs(left)
    return re.sub(r"(.)\1+", r"\1", left)


def _without(text: str, word: str) -> str:
    """The text without a word, however it is spelt. Both spellings have the same length, sign by sign."""
    spelt = text.translate(_SPELLINGS)
    wanted = word.translate(_SPELLINGS)
    while (at := spelt.find(wanted)) >= 0:
        text = text[:at] + text[at + len(wanted) :]
        spelt = text.translate(_SPELLINGS)
    return text


def _without_runs(text: str) -> str:
    rows = [row for one in _ROWS for row in (one, one[::-1])]
    kept, at = "", 0
    while at < len(text):
        length = max(_run(text, at, row) for row in rows)
        if length < _RUN:
            kept += text[at]
        at += length if length >= _RUN else 1
    return kept


def _run(text: str, at: int, row: str) -> int:
    """How many signs of `text` from `at` on follow each other in `row`."""
    start = row.find(text[at])
    length = 1
    while start >= 0 and text[at : at + length + 1] == row[start : start + length + 1] and at + length < len(text):
        length += 1
    return length
