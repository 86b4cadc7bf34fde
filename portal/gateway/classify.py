"""Owns the way from an HTTP answer to an outcome. PURE: the clock is passed in.

Green is narrow on purpose: only a complete JSON Message under a 2xx status is `Accepted`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final, TypedDict, assert_never

from portal.gateway import results
from portal.gateway.access import Access
from portal.gateway.answers import Answer
from portal.gateway.bodies import ErrorBody, MessageBody, OtherBody, read_body
from portal.gateway.exchanges import Answered
from portal.gateway.quotes import quote
from portal.gateway.results import Barrier, CheckResult, Fault, Obstacle, Phase, Shape
from portal.gateway.signals import Meaning, meaning_of
from portal.keys import ApiKey

_LONGEST_WAIT: Final = 30 * 24 * 3600
"""Retry-after values above this many seconds are not believed (None)."""


@dataclass(frozen=True, slots=True)
class Context:
    """What classification knows beside the answer.

    Attributes:
        model: the id that was sent.
        key: masked in quotes; appears in no outcome.
        duration_ms: how long the request took, in milliseconds.
        now: aware; turns a retry-after date into seconds.
        to_be_read: whether the client would have to show the answer: then a Message must be one that it can use. The
            smallest request proves the key and the model with any Message.

    """

    model: str
    key: ApiKey
    duration_ms: int
    now: datetime
    to_be_read: bool = False


def context_of(exchange: Answered, access: Access, model: str, *, to_be_read: bool = False) -> Context:
    """The context of an answer that came over the wire; `model` is the id that was sent."""
    return Context(
        model=model, key=access.key, duration_ms=exchange.duration_ms, now=exchange.now, to_be_read=to_be_read
    )


class _Common(TypedDict):
    status: int
    duration_ms: int
    quote: str


def classify(answer: Answer, context: Context) -> CheckResult:
    """Return the outcome of one Messages request. Total: no status, header or byte sequence raises."""
    if 300 <= answer.status < 400:
        return results.NotMessagesApi(
            **_common(answer, context, ""),
            kind=Shape.REDIRECT,
            target=quote(answer.headers.get("location", ""), context.key),
        )
    body = read_body(answer)
    match body:
        case MessageBody() if 200 <= answer.status < 300 and context.to_be_read and not body.usable:
            return results.NotMessagesApi(**_common(answer, context, ""), kind=Shape.OTHER_JSON)
        case MessageBody() if 200 <= answer.status < 300:
            return results.Accepted(
                **_common(answer, context, ""),
                model=context.model,
                input_tokens=body.input_tokens,
                output_tokens=body.output_tokens,
            )
        case MessageBody():
            return _by_meaning(answer, context, ErrorBody(frozenset(), ""))
        case ErrorBody():
            return _by_meaning(answer, context, body)
        case OtherBody():
            return _by_shape(answer, context, body)
        case _:
            assert_never(body)


def _common(answer: Answer, context: Context, said: str) -> _Common:
    return {"status": answer.status, "duration_ms": context.duration_ms, "quote": quote(said, context.key)}


def _by_meaning(  # noqa: PLR0911 - one return per outcome
    answer: Answer,
    context: Context,
    error: ErrorBody,
    *,
    listen: bool = True,
) -> CheckResult:
    """The outcome of an error; `listen` False quotes its words without taking them for an API's."""
    common = _common(answer, context, error.message)
    status = _error_status(answer.status, error.names)
    meaning = meaning_of(status, error.names, error.message if listen else "")
    match meaning:
        case Meaning.REJECTED:
            return results.Rejected(**common)
        case Meaning.CREDIT:
            return results.OutOfCredit(**common)
        case Meaning.MODEL | Meaning.MODEL_KEY_PROVEN | Meaning.NO_CHANNEL:
            # Anthropic's API looks at the key first; in its envelope a missing model is a `not_found_error`.
            proven = meaning is not Meaning.MODEL or (error.anthropic and "not_found_error" in error.names)
            no_channel = meaning is Meaning.NO_CHANNEL
            return results.ModelUnknown(**common, model=context.model, key_proven=proven, no_channel=no_channel)
        case (
            Meaning.FORBIDDEN
            | Meaning.FORBIDDEN_MODEL
            | Meaning.FORBIDDEN_GROUP
            | Meaning.FORBIDDEN_NETWORK
            | Meaning.FORBIDDEN_ACCOUNT
        ):
            return results.NotAllowed(**common, barrier=_BARRIERS[meaning])
        case Meaning.THROTTLED:
            wait = retry_after_seconds(answer.headers.get("retry-after", ""), context.now)
            return results.Throttled(**common, retry_after_seconds=wait, api_shaped=error.api_shaped)
        case Meaning.OVERLOADED | Meaning.UPSTREAM_CREDENTIAL | Meaning.FAILED:
            return results.GatewayFailed(**common, fault=_FAULTS[meaning], api_shaped=error.api_shaped)
        case Meaning.TIMED_OUT:
            return results.TimedOut(**common, waited_for=Phase.ANSWER)
        case Meaning.REFUSED:
            return results.RequestRefused(**common, api_shaped=error.api_shaped)
        case _:
            assert_never(meaning)


