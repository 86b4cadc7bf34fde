from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from portal.db import Database
from portal.journeys.models import Journey, JourneyEvent
from portal.journeys.vocabulary import Context, Kind, StepOutcome
from portal.snippets.targets import Platform
from portal.troubleshooting.forms import Answer
from portal.troubleshooting.ranking import Tally
from portal.troubleshooting.store import Given, daily_tallies, listed, record_nothing_helped, save

pytestmark = pytest.mark.anyio

DAY = 86_400_000
NOW = 20_000 * DAY + 5_000
ORDER = ("c", "a", "b")


def given(step: str, answer: Answer, *, at: int = NOW, journey: str = "visit-1", symptom: str = "hangs") -> Given:
    context = Context(platform=Platform.LINUX)
    return Given(journey, symptom, step, "timeout", answer, ORDER, at, context)


async def keep(database: Database, what: Given) -> dict[str, StepOutcome]:
    async with database.writing() as connection:
        return dict(await save(connection, what))


async def tallies(database: Database, *, now: int = NOW) -> set[Tally]:
    async with database.reading() as connection:
        return set(await daily_tallies(connection, "hangs", now=now))


async def resolved_at(database: Database, journey: str = "visit-1") -> int | None:
    async with database.reading() as connection:
        return (await connection.execute(select(Journey.resolved_at).where(Journey.id == journey))).scalar_one()


async def test_list_keeps_its_order_when_steps_are_answered_in_another_one(database: Database) -> None:
    await keep(database, given("b", Answer.NOT_RESOLVED))
    await keep(database, given("c", Answer.SKIPPED, at=NOW + 60_000))
    async with database.reading() as connection:
        had = await listed(connection, "visit-1", "hangs")
    assert tuple(had) == ORDER
    assert had == {"c": StepOutcome.SKIPPED, "a": StepOutcome.SHOWN, "b": StepOutcome.NOT_RESOLVED}


async def test_second_answer_replaces_the_first_and_a_retry_counts_once(database: Database) -> None:
    await keep(database, given("a", Answer.NOT_RESOLVED))
    await keep(database, given("a", Answer.NOT_RESOLVED))
    assert await tallies(database) == {Tally("a", "linux", 0, 0, 1)}
    assert await keep(database, given("a", Answer.RESOLVED, at=NOW + 1)) == {"a": StepOutcome.RESOLVED}
    assert await tallies(database) == {Tally("a", "linux", 0, 1, 0)}


async def test_journey_is_resolved_by_the_step_and_open_again_when_that_is_taken_back(database: Database) -> None:
    await keep(database, given("a", Answer.RESOLVED))
    assert await resolved_at(database) == NOW
    assert await keep(database, given("a", Answer.UNDONE, at=NOW + 1)) == {}
    assert await resolved_at(database) is None
    assert await tallies(database) == set()
    await keep(database, given("a", Answer.RESOLVED, at=NOW + 2))
    await keep(database, given("a", Answer.NOT_RESOLVED, at=NOW + 3))
    assert await resolved_at(database) is None


async def test_undo_of_what_was_never_said_leaves_nothing(database: Database) -> None:
    assert await keep(database, given("a", Answer.UNDONE)) == {}
    assert await tallies(database) == set()


async def test_tallies_tell_days_platforms_and_people_apart(database: Database) -> None:
    await keep(database, given("a", Answer.RESOLVED))
    await keep(database, given("a", Answer.RESOLVED, journey="visit-2", at=NOW - 3 * DAY))
    await keep(database, given("a", Answer.NOT_RESOLVED, journey="visit-3", at=NOW - 3 * DAY))
    await keep(database, given("a", Answer.SKIPPED, journey="visit-4"))
    await keep(database, given("a", Answer.RESOLVED, journey="visit-5", symptom="other"))
    older = {Tally("a", "linux", 3, 1, 0), Tally("a", "linux", 3, 0, 1)}
    assert await tallies(database) == older | {Tally("a", "linux", 0, 1, 0)}
    assert {tally.age_days for tally in await tallies(database, now=NOW + DAY)} == {1, 4}
    assert {tally.age_days for tally in await tallies(database, now=NOW - 2 * DAY)} == {0, 1}


async def test_no_answer_is_lost_when_many_come_at_once(database: Database) -> None:
    same = [given(step, Answer.NOT_RESOLVED, at=NOW + index) for index, step in enumerate(ORDER * 3)]
    others = [given("a", Answer.RESOLVED, journey=f"other-{index}") for index in range(20)]
    await asyncio.gather(*(keep(database, what) for what in (*same, *others)))
    found = await tallies(database)
    assert sum(tally.not_resolved for tally in found) == len(ORDER)
    assert sum(tally.resolved for tally in found) == len(others)
    async with database.reading() as connection:
        assert tuple(await listed(connection, "visit-1", "hangs"))[-1] in ORDER
        assert set(await listed(connection, "visit-1", "hangs")) == set(ORDER)


async def test_help_and_giving_up_are_events_that_count_once(database: Database) -> None:
    for at in (NOW, NOW + 1):
        await keep(database, given("a", Answer.NOT_RESOLVED, at=at))
        async with database.writing() as connection:
            await record_nothing_helped(connection, given("a", Answer.NOT_RESOLVED, at=at))
    async with database.reading() as connection:
        kinds = (await connection.execute(select(JourneyEvent.kind, JourneyEvent.symptom))).all()
    assert sorted(map(tuple, kinds)) == [(Kind.HELP_OPENED, "hangs"), (Kind.NOTHING_HELPED, "hangs")]
