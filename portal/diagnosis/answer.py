"""Owns what a diagnosis is made from and what it says: `Known`, `Finding`, `Diagnosis`. PURE.

It must not know how a text is read (`matcher`), nor the catalogue: a cause is named by its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.profile.model import CredentialScheme
from portal.snippets.targets import Platform, Scope, Shell
from portal.words import Text


class Band(StrEnum):
    """How probable a cause is; stable, used in `data-band`."""

    SURE = "sure"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Kind(StrEnum):
    """What a pasted text was recognised as; one text may be several of them."""

    CLIENT = "client"
    STATUS = "status"
    AUTH_STATUS = "auth-status"
    DOCTOR = "doctor"
    JSON_OUTPUT = "json-output"
    SETTINGS_FILE = "settings-file"
    ENVIRONMENT = "environment"
    OUR_REPORT = "our-report"
    SHELL = "shell"
    CURL = "curl"
    INSTALLER = "installer"


@dataclass(frozen=True, slots=True)
class Known:
    """What the portal knows beside the text.

    Attributes:
        base_urls: the addresses that this set-up may carry, without a trailing slash; empty when not known.
        models: the model ids that the gateway offers.
        key_check: the cause id that the key check came to, `""` when the key was accepted, None without a check.
        client_version: such as `2.1.330`, when the visitor told it.

    """

    platform: Platform | None = None
    shell: Shell | None = None
    scope: Scope | None = None
    credential: CredentialScheme | None = None
    base_urls: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    key_check: str | None = None
    client_version: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a cause: `quote` is one masked line of at most 200 characters; lines count from 1, 0 is none."""

    quote: str
    line: int
    why: Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause, what speaks for it, and what would tell it from its nearest rival (None when there is none)."""

    cause_id: str
    evidence: tuple[Evidence, ...]
    band: Band
    tell_apart: Text | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """One remark on one line: a defect of a settings file, a line of `/status` that is not as expected.

    `good` marks a line that is as it has to be; `column` is 0 when the whole line is meant.
    """

    line: int
    column: int
    quote: str
    says: Text
    cause_id: str = ""
    good: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Ranked findings, the most probable first. `unmatched` says honestly that nothing in the text was recognised."""

    findings: tuple[Finding, ...]
    client_version: str | None
    kinds: frozenset[Kind]
    notes: tuple[Note, ...]
    unmatched: bool


@dataclass(frozen=True, slots=True)
class Clue:
    """One observation while reading: it moves causes by `weights` (points; below zero speaks against)."""

    weights: tuple[tuple[str, float], ...]
    why: Text
    line: int
    quote: str = ""