_BARRIERS: Final[Mapping[Meaning, Barrier]] = MappingProxyType(
    {
        Meaning.FORBIDDEN: Barrier.OTHER,
        Meaning.FORBIDDEN_MODEL: Barrier.MODEL,
        Meaning.FORBIDDEN_GROUP: Barrier.GROUP,
        Meaning.FORBIDDEN_NETWORK: Barrier.NETWORK,
        Meaning.FORBIDDEN_ACCOUNT: Barrier.ACCOUNT,
    },
)
_FAULTS: Final[Mapping[Meaning, Fault]] = MappingProxyType(
    {
        Meaning.OVERLOADED: Fault.OVERLOADED,
        Meaning.UPSTREAM_CREDENTIAL: Fault.UPSTREAM_CREDENTIAL,
        Meaning.FAILED: Fault.OTHER,
    },
)

_PAGE_STATUSES: Final = frozenset({401, 402, 403, 407, 408, 413, 429, 451})
"""4xx that mean the same in a page as in an API error; a page with another 4xx says "wrong address"."""


def _by_shape(answer: Answer, context: Context, body: OtherBody) -> CheckResult:
    """The outcome when the body explains nothing: the status decides, unless the shape shows another kind of server."""
    common = _common(answer, context, body.text)
    page = body.shape is Shape.HTML
    if 200 <= answer.status < 300 or _is_elsewhere(answer, body.shape):
        return results.NotMessagesApi(**common, kind=body.shape)
    if _is_firewall(answer, body):
        return results.NotAllowed(**common, barrier=Barrier.FIREWALL)
    if answer.status == 407:
        return results.Unreachable(**common, kind=Obstacle.PROXY)
    return _by_meaning(answer, context, ErrorBody(frozenset(), body.text), listen=not page)


def _is_firewall(answer: Answer, body: OtherBody) -> bool:
    """Whether something in front of the gateway turned the request away: a page, or Cloudflare's own codes."""
    if answer.headers.get("cf-mitigated", "").strip().lower() == "challenge":
        return True
    code = re.fullmatch(r"error code: 1[0-9]{3}", body.text.strip()) is not None
    return answer.status in {403, 451} and (body.shape is Shape.HTML or code)


def _is_elsewhere(answer: Answer, shape: Shape) -> bool:
    """Whether a page or an empty body with this status says "this is not the API's address"."""
    if shape not in {Shape.HTML, Shape.EMPTY}:
        return False
    if answer.status == 401:  # a login wall such as HTTP Basic
        return shape is Shape.HTML and "bearer" not in answer.headers.get("www-authenticate", "bearer").lower()
    # 511 is a captive portal (RFC 6585).
    return answer.status == 511 or (400 <= answer.status < 500 and answer.status not in _PAGE_STATUSES)


def _error_status(status: int, names: frozenset[str]) -> int:
    """The status to judge an error by: inside a 2xx, the one it carries itself (`"code": 401`), else 200."""
    if not 200 <= status < 300:
        return status if 400 <= status < 600 else 500
    return next((int(name) for name in sorted(names) if re.fullmatch(r"[45][0-9]{2}", name)), 200)


def retry_after_seconds(header: str, now: datetime) -> int | None:
    """Seconds to wait, rounded up, from a `retry-after` of seconds or an HTTP date (RFC 9110, section 10.2.3).

    None when the header is missing, unreadable, in the past, or asks for more than thirty days. `now` is aware.
    """
    header = header.strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", header):
        wait = math.ceil(float(header))
    else:
        try:
            until = parsedate_to_datetime(header)
            wait = math.ceil((until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return wait if 0 <= wait <= _LONGEST_WAIT else None
