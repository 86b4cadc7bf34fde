"""Owns the words that may be recorded (PURE). Whatever is not one of these never reaches the database.

Where a set grows with a catalogue (symptoms, causes, steps) or with the operator's profile (models), the caller gives
an id that it has looked up there; `is_id` is the second look. A new member of an enum here needs a migration of its
CHECK constraint: `tests/journeys/test_schema.py` says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from portal.snippets.targets import INSTALLS, SHELLS, Install, Platform, Scope, Shell


class Kind(StrEnum):
    """What happened. "Abandoned" is none of them: it is what is left when nothing follows."""

    OPENED = "opened"  # a browser's script says: something was done on the guide, for the first time in this visit
    MACHINE_CHOSEN = "machine_chosen"  # chose platform, shell, place or way to install
    COPIED = "copied"
    DOWNLOADED = "downloaded"
    KEY_CHECK_STARTED = "key_check_started"
    KEY_CHECK_FINISHED = "key_check_finished"
    VERIFIED = "verified"  # the client works
    HELP_OPENED = "help_opened"
    DIAGNOSED = "diagnosed"  # a pasted text was looked at; without a cause, nothing matched
    NOTHING_HELPED = "nothing_helped"


class Taken(StrEnum):
    """What was copied or downloaded; the guide's `data-snippet`, and two that are no block."""

    APPLY = "apply"
    DOCTOR = "doctor"
    INSTALL = "install"
    PATH = "path"
    CONFIGURE = "configure"
    FILE = "file"
    MERGED = "merged"
    VERIFY = "verify"
    UNDO = "undo"
    STEP = "step"  # a command of a troubleshooting step
    BUNDLE = "bundle"  # what support is given


class Verdict(StrEnum):
    """How a key check ended; which outcome it was, is its cause."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"


class Evidence(StrEnum):
    """How it is known that the client works."""

    SELF_REPORTED = "self_reported"
    STATUS = "status"  # read from the pasted output of the client


class StepOutcome(StrEnum):
    """What became of a troubleshooting step in one visit."""

    SHOWN = "shown"
    RESOLVED = "resolved"
    NOT_RESOLVED = "not_resolved"
    SKIPPED = "skipped"


POSTED: Final = frozenset(
    {Kind.OPENED, Kind.MACHINE_CHOSEN, Kind.COPIED, Kind.DOWNLOADED, Kind.VERIFIED, Kind.HELP_OPENED}
)
"""What a browser may say. The rest is recorded by the server, which knows it first-hand."""

STAGES: Final = {
    Kind.OPENED: "opened_at",
    Kind.MACHINE_CHOSEN: "chosen_at",
    Kind.COPIED: "taken_at",
    Kind.DOWNLOADED: "taken_at",
    Kind.KEY_CHECK_STARTED: "checked_at",
    Kind.VERIFIED: "verified_at",
    Kind.HELP_OPENED: "helped_at",
}
"""Event -> the column of `journey` that keeps when it happened first. A check that passed sets `passed_at`, a
resolving step `resolved_at`."""

OF_HELP: Final = frozenset({Taken.STEP, Taken.BUNDLE})
"""What only help pages offer. Taking it is recorded, and is no stage of the guide."""

MAX_ID: Final = 64
_Word = TypeVar("_Word", bound=StrEnum)
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Context:
    """The set-up that somebody looks at, as far as it is known.

    Attributes:
        language: the code of one of the portal's catalogues.
        client: (major, minor) of the client's version.

    """

    platform: Platform | None = None
    shell: Shell | None = None
    scope: Scope | None = None
    install: Install | None = None
    language: str | None = None
    client: tuple[int, int] | None = None


NOTHING_KNOWN: Final = Context()


def context_of(choices: Mapping[str, str], language: str) -> Context:
    """The set-up of a form's choices (by the guide's field names); what is no legal choice is left out."""
    platform = _known(Platform, choices.get("os", ""))
    shell, install = _known(Shell, choices.get("shell", "")), _known(Install, choices.get("install", ""))
    return Context(
        platform=platform,
        shell=shell if platform and shell in SHELLS[platform] else None,
        scope=_known(Scope, choices.get("scope", "")),
        install=install if platform and install in INSTALLS[platform] else None,
        language=language,
    )


def is_id(value: str) -> bool:
    """Whether the value can be the id of a symptom, cause, step or model: short, and without blanks.

    It says nothing about whether there is such a thing: the caller has looked that up.
    """
    return _ID.fullmatch(value) is not None


def _known(kind: type[_Word], value: str) -> _Word | None:
    try:
        return kind(value)
    except ValueError:
        return None
