"""Owns what an event is, and reading the ones that a browser posts (PURE).

Reading is strict: a field that is not known, or has another type, refuses that event and no other. Times come as an
age in milliseconds, because a browser's clock may be wrong by years and its sense of duration is not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from portal.journeys.vocabulary import (
    NOTHING_KNOWN,
    POSTED,
    Context,
    Evidence,
    Kind,
    StepOutcome,
    Taken,
    Verdict,
    is_id,
)
from portal.snippets.targets import INSTALLS, SHELLS, Install, Platform, Scope, Shell

MAX_EVENTS: Final = 50
"""Events in one post."""

MAX_AGE_MS: Final = 24 * 60 * 60 * 1000
"""How long ago a posted event may have happened, in milliseconds; the visit's cookie lasts as long."""

_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIELDS: Final = {"id", "kind", "ago_ms", "platform", "shell", "scope", "install", "target"}
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    Attributes:
        key: makes it unique within its journey; the same key again is the same event.
        at: when, in milliseconds since 1970 (UTC).
        context: the set-up on the screen at that time.
        target: what was copied or downloaded.
        verdict: how a key check ended.
        cause: the verdict's code, or a diagnosed cause.
        model: the model that a key check asked, if the profile offers it; "other" for any other.
        latency_ms: how long the gateway took to answer a key check, in milliseconds.
        evidence: how it is known that the client works.
        symptom: what troubleshooting was about.

    Raises:
        ValueError: an id that cannot be one; what a person typed must never get here.

    """

    key: str
    kind: Kind
    at: int
    context: Context = NOTHING_KNOWN
    target: Taken | None = None
    verdict: Verdict | None = None
    cause: str | None = None
    model: str | None = None
    latency_ms: int | None = None
    evidence: Evidence | None = None
    symptom: str | None = None

    def __post_init__(self) -> None:
        _must_be_ids(self.cause, self.model, self.symptom)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAnswer:
    """What became of a troubleshooting step.

    Attributes:
        symptom: an id of the catalogue, as `step` and `cause` are.
        cause: the diagnosed cause that the step is for, if there was one.
        at: when, in milliseconds since 1970 (UTC).
        context: the set-up that the step was shown for.

    Raises:
        ValueError: an id that cannot be one.

    """

    symptom: str
    step: str
    outcome: StepOutcome
    at: int
    cause: str | None = None
    context: Context = NOTHING_KNOWN

    def __post_init__(self) -> None:
        _must_be_ids(self.symptom, self.step, self.cause)


class Problem(StrEnum):
    """Why a posted event is refused."""

    NOT_AN_EVENT = "not-an-event"
    BROKEN_ID = "broken-id"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_FIELD = "unknown-field"
    BROKEN_AGE = "broken-age"
    UNKNOWN_VALUE = "unknown-value"
    MISSING_TARGET = "missing-target"


@dataclass(frozen=True, slots=True)
class PostedEvent:
    """An event that may be recorded; `id` is the browser's own name for it."""

    id: str
    event: Event


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """An event that is not recorded. `id` is empty when it had no usable one."""

    id: str
    problem: Problem


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _must_be_ids(*values: str | None) -> None:
    if not all(value is None or is_id(value) for value in values):
        raise ValueError("what is recorded has to be an id")  # without the value: it may be anything


def key_of(name: str) -> str:
    """The key under which an event is kept: a digest, so that nothing a browser makes up is ever stored.

    Returns:
        32 hexadecimal digits (BLAKE2b, 128 bits).

    """
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


def read_posted(raw: object, *, now: int, language: str) -> PostedEvent | RefusedEvent:
    """Read one element of a post's `events` as it was parsed from JSON.

    `now` is the server's time in milliseconds since 1970, `language` the code of the page's catalogue.
    """
    given = raw.get("id") if isinstance(raw, dict) else None
    name = given if isinstance(given, str) and _EVENT_ID.fullmatch(given) else ""
    if not isinstance(raw, dict):
        return RefusedEvent("", Problem.NOT_AN_EVENT)
    if not name:
        return RefusedEvent("", Problem.BROKEN_ID)
    try:
        return PostedEvent(name, _read(raw, name, now, language))
    except _RefusedError as refused:
        return RefusedEvent(name, refused.problem)


def _read(raw: Mapping[str, object], name: str, now: int, language: str) -> Event:
    kind = _word(Kind, raw.get("kind"), Problem.UNKNOWN_KIND)
    if kind not in POSTED:
        raise _RefusedError(Problem.UNKNOWN_KIND)
    if not raw.keys() <= _FIELDS:
        raise _RefusedError(Problem.UNKNOWN_FIELD)
    age = raw.get("ago_ms", 0)
    if type(age) is not int or not 0 <= age <= MAX_AGE_MS:
        raise _RefusedError(Problem.BROKEN_AGE)
    takes = kind in {Kind.COPIED, Kind.DOWNLOADED}
    if takes != ("target" in raw):
        raise _RefusedError(Problem.MISSING_TARGET if takes else Problem.UNKNOWN_FIELD)
    return Event(
        key=key_of(kind if kind is Kind.OPENED else name),  # a visit is opened once, in however many tabs
        kind=kind,
        at=now - age,
        context=_context(raw, language),
        target=_word(Taken, raw["target"]) if takes else None,
        evidence=Evidence.SELF_REPORTED if kind is Kind.VERIFIED else None,
    )


def _context(raw: Mapping[str, object], language: str) -> Context:
    platform = _optional(Platform, raw, "platform")
    shell = _optional(Shell, raw, "shell")
    install = _optional(Install, raw, "install")
    if (shell and (not platform or shell not in SHELLS[platform])) or (
        install and (not platform or install not in INSTALLS[platform])
    ):
        raise _RefusedError(Problem.UNKNOWN_VALUE)
    return Context(platform, shell, _optional(Scope, raw, "scope"), install, language)


def _optional(kind: type[_Word], raw: Mapping[str, object], name: str) -> _Word | None:
    return _word(kind, raw[name]) if name in raw else None


def _word(kind: type[_Word], value: object, problem: Problem = Problem.UNKNOWN_VALUE) -> _Word:
    if isinstance(value, str):
        try:
            return kind(value)
        except ValueError:
            pass
    raise _RefusedError(problem)
