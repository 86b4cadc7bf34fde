"""Owns the tables of journeys. Every column holds a word of the vocabulary, an id, a number or a time; nothing else.

Times are whole milliseconds since 1970 (UTC): both databases subtract and compare them alike, and "a day" depends on
the operator's zone anyway. A journey keeps when each stage was reached first, so that the funnel and the times between
its stages are read from one narrow table; events and outcomes keep the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base
from portal.journeys.vocabulary import MAX_ID, Evidence, Kind, StepOutcome, Taken, Verdict
from portal.snippets.targets import Install, Platform, Scope, Shell

JOURNEY_ID: Final = 22
"""128 random bits in URL-safe base64, without padding."""

EVENT_KEY: Final = 32
_WORD: Final = 24
_LANGUAGE: Final = 16


def _words(column: str, kind: type[StrEnum]) -> CheckConstraint:
    words = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def _no_longer(column: str, most: int) -> CheckConstraint:
    """PostgreSQL refuses what is longer than the column; SQLite does so only when told."""
    return CheckConstraint(f"length({column}) <= {most}", name=f"{column}_length")


def _context() -> Iterable[CheckConstraint]:
    yield from (_words("platform", Platform), _words("shell", Shell), _words("scope", Scope))
    yield from (_words("install", Install), _no_longer("language", _LANGUAGE))


class _ContextColumns:
    """The set-up on the screen: of a journey the latest, of an event or outcome the one at that time."""

    platform: Mapped[str | None] = mapped_column(String(_WORD))
    shell: Mapped[str | None] = mapped_column(String(_WORD))
    scope: Mapped[str | None] = mapped_column(String(_WORD))
    install: Mapped[str | None] = mapped_column(String(_WORD))
    language: Mapped[str | None] = mapped_column(String(_LANGUAGE))
    client_major: Mapped[int | None] = mapped_column(SmallInteger)
    client_minor: Mapped[int | None] = mapped_column(SmallInteger)


class Journey(_ContextColumns, Base):
    """One visit. `context_at` is the time of the event that the set-up was taken from.

    `touched_at` is when something about the visit was last written, by the clock of the database (the other times may
    be earlier: browsers send late). Statistics find by it what has changed since they last looked.
    """

    __tablename__ = "journey"
    __table_args__ = (
        _no_longer("id", JOURNEY_ID),
        *_context(),
        Index(None, "started_at"),
        Index(None, "last_at"),
        Index(None, "touched_at"),
    )

    id: Mapped[str] = mapped_column(String(JOURNEY_ID), primary_key=True)
    started_at: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[int] = mapped_column(BigInteger)
    touched_at: Mapped[int] = mapped_column(BigInteger, server_default="0", sort_order=1)
    context_at: Mapped[int | None] = mapped_column(BigInteger)
    opened_at: Mapped[int | None] = mapped_column(BigInteger)
    chosen_at: Mapped[int | None] = mapped_column(BigInteger)
    taken_at: Mapped[int | None] = mapped_column(BigInteger)
    checked_at: Mapped[int | None] = mapped_column(BigInteger)
    passed_at: Mapped[int | None] = mapped_column(BigInteger)
    verified_at: Mapped[int | None] = mapped_column(BigInteger)
    helped_at: Mapped[int | None] = mapped_column(BigInteger)
    resolved_at: Mapped[int | None] = mapped_column(BigInteger)


class JourneyEvent(_ContextColumns, Base):
    """Something that happened in a visit, once for each `key`."""

    __tablename__ = "journey_event"
    __table_args__ = (
        _no_longer("key", EVENT_KEY),
        _words("kind", Kind),
        _words("target", Taken),
        _words("verdict", Verdict),
        _words("evidence", Evidence),
        *_context(),
        *(_no_longer(name, MAX_ID) for name in ("cause", "model", "symptom")),
        Index(None, "kind", "at"),
        Index(None, "at"),
    )

    journey_id: Mapped[str] = mapped_column(
        String(JOURNEY_ID), ForeignKey("journey.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(EVENT_KEY), primary_key=True)
    kind: Mapped[str] = mapped_column(String(_WORD))
    at: Mapped[int] = mapped_column(BigInteger)
    target: Mapped[str | None] = mapped_column(String(_WORD))
    verdict: Mapped[str | None] = mapped_column(String(_WORD))
    cause: Mapped[str | None] = mapped_column(String(MAX_ID))
    model: Mapped[str | None] = mapped_column(String(MAX_ID))
    latency_ms: Mapped[int | None] = mapped_column(BigInteger)
    evidence: Mapped[str | None] = mapped_column(String(_WORD))
    symptom: Mapped[str | None] = mapped_column(String(MAX_ID))


class Outcome(_ContextColumns, Base):
    """What became of one step of one symptom in a visit: the last answer, or that it was shown."""

    __tablename__ = "step_outcome"
    __table_args__ = (
        _words("outcome", StepOutcome),
        *_context(),
        *(_no_longer(name, MAX_ID) for name in ("symptom", "step", "cause")),
        Index(None, "symptom", "step", "platform", "outcome"),
        Index(None, "at"),
    )

    journey_id: Mapped[str] = mapped_column(
        String(JOURNEY_ID), ForeignKey("journey.id", ondelete="CASCADE"), primary_key=True
    )
    symptom: Mapped[str] = mapped_column(String(MAX_ID), primary_key=True)
    step: Mapped[str] = mapped_column(String(MAX_ID), primary_key=True)
    cause: Mapped[str | None] = mapped_column(String(MAX_ID))
    outcome: Mapped[str] = mapped_column(String(_WORD))
    shown_at: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[int] = mapped_column(BigInteger)
