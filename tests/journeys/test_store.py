from __future__ import annotations

import asyncio
import multiprocessing
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.db import Database
from portal.journeys import store
from portal.journeys.events import Event, StepAnswer
from portal.journeys.models import Journey, JourneyEvent, Outcome
from portal.journeys.store import Tally
from portal.journeys.vocabulary import Context, Kind, StepOutcome, Taken, Verdict
from portal.snippets.targets import Install, Platform, Scope, Shell

pytestmark = pytest.mark.anyio

VISIT = "v" * 22
MAC = Context(Platform.MACOS, Shell.ZSH, Scope.USER, language="en")
WINDOWS = Context(Platform.WINDOWS, Shell.CMD, Scope.PROJECT, language="en", client=(2, 1))

STORY = (
    Event(key="a", kind=Kind.OPENED, at=1000, context=MAC),
    Event(key="b", kind=Kind.MACHINE_CHOSEN, at=2000, context=WINDOWS),
    Event(key="c", kind=Kind.COPIED, at=3000, context=WINDOWS, target=Taken.INSTALL),
    Event(key="d", kind=Kind.COPIED, at=4000, context=WINDOWS, target=Taken.APPLY),
    Event(key="e", kind=Kind.KEY_CHECK_STARTED, at=5000),
    Event(key="f", kind=Kind.KEY_CHECK_FINISHED, at=5400, verdict=Verdict.FAILED, cause="rejected", latency_ms=400),
    Event(key="g", kind=Kind.KEY_CHECK_FINISHED, at=6000, verdict=Verdict.PASSED, cause="accepted", model="opus"),
    Event(key="h", kind=Kind.VERIFIED, at=9000),
)


async def record(database: Database, events: Sequence[Event], visit: str = VISIT) -> frozenset[str]:
    async with database.writing() as connection:
        return await store.record_events(connection, visit, events)


async def answer(database: Database, *given: StepAnswer, visit: str = VISIT) -> None:
    for one in given:
        async with database.writing() as connection:
            await store.record_outcome(connection, visit, one)


async def rows(database: Database, table: type[Journey | JourneyEvent | Outcome]) -> list[dict[str, Any]]:
    async with database.reading() as connection:
        found = await connection.execute(select(table.__table__))
        # `touched_at` is the database's own clock: when it was written, not what happened.
        kept = ({name: value for name, value in row.items() if name != "touched_at"} for row in found.mappings())
        return sorted(kept, key=str)


async def everything(database: Database) -> object:
    return [await rows(database, table) for table in (Journey, JourneyEvent, Outcome)]


async def test_journey_keeps_the_first_time_of_each_stage(database: Database) -> None:
    await record(database, STORY)
    (journey,) = await rows(database, Journey)
    reached = {name: journey[name] for name in journey if name.endswith("_at")}
    assert reached == {
        "started_at": 1000, "opened_at": 1000, "chosen_at": 2000, "taken_at": 3000, "checked_at": 5000,
        "passed_at": 6000, "verified_at": 9000, "last_at": 9000, "context_at": 4000, "helped_at": None,
        "resolved_at": None,
    }  # fmt: skip
    assert (journey["platform"], journey["shell"], journey["scope"]) == ("windows", "cmd", "project")
    assert (journey["client_major"], journey["client_minor"]) == (2, 1)


@pytest.mark.parametrize("target", [Taken.STEP, Taken.BUNDLE])
async def test_visit_is_no_further_when_a_command_of_the_help_pages_is_copied(
    database: Database, target: Taken
) -> None:
    await record(database, [Event(key="a", kind=Kind.COPIED, at=1000, context=MAC, target=target)])
    (journey,) = await rows(database, Journey)
    assert (journey["started_at"], journey["opened_at"], journey["taken_at"]) == (1000, None, None)
    await record(database, [Event(key="b", kind=Kind.COPIED, at=2000, context=MAC, target=Taken.UNDO)])
    (journey,) = await rows(database, Journey)
    assert journey["taken_at"] == 2000


async def machine_of(database: Database) -> tuple[str | None, ...]:
    (journey,) = await rows(database, Journey)
    return tuple(journey[name] for name in ("platform", "shell", "install"))


@pytest.mark.parametrize("at_once", [False, True])
async def test_machine_keeps_nothing_of_another_one_when_the_platform_changes(
    database: Database, *, at_once: bool
) -> None:
    brew = replace(MAC, install=Install.HOMEBREW)
    story = [
        Event(key="a", kind=Kind.OPENED, at=1000, context=brew),
        Event(key="b", kind=Kind.HELP_OPENED, at=2000, context=Context(Platform.MACOS)),
        Event(key="c", kind=Kind.HELP_OPENED, at=3000, context=Context(Platform.WINDOWS)),
    ]
    for part in [story[:2]] if at_once else [story[:1], story[1:2]]:
        await record(database, part)
    assert await machine_of(database) == ("macos", "zsh", "homebrew")
    await record(database, story[2:])
    assert await machine_of(database) == ("windows", None, None)
    await record(database, [Event(key="d", kind=Kind.COPIED, at=500, context=brew)])
    assert await machine_of(database) == ("windows", None, None)


async def test_language_and_version_are_kept_when_no_machine_is_named(database: Database) -> None:
    await record(database, [Event(key="a", kind=Kind.DIAGNOSED, at=1, context=Context(language="de", client=(2, 1)))])
    (journey,) = await rows(database, Journey)
    assert [journey[name] for name in ("language", "client_major", "client_minor")] == ["de", 2, 1]
    assert journey["platform"] is None


