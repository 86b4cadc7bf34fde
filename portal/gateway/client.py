"""Owns the requests to the gateway; the only importer of httpx.

Every way a request can end is a value (`CheckResult`); nothing is raised but cancellation. The key is revealed into
the request's headers and nowhere else: no log line, exception or result carries it.

The environment's proxy and certificate variables (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`, …) are honoured,
because an operator behind a proxy has no other way out; they are the operator's, never the visitor's.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, Self

import httpx

from portal import __version__
from portal.gateway import results
from portal.gateway.answers import BODY_LIMIT, Answer, Ending, decompress
from portal.gateway.classify import Context, classify
from portal.gateway.quotes import quote
from portal.gateway.results import CheckResult, Obstacle, Phase
from portal.keys import ApiKey
from portal.profile.model import KEY_FIELD, CredentialScheme, GatewayProfile

TOTAL_SECONDS: Final = 20.0
"""Time budget of one check, from the first byte of the name look-up to the last byte read."""

CONNECT_SECONDS: Final = 5.0
"""Most of the budget that connecting may take, in seconds; the same again for the TLS handshake."""

CONNECTIONS: Final = 20
"""Most connections to the gateway at one time; further checks wait for at most `CONNECT_SECONDS`."""

_LOCATION: Final = "portal.location"
_ONE_MILLION: Final = re.compile(r"\[1m\]$", re.IGNORECASE)


def sent_model_id(model_id: str) -> str:
    """The id as it goes over the wire: the client strips a `[1m]` suffix (measured with 2.1.197 and 2.1.330)."""
    return _ONE_MILLION.sub("", model_id.strip()).rstrip()


def request_headers(profile: GatewayProfile, key: ApiKey) -> dict[str, str]:
    """The headers of a Messages request as Claude Code sends them for this profile; holds the key, so never log it.

    The credential header wins over a custom header of the same name, as it does in the client.
    """
    headers = {"anthropic-version": "2023-06-01", "user-agent": f"onboarding-portal/{__version__}"}
    headers |= {name.lower(): value.replace(KEY_FIELD, key.reveal()) for name, value in profile.headers.items()}
    headers |= {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity"}
    if profile.credential is CredentialScheme.BEARER:
        headers["authorization"] = f"Bearer {key.reveal()}"
    else:
        headers["x-api-key"] = key.reveal()
    return headers


class GatewayClient:
    """Asks the gateway on behalf of visitors. One per application; use as an async context manager.

    Args:
        transport: replaces the network, such as `httpx.ASGITransport(fake)` for tests and the demo. The environment's
            proxies are then not used.
        total_seconds: time budget of one check.
        now: the clock for `retry-after` dates; aware.

    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        total_seconds: float = TOTAL_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._total_seconds = total_seconds
        self._now = now
        connect = min(CONNECT_SECONDS, total_seconds / 3)
        # Both log response headers or addresses, where a gateway may have put the key.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(total_seconds, connect=connect, pool=connect),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS // 2),
            follow_redirects=False,
            # One visitor's cookies must not reach the next visitor's request.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"response": [_set_location_aside]},
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._http.__aexit__(exc_type, exc, traceback)

    async def check_key(self, profile: GatewayProfile, key: ApiKey, model_id: str) -> CheckResult:
        """Ask the model for one token with the key, as Claude Code would, and say what came of it.

        `POST {base_url}/v1/messages?beta=true`; no redirect is followed, at most `BODY_LIMIT` bytes are read, and the
        result is there within the time budget. Costs the key's holder a handful of tokens when it is accepted.
        """
        model = sent_model_id(model_id)
        started = time.perf_counter()
        status: list[int] = []
        try:
            async with asyncio.timeout(self._total_seconds):
                answer = await self._post_message(profile, key, model, status)
        except Exception as error:  # noqa: BLE001 - every failure is an outcome; the error and its context end here
            return _outcome_of(error, key, status[0] if status else None, _milliseconds_since(started))
        context = Context(model=model, key=key, duration_ms=_milliseconds_since(started), now=self._now())
        return classify(answer, context)

    async def _post_message(self, profile: GatewayProfile, key: ApiKey, model: str, status: list[int]) -> Answer:
        body = {"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": "."}]}
        request = self._http.build_request(
            "POST",
            f"{profile.base_url}/v1/messages?beta=true",
            headers=request_headers(profile, key),
            content=json.dumps(body).encode("ascii"),
        )
        response = await self._http.send(request, stream=True)
        try:
            status.append(response.status_code)
            return await _read_answer(response)
        finally:
            await response.aclose()


async def _set_location_aside(response: httpx.Response) -> None:
    """Hide the redirect from httpx, which otherwise parses the target (and raises on nonsense) without following it."""
    if response.is_redirect and "location" in response.headers:
        response.extensions[_LOCATION] = response.headers.pop("location")


async def _read_answer(response: httpx.Response) -> Answer:
    body = bytearray()
    ending = Ending.COMPLETE
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > BODY_LIMIT:
                ending = Ending.TOO_LONG
                break
    except (httpx.RemoteProtocolError, httpx.ReadError):
        ending = Ending.CUT_OFF
    headers: dict[str, str] = dict(response.headers)
    if _LOCATION in response.extensions:
        headers["location"] = str(response.extensions[_LOCATION])
    return decompress(Answer(response.status_code, headers, bytes(body[:BODY_LIMIT]), ending))


def _outcome_of(error: Exception, key: ApiKey, status: int | None, duration_ms: int) -> CheckResult:
    if isinstance(error, (TimeoutError, httpx.TimeoutException)):
        return results.TimedOut(status=status, duration_ms=duration_ms, waited_for=_phase_of(error))
    kind, reason = _obstacle(error)
    return results.Unreachable(status=status, duration_ms=duration_ms, quote=quote(reason, key), kind=kind)


def _phase_of(error: Exception) -> Phase:
    match error:
        case httpx.PoolTimeout():
            return Phase.QUEUE
        case httpx.ConnectTimeout():
            return Phase.CONNECT
        case _:
            return Phase.ANSWER


def _obstacle(error: Exception) -> tuple[Obstacle, str]:
    """Why the connection failed, from the causes that httpx, httpcore and anyio wrap; and words for TLS only."""
    if isinstance(error, httpx.ProxyError):
        return Obstacle.PROXY, ""
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


def _milliseconds_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
