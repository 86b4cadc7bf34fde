"""Owns what each stage of the key check can come to, beside the outcome of one Messages request (`results`). PURE.

`client` makes these values, `keycheck` turns them into steps and sentences. It must not know HTTP libraries, wording
or HTML. Every `quote` in here has gone through `quotes.quote`: short, plain, masked, and still untrusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from portal.gateway.results import CheckResult


class Moment(StrEnum):
    """Where a running request is; told to whoever waits for it."""

    CONNECTING = "connecting"  # looking up the name and opening the connection
    SECURING = "securing"  # the TLS handshake
    ASKING = "asking"  # the request is on its way, or answered in part


@dataclass(frozen=True, slots=True)
class Connection:
    """What is known of the way to the gateway; None where it was not measured (a connection that was there already).

    Attributes:
        connect_ms: name look-up and TCP, in milliseconds.
        tls_version: such as `TLSv1.3`; empty for http.
        certificate_ends: when the gateway's certificate expires; aware.

    """

    connect_ms: int | None = None
    tls_version: str = ""
    certificate_ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageProbe:
    """One Messages request: its outcome and the way to it."""

    result: CheckResult
    connection: Connection = Connection()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsListed:
    """The gateway's list of models for this key.

    Attributes:
        ids: in the gateway's order, without repeats, each a well-formed model id.
        complete: False when there were more pages or ids than are read.

    """

    ids: tuple[str, ...]
    complete: bool
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsUnlisted:
    """No list: the endpoint is missing, refuses, or answers something else. Never an error of the set-up."""

    status: int | None
    duration_ms: int = 0


ModelListing: TypeAlias = ModelsListed | ModelsUnlisted


class StreamFlaw(StrEnum):
    """What is wrong with a stream, most serious first."""

    ERROR_EVENT = "error-event"  # an `error` event came in the stream
    CUT_OFF = "cut-off"  # the stream ended before `message_stop`
    ILLEGAL_ORDER = "illegal-order"  # events in an order that the Messages API does not know
    STALLED = "stalled"  # the time ran out in the middle


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """A complete stream in legal order.

    Attributes:
        in_one_block: every event arrived at once: something between here and the gateway holds answers back.
        first_token_ms: from the request to the first piece of content, in milliseconds.
        duration_ms: from the request to `message_stop`, in milliseconds.
        events: how many events came, `ping` included.

    """

    in_one_block: bool
    first_token_ms: int
    duration_ms: int
    events: int
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStreamed:
    """A good Message came as one JSON document although a stream was asked for."""

    duration_ms: int
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamBroke:
    """A stream began, and went wrong."""

    flaw: StreamFlaw
    duration_ms: int
    quote: str = ""


StreamFinding: TypeAlias = Streamed | NotStreamed | StreamBroke | CheckResult
"""`CheckResult` (never `Accepted`): the request was answered by an error instead of a stream."""


class ClientShape(StrEnum):
    """Whose request the rehearsal imitates: the client's version that it was measured with."""

    CURRENT = "2.1.330"
    OLDER = "2.1.197"


class RequestPart(StrEnum):
    """A part of the real client's request that a gateway may refuse while it answers the small one."""

    BETAS = "betas"  # the `anthropic-beta` header's names
    CONTEXT_MANAGEMENT = "context-management"
    THINKING = "thinking"
    EFFORT = "effort"  # `output_config`
    TOOLS = "tools"
    SYSTEM_BLOCKS = "system-blocks"
    ONE_MILLION = "one-million"  # the beta `context-1m-…`
    LARGE_BODY = "large-body"  # a body of 120 KB or more: 413, or a firewall that reads bodies
    UNKNOWN = "unknown"  # the small request works, the real one does not, and nothing tells which part


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """A request in the shape of the real client's was answered.

    Attributes:
        body_bytes: how long its body was.
        counted_tokens: what `count_tokens` said for it, or None when it was not asked or did not say.

    """

    shape: ClientShape
    body_bytes: int
    duration_ms: int
    input_tokens: int
    output_tokens: int
    counted_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRefused:
    """The gateway answers without this part of the request, and not with it.

    `client_copes`: this version of the client repeats the request without the part by itself, so it answers, at the
    price of further calls.
    """

    shape: ClientShape
    part: RequestPart
    body_bytes: int
    status: int | None
    duration_ms: int
    quote: str = ""
    client_copes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalFailed:
    """Another outcome that has nothing to do with the request's shape, such as no credit or a time-out."""

    shape: ClientShape
    result: CheckResult


Rehearsal: TypeAlias = Rehearsed | PartRefused | RehearsalFailed
