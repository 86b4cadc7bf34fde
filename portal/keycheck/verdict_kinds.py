"""Owns what every verdict is made of: its kind, how it is shown, its words, and where its next action happens. PURE.

Words have no colour: it is that of the worst step on the same screen (`conclusion`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.words import Text


class VerdictCode(StrEnum):
    """The kind of verdict; stable, used in `data-verdict`."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_ALLOWED = "not-allowed"
    OUT_OF_CREDIT = "out-of-credit"
    MODEL_UNKNOWN = "model-unknown"
    THROTTLED = "throttled"
    GATEWAY_ERROR = "gateway-error"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    NOT_MESSAGES_API = "not-messages-api"
    REFUSED = "refused"
    OTHER_HEADER = "other-header"
    STREAM_BROKEN = "stream-broken"
    BUFFERED = "buffered"
    NOT_STREAMED = "not-streamed"
    PART_REFUSED = "part-refused"
    MODELS_MISSING = "models-missing"
    SLOW = "slow"
    CERTIFICATE_ENDS = "certificate-ends"
    INCOMPLETE = "incomplete"


class VerdictState(StrEnum):
    """How the verdict is shown."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"


class LinkName(StrEnum):
    """One of the profile's links."""

    CONSOLE = "console"
    DOCS = "docs"
    MODELS = "models"
    STATUS = "status"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a verdict, and where its next action happens.

    Attributes:
        links: the first of these that the profile has is offered.
        asks_support: whether somebody else may have to act although most verdicts of this kind are the visitor's own
            to solve (`links.NEEDS_SUPPORT`): the support's link is offered as well then.

    """

    code: VerdictCode
    sentence: Text
    cause: Text
    next_action: Text
    links: tuple[LinkName, ...] = ()
    asks_support: bool = False
