"""Owns sending requests to the gateway and reading the answers' bytes; the only importer of httpx.

Every way a request can end is a value; nothing is raised but cancellation, which closes the connection. The key is
revealed into the request's headers and nowhere else: no log line, exception or result carries it. What is asked and
how it is understood is in `outgoing`, `classify`, `model_list`, `stream_probe` and `rehearsal`.

The environment's proxy and certificate variables (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`, …) are honoured,
because an operator behind a proxy has no other way out; they are the operator's, never the visitor's.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, Self, assert_never

import httpx

from portal.gateway import results
from portal.gateway.access import Access
from portal.gateway.answers import BODY_LIMIT, Answer, Ending, Inflater, decompress
from portal.gateway.classify import classify, context_of
from portal.gateway.connection_watch import ConnectionWatch
from portal.gateway.exchanges import Answered, Exchange, Reader, Send, Unanswered
from portal.gateway.model_list import read_models
from portal.gateway.obstacles import obstacle_of
from portal.gateway.outgoing import Outgoing, one_token, sent_model_id
from portal.gateway.quotes import quote
from portal.gateway.rehearsal import rehearse
from portal.gateway.results import Obstacle, Phase, TimedOut, Unreachable
from portal.gateway.stages import ClientShape, MessageProbe, ModelListing, Moment, Rehearsal, StreamFinding
from portal.gateway.stream_probe import read_stream
from portal.keys import ApiKey
from portal.profile.model import Toggle

MESSAGE_SECONDS: Final = 20.0
"""Time budget of one small Messages request, from the first byte of the name look-up to the last byte read."""

MODELS_SECONDS: Final = 10.0
"""Time budget of the list of models, all its pages together."""

STREAM_SECONDS: Final = 30.0
"""Time budget of the streaming probe."""

REHEARSAL_SECONDS: Final = 120.0
"""Time budget of a rehearsal, all its repetitions together."""

CONNECT_SECONDS: Final = 5.0
"""Most of a budget that connecting may take, in seconds; the same again for the TLS handshake."""

CONNECTIONS: Final = 96
"""Most connections to the gateway at one time: three for each of 32 key checks. Further requests wait their turn."""

QUEUE_SHARE: Final = 0.9
"""The part of a stage's budget that a request may wait for its turn."""

QUEUED_LONG: Final = 0.25
"""The part of a stage's budget from which on a time-out is the waiting's fault: it took the time from the gateway."""

_LOCATION: Final = "portal.location"
_CLOSING_SECONDS: Final = 0.1


