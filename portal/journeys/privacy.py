"""Owns what the privacy page says (PURE): one row for each column of the tables, made of the vocabulary.

`tests/journeys/test_privacy.py` compares the rows with the columns of the real database, so that nothing can be
recorded that the page does not name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.journeys.vocabulary import Evidence, Kind, StepOutcome, Taken, Verdict
from portal.snippets.targets import Install, Platform, Scope, Shell
from portal.words import Text, _, ngettext


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing that is recorded.

    Attributes:
        columns: the columns of the database that it stands for, in any table.
        label: what it is.
        what: a sentence about it.
        words: every value that it can have, when that is a closed list.

    """

    columns: frozenset[str]
    label: Text
    what: Text
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """What the page shows. `kept` says for how long visits stay."""

    rows: tuple[Recorded, ...]
    kept: Text


def _row(columns: str, label: Text, what: Text, *kinds: Iterable[StrEnum]) -> Recorded:
    words = tuple(member.value for kind in kinds for member in kind)
    return Recorded(frozenset(columns.split()), label, what, words)


ROWS: Final = (
    _row(
        "id journey_id",
        _("Visit"),
        _("A random number that stands for this one visit. It is in a cookie that ends after a day."),
    ),
    _row(
        "key",
        _("Event number"),
        _("A number without a meaning, so that nothing is counted twice."),
    ),
    _row(
        "at started_at last_at touched_at context_at shown_at opened_at chosen_at taken_at checked_at passed_at "
        "verified_at helped_at resolved_at",
        _("Times"),
        _("When something happened, and when each stage of the guide was reached first."),
    ),
    _row("kind", _("What happened"), _("One of these words."), Kind),
    _row("platform shell", _("Machine"), _("The system and the shell that you chose."), Platform, Shell),
    _row("scope install", _("Set-up"), _("Where the settings go, and how Claude Code is installed."), Scope, Install),
    _row("language", _("Language"), _("The language that the page was shown in.")),
    _row(
        "client_major client_minor",
        _("Client version"),
        _("The first two numbers of Claude Code’s version, when a text that you pasted says it."),
    ),
    _row("target", _("What you took"), _("Which kind of text was copied or downloaded, never the text."), Taken),
    _row(
        "verdict cause model latency_ms",
        _("Key check"),
        _(
            "How it ended, the name of the cause, which of the offered models was asked, and how long the gateway "
            "took. Nothing of the key."
        ),
        Verdict,
    ),
    _row("evidence", _("It works"), _("How the portal knows: you said so, or a text showed it."), Evidence),
    _row(
        "symptom step outcome",
        _("Troubleshooting"),
        _(
            "Which problem, which cause and which step of the catalogue, and what became of it. Nothing that you "
            "pasted."
        ),
        StepOutcome,
    ),
)


def show_privacy(retention_days: int) -> PrivacyPage:
    """The page for a portal that keeps a visit for so many days."""
    kept = ngettext("A visit is removed after one day.", "A visit is removed after {count} days.", retention_days)
    return PrivacyPage(ROWS, kept)
