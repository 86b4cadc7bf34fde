"""Owns what the rooms share for recording: found through the request, and a way to record that is never in the way.

Two ways to write, by what the visitor is told. When the answer says that something was saved, open the transaction
yourself (`async with journeys(request).database.writing() as connection:`), so that a failure becomes a 503. When
recording is only for the operator, `record_quietly`: the visitor's page comes, recorded or not.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from portal.db import Database
from portal.errors import DatabaseAwayError
from portal.journeys import cookie, store
from portal.journeys.cookie import Visit
from portal.journeys.events import Event, key_of
from portal.journeys.vocabulary import Context, Kind, Verdict, is_id
from portal.logs import LOGGER
from portal.signing import Signer
from portal.web.clients import RateLimit
from portal.web.forms import visit_seed
from portal.web.services import services

POSTS_PER_MINUTE = 240
"""Posts to `/journey` that one client address may make in a minute: a large office behind one address fits."""


@dataclass(frozen=True, slots=True)
class Journeys:
    """What recording needs; made once by the composition root, as `app.state.journeys`."""

    database: Database
    signer: Signer
    limit: RateLimit


def journeys(request: Request) -> Journeys:
    """The recording side of the application that got this request."""
    return cast(Journeys, request.app.state.journeys)


def visit_of(request: Request, *, seed: str = "") -> Visit | None:
    """The visit of this request; None when it asks not to be recorded. See `keep_visit`, and `cookie` for the seed.

    A form that was posted before the answer to the first events came back has their seed, and belongs to their visit.
    """
    return cookie.visit_of(request, journeys(request).signer, seed=visit_seed(request) or seed)


def keep_visit(request: Request, response: Response, visit: Visit) -> None:
    """Set the visit's cookie on the answer, if it has none yet. Only after something was recorded."""
    cookie.keep_visit(request, response, visit, journeys(request).signer)


def language_of(request: Request) -> str:
    """The code of the catalogue that this visitor reads."""
    return services(request).language_of(request).code


def now_ms() -> int:
    """The time, in milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


def new_event_key() -> str:
    """The key of an event that the server makes and nobody repeats."""
    return key_of(secrets.token_urlsafe(16))


async def record_quietly(request: Request, visit: Visit | None, events: Sequence[Event]) -> bool:
    """Record events if they may and can be recorded; whether they were. Never raises for want of a database."""
    if visit is None:
        return False
    try:
        async with journeys(request).database.writing() as connection:
            await store.record_events(connection, visit.journey_id, events)
    except DatabaseAwayError as error:
        LOGGER.warning("not recorded: %s", error)
        return False
    return True


def key_check_started(*, at: int, context: Context) -> Event:
    """The event of a key check that begins."""
    return Event(key=new_event_key(), kind=Kind.KEY_CHECK_STARTED, at=at, context=context)


def key_check_finished(  # noqa: PLR0913 - each by its name
    *,
    at: int,
    context: Context,
    verdict: Verdict,
    code: str,
    model: str,
    offered: frozenset[str],
    latency_ms: int | None,
) -> Event:
    """The event of a key check that ended. `model` is kept only if it is one of `offered`, else as "other".

    A visitor may type anything as a model, and what is typed is never recorded.
    """
    kept = model if model in offered and is_id(model) else "other"
    return Event(
        key=new_event_key(),
        kind=Kind.KEY_CHECK_FINISHED,
        at=at,
        context=context,
        verdict=verdict,
        cause=code,
        model=kept,
        latency_ms=latency_ms,
    )
