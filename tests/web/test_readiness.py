"""What anybody may ask of `/readyz`, and that asking often costs little."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from typing import Final

import httpx
import pytest

from portal.counters import Counters, Counting
from portal.db import Database, DatabaseState
from portal.errors import DatabaseAwayError
from portal.web.readiness import KEPT_SECONDS, Lookout, Readiness, ReadyState
from tests.support.operators import app_of
from tests.support.portal import readiness, running_portal

pytestmark = pytest.mark.anyio

ASKS: Final = 50


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the database was looked at; it is looked at all the same."""
    times: list[float] = []
    really = Database.state

    async def noted(self: Database) -> DatabaseState:
        times.append(time.monotonic())
        return await really(self)

    monkeypatch.setattr(Database, "state", noted)
    return times


async def test_many_who_ask_at_one_time_share_one_look(looks: list[float]) -> None:
    async with running_portal() as portal:
        await readiness(portal)
        looks.clear()
        await asyncio.sleep(KEPT_SECONDS)
        started = time.monotonic()
        answers = await asyncio.gather(*(portal.get("/readyz") for _ in range(ASKS)))
        for _ in range(ASKS):
            answers.append(await portal.get("/readyz"))
        lasted = time.monotonic() - started
    assert {(answer.status_code, answer.json()["status"]) for answer in answers} == {(200, "ready")}
    assert 1 <= len(looks) <= 1 + lasted / KEPT_SECONDS
    assert all(later - earlier >= KEPT_SECONDS for earlier, later in pairwise(looks))


async def test_next_who_asks_after_a_while_is_told_of_another_look(looks: list[float]) -> None:
    async with running_portal() as portal:
        await portal.get("/readyz")
        before = len(looks)
        assert (await readiness(portal)).status_code == 200
    assert len(looks) == before + 1


async def test_others_are_told_when_the_first_who_asked_leaves(looks: list[float]) -> None:
    async with running_portal() as portal:
        lookout = _lookout(portal)
        looks.clear()
        first = asyncio.create_task(lookout.readiness())
        while not looks:  # noqa: ASYNC110 - its look has begun
            await asyncio.sleep(0)
        other = asyncio.create_task(lookout.readiness())
        await asyncio.sleep(0)
        first.cancel()
        assert (await other).state is ReadyState.READY
    assert first.cancelled()
    assert len(looks) == 1


def _lookout(portal: httpx.AsyncClient) -> Lookout:
    database = app_of(portal).state.database
    assert isinstance(database, Database)
    return Lookout(database, Counters())


async def test_look_that_broke_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_portal() as portal:
        lookout = _lookout(portal)

        async def breaks(_: Database) -> DatabaseState:
            raise DatabaseAwayError("a mistake of ours")

        with monkeypatch.context() as broken:
            broken.setattr(Database, "state", breaks)
            with pytest.raises(DatabaseAwayError):
                await lookout.readiness()
        assert (await lookout.readiness()).state is ReadyState.READY


@pytest.mark.parametrize("database", DatabaseState)
@pytest.mark.parametrize("counting", Counting)
def test_state_has_a_reason_unless_it_is_ready(database: DatabaseState, counting: Counting) -> None:
    found = Readiness(database, counting)
    missing = (database is not DatabaseState.READY) + (counting is Counting.AWAY)
    assert len(found.reasons) == missing
    assert (found.state is ReadyState.READY) is (missing == 0)
    assert (found.state is ReadyState.NOT_READY) is (database is DatabaseState.NOT_MIGRATED)
