"""Owns the count of what was asked for and not done, by reason: limits, and requests that are not as they should be."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from portal.observability.metrics import ClosedCounter


class Refusal(StrEnum):
    """Why a request was not carried out."""

    KEY_CHECKS_OF_CLIENT = "key_checks_of_client"
    KEY_CHECKS_IN_TOTAL = "key_checks_in_total"
    KEY_CHECKS_AT_ONCE = "key_checks_at_once"
    EVENTS = "events"
    HELP = "help"
    SIGN_IN = "sign_in"
    OTHER_SITE = "other_site"
    UNREADABLE = "unreadable"
    NO_FORM = "no_form"
    TOO_LARGE = "too_large"


REFUSED: Final = ClosedCounter(
    "portal_refused", "Requests that were not carried out: over a limit, or not as they have to be.", reason=Refusal
)
