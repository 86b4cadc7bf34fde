"""Owns which cause of the troubleshooting catalogue a finding points to. PURE.

The ids are the catalogue's; an empty text means that no cause is found there. It must not know sentences.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, assert_never

from portal.gateway import results
from portal.gateway.results import Barrier, CheckResult, Fault, Obstacle, Shape
from portal.gateway.stages import RequestPart, StreamFlaw
from portal.keycheck.steps import is_wrong_path

KEY_REJECTED: Final = "key-rejected"
MODEL_UNKNOWN: Final = "model-unknown"
MODEL_RESTRICTED: Final = "model-restricted"
BUFFERING: Final = "buffering-proxy"
CERTIFICATE_ENDS: Final = "tls-expired"
SLOW: Final = "timeout"

_OBSTACLES: Final = {
    Obstacle.DNS: "host-unknown",
    Obstacle.REFUSED: "connection-refused",
    Obstacle.PROXY: "proxy-refused",
    Obstacle.OTHER: "connection-dropped",
}
_FLAWS: Final = {
    StreamFlaw.ERROR_EVENT: "gateway-error",
    StreamFlaw.CUT_OFF: "connection-dropped",
    StreamFlaw.ILLEGAL_ORDER: "gateway-error",
    StreamFlaw.STALLED: "timeout",
}
_PARTS: Final = {
    RequestPart.BETAS: "betas-rejected",
    RequestPart.CONTEXT_MANAGEMENT: "betas-rejected",
    RequestPart.ONE_MILLION: "betas-rejected",
    RequestPart.THINKING: "thinking-rejected",
    RequestPart.EFFORT: "thinking-rejected",
    RequestPart.LARGE_BODY: "request-too-large",
}


def cause_of(result: CheckResult) -> str:  # noqa: C901, PLR0911, PLR0912 - one case per outcome
    """The id of the cause that an outcome points to, or empty."""
    match result:
        case results.Accepted():
            return ""
        case results.Rejected():
            return KEY_REJECTED
        case results.NotAllowed(barrier=barrier):
            return {Barrier.MODEL: MODEL_RESTRICTED, Barrier.FIREWALL: "blocked-by-waf"}.get(barrier, "not-allowed")
        case results.OutOfCredit():
            return "out-of-credit"
        case results.ModelUnknown(no_channel=no_channel):
            return MODEL_RESTRICTED if no_channel else MODEL_UNKNOWN
        case results.Throttled():
            return "rate-limited"
        case results.GatewayFailed(fault=fault):
            return "gateway-overloaded" if fault is Fault.OVERLOADED else "gateway-error"
        case results.TimedOut(waited_for=phase):
            return "" if phase is results.Phase.QUEUE else "timeout"
        case results.Unreachable(kind=kind, quote=quote):
            return _OBSTACLES.get(kind) or _TLS[tls_flaw(quote)]
        case results.NotMessagesApi(kind=kind):
            return "base-url-redirect" if kind is Shape.REDIRECT else "not-an-api"
        case results.RequestRefused(status=status):
            if is_wrong_path(result):
                return "base-url-path"
            return "request-too-large" if status == 413 else "gateway-error"
        case _:
            assert_never(result)


def cause_of_flaw(flaw: StreamFlaw) -> str:
    """The id of the cause that a broken stream points to."""
    return _FLAWS[flaw]


def cause_of_refused(part: RequestPart) -> str:
    """The id of the cause that a refused part of the client's request points to."""
    return _PARTS.get(part, "gateway-error")


class TlsFlaw(StrEnum):
    """What is wrong with a secured connection."""

    EXPIRED = "expired"
    OTHER_NAME = "other-name"
    UNTRUSTED = "untrusted"
    NO_AGREEMENT = "no-agreement"  # no certificate was looked at: the handshake itself failed


_TLS: Final = {
    TlsFlaw.EXPIRED: "tls-expired",
    TlsFlaw.OTHER_NAME: "tls-hostname",
    TlsFlaw.UNTRUSTED: "tls-untrusted",
    TlsFlaw.NO_AGREEMENT: "connection-dropped",
}


def tls_flaw(reason: str) -> TlsFlaw:
    """By the words of OpenSSL's verifier, or of its handshake."""
    said = reason.lower()
    if "expired" in said:
        return TlsFlaw.EXPIRED
    if "hostname" in said or "ip address mismatch" in said:
        return TlsFlaw.OTHER_NAME
    return TlsFlaw.UNTRUSTED if "certif" in said or "issuer" in said else TlsFlaw.NO_AGREEMENT