@pytest.mark.parametrize("seed", range(5))
async def test_record_is_the_same_in_any_order_and_however_often_it_is_sent(database: Database, seed: int) -> None:
    await record(database, STORY)
    expected = await everything(database)
    chance = random.Random(seed)  # noqa: S311 - a shuffle
    again = [*STORY, *chance.sample(STORY, 4)]
    chance.shuffle(again)
    other = "w" * 22
    while again:
        batch, again = again[: (size := chance.randint(1, 3))], again[size:]
        await record(database, batch, other)
    journeys, events, _ = [await rows(database, table) for table in (Journey, JourneyEvent, Outcome)]
    mine = [
        [{**row, "id": VISIT} for row in journeys if row["id"] == other],
        sorted(({**row, "journey_id": VISIT} for row in events if row["journey_id"] == other), key=str),
        [],
    ]
    assert mine == expected


async def test_event_is_new_once_when_it_is_sent_again_with_another_time(database: Database) -> None:
    assert await record(database, STORY[:2]) == {"a", "b"}
    before = await everything(database)
    assert await record(database, [replace(STORY[0], at=1), replace(STORY[1], at=99_000)]) == frozenset()
    assert await everything(database) == before
    assert await record(database, STORY[1:3]) == {"c"}


async def test_last_answer_counts_when_a_step_is_answered_again(database: Database) -> None:
    shown = StepAnswer(symptom="s", step="one", outcome=StepOutcome.SHOWN, at=10, context=MAC, cause="key-rejected")
    worked = replace(shown, outcome=StepOutcome.RESOLVED, at=20)
    await answer(database, shown, worked, worked, worked, replace(shown, at=30))
    async with database.reading() as connection:
        assert await store.tallies(connection, "s") == {"one": {Platform.MACOS: Tally(1, 1)}}
    (journey,) = await rows(database, Journey)
    assert journey["resolved_at"] == 20
    await answer(database, replace(worked, outcome=StepOutcome.NOT_RESOLVED, at=40), replace(worked, at=25))
    async with database.reading() as connection:
        assert await store.tallies(connection, "s") == {"one": {Platform.MACOS: Tally(1, 0)}}
        assert await store.answers(connection, VISIT, "s") == {"one": StepOutcome.NOT_RESOLVED}
        assert await store.answers(connection, VISIT, "other") == {}
    (journey,) = await rows(database, Journey)
    assert journey["resolved_at"] is None


async def test_steps_are_counted_by_platform_when_visits_answer(database: Database) -> None:
    for number, (context, outcome) in enumerate(
        [(MAC, "resolved"), (MAC, "not_resolved"), (WINDOWS, "resolved"), (Context(), "resolved"), (MAC, "skipped")]
    ):
        given = StepAnswer(symptom="s", step="one", outcome=StepOutcome(outcome), at=5, context=context)
        await answer(database, given, visit=str(number))
    async with database.reading() as connection:
        assert await store.tallies(connection, "s") == {
            "one": {Platform.MACOS: Tally(2, 1), Platform.WINDOWS: Tally(1, 1), None: Tally(1, 1)}
        }


async def test_old_visits_are_removed_whole_when_they_are_purged(database: Database) -> None:
    await record(database, STORY)
    await answer(database, StepAnswer(symptom="s", step="t", outcome=StepOutcome.RESOLVED, at=9500))
    await record(database, [replace(STORY[0], at=20_000)], "young")
    async with database.writing() as connection:
        assert await store.remove_started(connection, 0, 10_000) == 1
    assert [row["id"] for row in await rows(database, Journey)] == ["young"]
    assert len(await rows(database, JourneyEvent)) == 1
    assert await rows(database, Outcome) == []


async def test_nothing_is_kept_when_the_transaction_breaks(database: Database) -> None:
    async def break_off() -> None:
        async with database.writing() as connection:
            await store.record_events(connection, VISIT, STORY)
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await break_off()
    assert await rows(database, Journey) == []


WRITERS = 2
EACH = 60


def write_many(address: str, writer: int) -> None:
    """In a process of its own: its own events, and one that all writers have, into the same journey."""

    async def run() -> None:
        database = Database(address)
        for number in range(EACH):
            own = Event(key=f"{writer}-{number}", kind=Kind.COPIED, at=1000 + number, target=Taken.APPLY, context=MAC)
            shared = Event(key=f"both-{number}", kind=Kind.HELP_OPENED, at=5000 + number)
            given = StepAnswer(symptom="s", step=f"step-{number}", outcome=StepOutcome.RESOLVED, at=7000 + writer)
            async with database.writing() as connection:
                await store.record_events(connection, VISIT, [own, shared] if writer else [shared, own])
                await store.record_outcome(connection, VISIT, given)
        await database.close()

    asyncio.run(run())


async def test_nothing_is_lost_when_two_processes_write_the_same_journey(
    database: Database, database_address: str
) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=write_many, args=(database_address, writer)) for writer in range(WRITERS)]
    for process in processes:
        process.start()
    for process in processes:
        await asyncio.to_thread(process.join, 120)
        assert process.exitcode == 0
    async with database.reading() as connection:
        count = select(func.count()).select_from(JourneyEvent)
        assert (await connection.execute(count)).scalar() == EACH * (WRITERS + 1)
        assert await store.tallies(connection, "s") == {f"step-{n}": {None: Tally(1, 1)} for n in range(EACH)}
    (journey,) = await rows(database, Journey)
    assert (journey["taken_at"], journey["helped_at"], journey["last_at"]) == (1000, 5000, 7001)