class GatewayClient:
    """Asks the gateway on behalf of visitors. One per application; use as an async context manager.

    Args:
        transport: replaces the network, such as `httpx.ASGITransport(fake)` for tests and the demo. The environment's
            proxies are then not used.
        total_seconds: most that any stage may take, for tests; the constants above are the budgets.
        connections: most requests that are on their way at one time. A key check has at most three; those that find no
            place wait for it within their stage's budget.
        now: the clock for `retry-after` dates; aware.

    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        total_seconds: float = math.inf,
        connections: int = CONNECTIONS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._most_seconds = total_seconds
        self._has_queue = transport is None
        self._now = now
        # Both log response headers or addresses, where a gateway may have put the key.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._places = asyncio.Semaphore(connections)
        self._http = httpx.AsyncClient(
            transport=transport,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=(connections + 1) // 2),
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

    async def probe_message(
        self,
        access: Access,
        model_id: str,
        notify: Callable[[Moment], None] | None = None,
    ) -> MessageProbe:
        """Ask the model for one token, as Claude Code would, and say what came of it and how the way there is.

        `POST {base_url}/v1/messages?beta=true`; no redirect is followed, at most `BODY_LIMIT` bytes are read, and the
        result is there within `MESSAGE_SECONDS`. Costs the key's holder a handful of tokens when it is accepted.
        """
        model = sent_model_id(model_id)
        exchange = await self._within(MESSAGE_SECONDS, access, notify)(one_token(access, model))
        match exchange:
            case Answered():
                result = classify(exchange.answer, context_of(exchange, access, model))
            case Unanswered():
                result = exchange.result
            case _:
                assert_never(exchange)
        return MessageProbe(result, exchange.connection)

    async def list_models(self, access: Access) -> ModelListing:
        """Ask which models there are for the key: `GET {base_url}/v1/models`, all pages, within `MODELS_SECONDS`."""
        return await read_models(self._within(MODELS_SECONDS, access), access)

    async def probe_stream(self, access: Access, model_id: str) -> StreamFinding:
        """Ask the model for a few streamed tokens and say how they came, within `STREAM_SECONDS`."""
        return await read_stream(self._within(STREAM_SECONDS, access), access, model_id)

    async def rehearse(
        self,
        access: Access,
        model_id: str,
        shape: ClientShape,
        *,
        count: bool = False,
        toggles: frozenset[Toggle] = frozenset(),
    ) -> Rehearsal:
        """Send a request as the real client's first one, and say whether it is answered, or which part is refused.

        All of it is done within `REHEARSAL_SECONDS`. Costs about `expected_tokens(shape)` input tokens. `count` says
        whether to ask `count_tokens` as well; `toggles` are the set-up's options, as they change the client's request.
        """
        send = self._within(REHEARSAL_SECONDS, access)
        return await rehearse(send, access, model_id, shape, count=count, toggles=toggles)

    def _within(self, seconds: float, access: Access, notify: Callable[[Moment], None] | None = None) -> Send:
        """A way to send requests that all together take at most `seconds` from now."""
        seconds = min(seconds, self._most_seconds)
        deadline = time.perf_counter() + seconds

        async def send(request: Outgoing, *, reader: Reader | None = None, limit: int = BODY_LIMIT) -> Exchange:
            return await self._exchange(request, access.key, deadline, reader, limit, notify)

        return send

    async def _exchange(  # noqa: PLR0913, PLR0917 - all belong to one request
        self,
        request: Outgoing,
        key: ApiKey,
        deadline: float,
        reader: Reader | None,
        limit: int,
        notify: Callable[[Moment], None] | None,
    ) -> Exchange:
        started = time.perf_counter()
        watch = ConnectionWatch(notify)
        status: list[int] = []
        turn_by = started + QUEUED_LONG * (deadline - started)
        try:
            async with asyncio.timeout(max(deadline - started, 0)):
                answer = await self._send(request, deadline - started, watch, _Body(reader, limit, started), status)
        except Exception as error:  # noqa: BLE001 - every failure is an outcome; the error and its context end here
            queued = isinstance(error, httpx.PoolTimeout) or (self._has_queue and not watch.began_by(turn_by))
            result = _outcome_of(error, key, status[0] if status else None, _milliseconds_since(started), queued=queued)
            return Unanswered(result, watch.connection)
        return Answered(answer, _milliseconds_since(started), self._now(), watch.connection)

    async def _send(
        self, request: Outgoing, seconds: float, watch: ConnectionWatch, body: _Body, status: list[int]
    ) -> Answer:
        connect = min(CONNECT_SECONDS, seconds / 3)
        made = self._http.build_request(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body,
            timeout=httpx.Timeout(seconds, connect=connect),
            extensions={"trace": watch.trace},
        )
        async with self._place(QUEUE_SHARE * seconds):
            try:
                response = await self._http.send(made, stream=True)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if watch.opened:
                    raise
                # The gateway closed a connection at the very moment at which it was used again.
                response = await self._http.send(made, stream=True)
            try:
                status.append(response.status_code)
                watch.inspect(response.extensions.get("network_stream"))
                return await body.read(response)
            finally:
                await response.aclose()

    @asynccontextmanager
    async def _place(self, seconds: float) -> AsyncGenerator[None]:
        """One of the client's places; waits for at most `seconds`.

        The pool has a queue of its own, but there every waiting request looks at every connection whenever one
        changes: with 200 checks that hang, this stopped the whole portal for seconds (measured).
        """
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("every connection is in use") from None
        try:
            yield
        finally:
            self._places.release()


class _Body:
    """Reads an answer's body: at most `limit` bytes, until the end or until the reader has enough."""

    def __init__(self, reader: Reader | None, limit: int, started: float) -> None:
        self._reader = reader
        self._limit = limit
        self._started = started

    async def read(self, response: httpx.Response) -> Answer:
        body = bytearray()
        ending = Ending.COMPLETE
        inflater = Inflater(response.headers.get("content-encoding", ""))
        try:
            chunks = response.aiter_raw()
            async for chunk in chunks:
                body += chunk
                if self._reader and self._reader.feed(inflater.feed(chunk), _milliseconds_since(self._started)):
                    await _let_it_end(chunks)
                    break
                if len(body) > self._limit:
                    ending = Ending.TOO_LONG
                    break
        except (httpx.RemoteProtocolError, httpx.ReadError):
            ending = Ending.CUT_OFF
        headers: dict[str, str] = dict(response.headers)
        if _LOCATION in response.extensions:
            headers["location"] = str(response.extensions[_LOCATION])
        return decompress(Answer(response.status_code, headers, bytes(body[: self._limit]), ending), self._limit)


async def _set_location_aside(response: httpx.Response) -> None:
    """Hide the redirect from httpx, which otherwise parses the target (and raises on nonsense) without following it."""
    if response.is_redirect and "location" in response.headers:
        response.extensions[_LOCATION] = response.headers.pop("location")


async def _let_it_end(chunks: AsyncIterator[bytes]) -> None:
    """Read the rest that nobody needs, if it comes at once, so that the connection can be used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSING_SECONDS):
            async for _ in chunks:
                pass


def _outcome_of(
    error: Exception, key: ApiKey, status: int | None, duration_ms: int, *, queued: bool
) -> TimedOut | Unreachable:
    if isinstance(error, (TimeoutError, httpx.TimeoutException)):
        phase = Phase.QUEUE if queued else Phase.CONNECT if isinstance(error, httpx.ConnectTimeout) else Phase.ANSWER
        return results.TimedOut(status=status, duration_ms=duration_ms, waited_for=phase)
    proxy = isinstance(error, httpx.ProxyError)
    kind, reason = (Obstacle.PROXY, "") if proxy else obstacle_of(error)
    return results.Unreachable(status=status, duration_ms=duration_ms, quote=quote(reason, key), kind=kind)


def _milliseconds_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
