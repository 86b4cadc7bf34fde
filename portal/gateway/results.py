"""Owns the outcomes of one small Messages request, named by what they mean for the key's holder. PURE.

`classify` makes them from an answer, `client` from a failed connection, `keycheck.wording` turns them into
sentences. It must not know HTTP libraries, wording or HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What every outcome carries.

    Attributes:
        status: the HTTP status, or None when no answer's head arrived.
        duration_ms: from the start of the request to the outcome, in milliseconds.
        quote: what the gateway said: at most 200 characters of plain text without control characters, with the key
            and anything key-like masked (see `quotes`). Still untrusted: escape it like any text.

    """

    status: int | None
    duration_ms: int
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Outcome):
    """A model answered with a complete Messages body: address, key and `model` (the id that was sent) work.

    The tokens are those of the answer's `usage`; 0 when it does not say.
    """

    model: str
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Outcome):
    """The gateway does not accept the key: 401, or what means it (LiteLLM says 400 "No connected db.")."""


class Barrier(StrEnum):
    """What stands between an accepted key and the model."""

    MODEL = "model"  # this key may not use this model
    GROUP = "group"  # the key's group or plan
    NETWORK = "network"  # the caller's IP address; note that the check calls from the portal's network
    ACCOUNT = "account"  # the account is banned or disabled
    FIREWALL = "firewall"  # a web page from something in front of the gateway; the key was never looked at
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAllowed(Outcome):
    """The request is forbidden: 403 or what means it, except when the reason is money (`OutOfCredit`)."""

    barrier: Barrier = Barrier.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfCredit(Outcome):
    """The key is known, and its account, plan or budget has nothing left: 402, or 400, 401, 403, 429 saying so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUnknown(Outcome):
    """The gateway has no such model, or no channel for it.

    Attributes:
        model: the id that was sent.
        key_proven: the answer comes from a family that looks at the key before it looks for the model, so the key is
            good. False when the shape does not tell.
        no_channel: the gateway has nothing to send such requests to, now or for the key's group. The id may be right,
            and a wrong one gets the same answer (new-api: 503).

    """

    model: str
    key_proven: bool
    no_channel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled(Outcome):
    """Too many requests for now. `retry_after_seconds` is the gateway's own wish, rounded up, or None."""

    retry_after_seconds: int | None = None
    api_shaped: bool = False


class Fault(StrEnum):
    """Whose fault a failing gateway reports."""

    OVERLOADED = "overloaded"
    UPSTREAM_CREDENTIAL = "upstream-credential"  # the gateway's own account with its provider, not the visitor's key
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayFailed(Outcome):
    """The gateway, or what is behind it, failed: 5xx, 529, or an error inside a 200 that says nothing clearer.

    Attributes:
        fault: what it reports as the reason.
        api_shaped: the error has the shape of an API (JSON with an error), so this is a gateway and not a page.

    """

    fault: Fault = Fault.OTHER
    api_shaped: bool = False


class Phase(StrEnum):
    """Where the time ran out."""

    QUEUE = "queue"  # in the portal itself: too many checks at once
    CONNECT = "connect"  # no connection was made
    ANSWER = "answer"  # connected, and no (complete) answer came


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut(Outcome):
    """No complete answer within the budget. `waited_for` says for what."""

    waited_for: Phase = Phase.ANSWER


class Obstacle(StrEnum):
    """Why no HTTP conversation came about."""

    DNS = "dns"
    REFUSED = "refused"
    TLS = "tls"
    PROXY = "proxy"  # the portal's own outgoing proxy
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable(Outcome):
    """No HTTP answer at all. For TLS, `quote` holds the verifier's reason, such as "certificate has expired"."""

    kind: Obstacle


class Shape(StrEnum):
    """What came instead of a Message."""

    HTML = "html"
    OPENAI_JSON = "openai-json"
    OTHER_JSON = "other-json"
    EVENT_STREAM = "event-stream"  # streamed although not asked to
    TEXT = "text"  # neither JSON nor HTML, or bytes that are no text
    EMPTY = "empty"
    TRUNCATED = "truncated"
    OVERSIZED = "oversized"
    REDIRECT = "redirect"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMessagesApi(Outcome):
    """Something answers at the address, but not the Messages API.

    Attributes:
        kind: what came instead.
        target: where a redirect points, made safe like `quote`; empty otherwise. It was not followed.

    """

    kind: Shape
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefused(Outcome):
    """Another 4xx: the gateway refuses this very request (400 invalid, 404 no such route, 405, 413 …).

    `api_shaped` means that the refusal is JSON in the shape of an API error.
    """

    api_shaped: bool = False


CheckResult: TypeAlias = (
    Accepted
    | Rejected
    | NotAllowed
    | OutOfCredit
    | ModelUnknown
    | Throttled
    | GatewayFailed
    | TimedOut
    | Unreachable
    | NotMessagesApi
    | RequestRefused
)
"""Everything one small Messages request can come to."""
