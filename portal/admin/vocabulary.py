"""Owns the words of the operator's side (PURE): who an operator is, and what an audit entry says was done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_NAME: Final = 254
"""Longest name in characters: an e-mail address may have so many (RFC 5321, 4.5.3.1.3 less the brackets)."""

AUDIT_DAYS: Final = 365
"""For how long an audit entry is kept."""

AUDIT_PAGE: Final = 50
"""Entries on a page of the audit log."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may sign in."""

    id: int
    name: str


class Action(StrEnum):
    """What was done. Changes of accounts are made on the command line."""

    SIGNED_IN = "signed_in"
    SIGNED_IN_BY_PROVIDER = "signed_in_by_provider"
    SIGN_IN_FAILED = "sign_in_failed"
    PROVIDER_REFUSED = "provider_refused"
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    EXPORTED_CSV = "exported_csv"
    EXPORTED_JSON = "exported_json"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an action


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done. `at` is in milliseconds; `name` is None when no account was concerned."""

    id: int
    at: int
    action: Action
    name: str | None
