from __future__ import annotations

import pytest
from sqlalchemy import select
from starlette.requests import Request

from portal.db import Database
from portal.journeys.cookie import Visit
from portal.journeys.events import Event
from portal.journeys.models import Journey
from portal.journeys.recording import Journeys, key_check_finished, key_check_started, record_quietly
from portal.journeys.vocabulary import NOTHING_KNOWN, Verdict
from portal.signing import Signer
from portal.web.clients import RateLimit

pytestmark = pytest.mark.anyio

VISIT = Visit("v" * 22, known=True)


def request_with(database: Database) -> Request:
    class App:
        class state:  # noqa: N801 - as Starlette calls it
            journeys = Journeys(database, Signer(("x" * 16,)), RateLimit(1))

    return Request({"type": "http", "app": App, "headers": []})


def finished(model: str) -> Event:
    return key_check_finished(
        at=2000, context=NOTHING_KNOWN, verdict=Verdict.PASSED, code="accepted", model=model,
        offered=frozenset({"claude-opus-4.8"}), latency_ms=12,
    )  # fmt: skip


async def test_key_check_is_recorded_for_the_rooms_that_ask_for_it(database: Database) -> None:
    events = [key_check_started(at=1000, context=NOTHING_KNOWN), finished("claude-opus-4.8")]
    assert await record_quietly(request_with(database), VISIT, events)
    async with database.reading() as connection:
        (journey,) = (await connection.execute(select(Journey.checked_at, Journey.passed_at))).all()
    assert tuple(journey) == (1000, 2000)


async def test_nothing_is_recorded_and_nothing_breaks_when_it_may_not_or_cannot_be() -> None:
    away = Database("sqlite:////dev/null/portal.db")
    event = key_check_started(at=1, context=NOTHING_KNOWN)
    assert not await record_quietly(request_with(away), None, [event])
    assert not await record_quietly(request_with(away), VISIT, [event])
    await away.close()


@pytest.mark.parametrize("typed", ["sk-a-key-in-the-wrong-field", "claude-mine", "two words"])
async def test_model_is_other_when_the_profile_does_not_offer_it(typed: str) -> None:
    assert finished(typed).model == "other"
    assert finished("claude-opus-4.8").model == "claude-opus-4.8"
