"""PURE: owns which regular expressions may describe a key. A visitor's paste is matched against them.

A small common subset of Python's and JavaScript's syntax, without repeated repetitions, so that the match takes
linear time in practice and may run in a browser as well.
"""

from __future__ import annotations

import re
import warnings
from typing import Final

from portal.profile.texts import text_problems

MAX_LENGTH: Final = 200
"""Longest pattern accepted, in characters."""

_ATOM: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_OPEN: Final = r"(?:[*+?]|\{[0-9]*,[0-9]*\})"
_REPEATED_GROUP: Final = re.compile(rf"\([^()]*(?:{_OPEN}|\|)[^()]*\)(?:[*+]|\{{[0-9]+(?:,[0-9]*)?\}})")
_NESTED_GROUP: Final = re.compile(r"\([^()]*\(")
_SPECIAL_GROUP: Final = re.compile(r"\(\?(?!:)")
_REMEDY: Final = "write something simple such as ^sk-[A-Za-z0-9]{20,}$ or remove it"


def key_pattern_problems(pattern: str) -> list[str]:
    """Judge the regular expression that a whole key should match."""
    problems = text_problems(pattern, limit=MAX_LENGTH, may_be_empty=True)
    if problems:
        return problems
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        return [f"is not a regular expression ({error}); {_REMEDY}"]
    bare = _ATOM.sub("x", pattern)
    if _SPECIAL_GROUP.search(bare):
        return [f"uses a special group (?…), which browsers and Python read differently; {_REMEDY}"]
    bare = bare.replace("(?:", "(")
    if _REPEATED_GROUP.search(bare) or _NESTED_GROUP.search(bare):
        return [f"nests groups or repeats a varying one, which can take forever to match; {_REMEDY}"]
    if len(re.findall(_OPEN, bare)) > 3:
        return [f"has more than three open repetitions, which can take forever to match; {_REMEDY}"]
    return []
