"""Owns the patterns: `evidence.toml` read once, and which of them a text meets. PURE.

It must not know sentences (`wording`) nor how points become a ranking (`matcher`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from portal.diagnosis.cleaning import dense

_FILE: Final = Path(__file__).with_name("evidence.toml")
_PIECE: Final = 4
# What the client remarks about a model beside the answer: its words are not the gateway's.
_REMARKS: Final = re.compile(
    r"claudecodedoesntrecognizethemodel[^\n]{0,300}?setthewindow\.|\[claude-code:unrecognized_model\](?:\{[^{}]{0,200}\})?|"
    r"model[^\n]{1,60}isntrecognized[^\n]{0,60}(?:updateclaudecode)?|"
    r"claude[a-z0-9.]{1,20}wasretiredon[a-z0-9,]{4,20}\.considerswitchingtoanewermodel\."
)
_LONG: Final = 6000
_KEYS: Final = {"id", "says", "also", "unless", "unless_regex", "status", "from", "needs", "weigh", "why", "aside"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One clue of the file, its phrases made dense. `aside` marks what often stands beside another fault."""

    id: str
    why: str
    weights: tuple[tuple[str, float], ...]
    says: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    unless_regex: re.Pattern[str] | None = None
    statuses: frozenset[int] = frozenset()
    regex: re.Pattern[str] | None = None
    needs: tuple[str, ...] = ()
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern that a text meets, where in the dense text it was found, and the words (dense)."""

    pattern: Pattern
    at: int
    words: str


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every pattern of the file.

    Raises:
        ValueError: the file has an unknown key, a clue without any condition, or two clues of one name.

    """
    clues: list[dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["clue"]
    read = tuple(map(_read, clues))
    if len({pattern.id for pattern in read}) != len(read):
        raise ValueError("two clues have the same id")
    return read


def _read(clue: dict[str, Any]) -> Pattern:
    if unknown := set(clue) - _KEYS:
        raise ValueError(f"unknown keys in clue {clue['id']}: {unknown}")
    if not ({"says", "from", "status"} & set(clue)):
        raise ValueError(f"clue {clue['id']} has no condition")
    return Pattern(
        id=clue["id"],
        why=clue["why"],
        weights=tuple(clue["weigh"].items()),
        says=_phrases(clue, "says"),
        also=_phrases(clue, "also"),
        unless=_phrases(clue, "unless"),
        unless_regex=re.compile(clue["unless_regex"]) if "unless_regex" in clue else None,
        statuses=frozenset(clue.get("status", ())),
        regex=re.compile(clue["from"]) if "from" in clue else None,
        needs=_phrases(clue, "needs"),
        aside=clue.get("aside", False),
    )


def _phrases(clue: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(dense(phrase) for phrase in clue.get(name, ()))


def matches(text: str, statuses: dict[int, int]) -> Iterator[Match]:
    """Every pattern that the dense `text` meets. `statuses` are HTTP statuses and where they were seen."""
    pieces = _pieces(text)
    said = _REMARKS.sub(lambda remark: "\0" * len(remark[0]), text)
    for pattern in patterns():
        if pattern.statuses and not (pattern.statuses & statuses.keys()):
            continue
        searched = text if pattern.aside else said
        if (found := _find(pattern, searched, statuses, pieces)) is None:
            continue
        if all(phrase in searched for phrase in pattern.also) and not _is_excluded(pattern, searched):
            yield found


def _pieces(text: str) -> frozenset[int] | None:
    """Every run of `_PIECE` characters of a long text: a phrase that begins otherwise need not be sought."""
    return frozenset[int]().union(*_runs(text)) if len(text) >= _LONG else None


def _runs(text: str) -> Iterator[memoryview]:
    """Runs of four characters as numbers, because cutting out as many strings takes four times as long."""
    units = text.encode("utf-16-le", "surrogatepass")
    for shift in range(0, 2 * _PIECE, 2):
        yield memoryview(units[shift : len(units) - (len(units) - shift) % 8]).cast("Q")


@cache
def _head(phrase: str) -> int:
    return int(next(_runs(phrase[:_PIECE]))[0])


def _find(pattern: Pattern, text: str, statuses: dict[int, int], pieces: frozenset[int] | None) -> Match | None:
    """The last place where the pattern is met: what came last on the screen is what the person asks about."""
    best, words = -1, ""
    for phrase in pattern.says:
        if pieces is not None and len(phrase) >= _PIECE and _head(phrase) not in pieces:
            continue
        at = text.rfind(phrase)
        if at > best:
            best, words = at, phrase
    if pattern.regex and any(need in text for need in pattern.needs):
        for found in pattern.regex.finditer(text):
            best, words = found.start(), found[0]
    if not pattern.says and not pattern.regex:
        best, words = max((at, str(status)) for status, at in statuses.items() if status in pattern.statuses)
    return Match(pattern, best, words) if best >= 0 else None


def _is_excluded(pattern: Pattern, text: str) -> bool:
    if any(phrase in text for phrase in pattern.unless):
        return True
    return pattern.unless_regex is not None and pattern.unless_regex.search(text) is not None
