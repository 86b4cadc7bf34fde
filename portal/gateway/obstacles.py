"""Owns why a connection failed, read from what the operating system and the TLS library raised. PURE.

HTTP libraries wrap these causes in errors of their own, which this module must not know.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from portal.gateway.results import Obstacle


def obstacle_of(error: BaseException) -> tuple[Obstacle, str]:
    """Why no conversation came about; and, for TLS only, the reason in the library's words."""
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Obstacle.TLS, cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return Obstacle.TLS, (cause.reason or "").replace("_", " ").lower()
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Obstacle.DNS, ""
    if any(isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED for cause in causes):
        return Obstacle.REFUSED, ""
    return Obstacle.OTHER, ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it was raised from, groups opened; each once."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting.extend(cause for cause in (current.__cause__, current.__context__) if cause is not None)
