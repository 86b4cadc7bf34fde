"""Who came for help only is a visit and is nowhere in the funnel; days of a version that did not know it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from alembic import command
from sqlalchemy import Connection, delete, select, update

from portal.admin.stats import housekeeping, store
from portal.admin.stats.calendar import day_of
from portal.admin.stats.closing import close_days, purge, rebuild
from portal.admin.stats.figures import funnel
from portal.admin.stats.histogram import bucket_of
from portal.admin.stats.models import StatDay, StatMore, StatState
from portal.admin.stats.question import read_question
from portal.admin.stats.service import Statistics
from portal.admin.stats.sums import Part
from portal.admin.stats.visits import Check, Visit, tally
from portal.db import Database, migration_config
from portal.journeys.vocabulary import Verdict
from tests.admin.stats.visiting import CELLS, DAY, NOON, write
from tests.support.operators import desk_of, sign_in
from tests.support.pages import one, parse, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

UTC = ZoneInfo("UTC")
NEVER = (None,) * 5
SAID = (None, None, None, None, NOON)
FAILED = (Check(NOON + 5, Verdict.FAILED, "rejected", "m"),)


def some(opened: int, helped: int, at: int) -> list[Visit]:
    """So many visits that chose their machine a second after they opened the guide, and so many for help only."""
    through = (at, at + 1000, None, None, None)
    return [
        *(Visit(f"{at}-opened-{n}", CELLS[0], at, through) for n in range(opened)),
        *(Visit(f"{at}-helped-{n}", CELLS[0], at, NEVER, sought_help=True) for n in range(helped)),
    ]


@pytest.mark.parametrize(
    ("visit", "reached"),
    [
        (Visit("help", CELLS[0], NOON, NEVER, sought_help=True, diagnosed=(None,)), 0),
        (Visit("check", CELLS[0], NOON, NEVER, checks=FAILED), 1),
        (Visit("left in a check", CELLS[0], NOON, NEVER, tried_key=True), 1),
        (Visit("moved", CELLS[0], NOON, (NOON, None, None, None, None)), 1),
        (Visit("copied", CELLS[0], NOON, (None, None, NOON, None, None)), 3),
        (Visit("works", CELLS[0], NOON, (None, None, None, None, NOON), tried_key=True), 5),
        (Visit("works, without a script", CELLS[0], NOON, (None, None, None, None, NOON)), 5),
        (Visit("said on the guide, then help", CELLS[0], NOON, SAID, sought_help=True), 5),
        (Visit("pasted that it works", CELLS[0], NOON, SAID, only_pasted_that_it_works=True, sought_help=True), 0),
        (Visit("from the guide to the help", CELLS[0], NOON, (NOON, None, None, None, NOON), sought_help=True), 5),
    ],
    ids=lambda one: one.id if isinstance(one, Visit) else "",
)
def test_visit_is_past_every_stage_up_to_its_furthest(visit: Visit, reached: int) -> None:
    counts = tally(visit)
    assert counts["visits"] == 1
    assert [stage.reached for stage in funnel(counts)] == [1] * reached + [0] * (5 - reached)
    assert not [name for name in counts if name.startswith("minutes")] or visit.reached[0] is not None


def test_times_begin_when_the_guide_was_opened() -> None:
    counts = tally(Visit("a", CELLS[0], NOON, (NOON + 60_000, None, None, None, NOON + 180_000), sought_help=True))
    assert [name for name in counts if "|" in name] == [f"minutes|4|{bucket_of(120_000)}"]


@pytest.fixture
async def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(housekeeping, "FIRST_SECONDS", 3600.0)
    async with running_portal(database_url=f"sqlite:///{tmp_path / 'portal.db'}") as client:
        await sign_in(client)
        yield client


async def test_page_tells_those_apart_who_came_for_help_only(operator: httpx.AsyncClient) -> None:
    at = desk_of(operator).now() - 60_000
    await write(desk_of(operator).database, some(0, 6, at))
    page = parse((await operator.get("/admin?days=7")).text)
    assert words(one(page, ".lead")) == "Nobody has opened the guide in this period: all visits came for help only."
    await write(desk_of(operator).database, some(8, 0, at + 1))
    page = parse((await operator.get("/admin?days=7")).text)
    shown = {element.get("data-stat"): element.get("data-value") for element in page.cssselect("[data-stat]")}
    names = ("funnel.opened", "funnel.chosen", "funnel.chosen.share", "visits.elsewhere")
    assert [shown[name] for name in names] == ["8", "8", "1.0000", "6"]
    rows = (await operator.get("/admin/stats.json?days=7")).json()["rows"]
    whole = {row["measure"]: row["count"] for row in rows if not row["item"]}
    assert (whole["visits"], whole["opened"], whole["helped"]) == (14, 8, 6)


async def kept(database: Database) -> list[tuple[int, int | None]]:
    """Visits, and those that opened the guide, of each day with visits as they are in the table."""
    async with database.reading() as connection:
        statement = select(StatDay.visits, StatDay.opened).where(StatDay.grouping == 0, StatDay.visits > 0)
        return [(row[0], row[1]) for row in await connection.execute(statement.order_by(StatDay.day))]


async def forget_who_opened(database: Database) -> None:
    """What the days look like that an earlier version closed."""
    async with database.writing() as connection:
        await connection.execute(update(StatDay).values(opened=None))


async def test_days_of_an_earlier_version_are_counted_anew_unless_their_visits_are_removed(database: Database) -> None:
    for ago in (1, 5):
        await write(database, some(3, 2, NOON - ago * DAY))
    await purge(database, UTC, 3, now=NOON)
    assert await kept(database) == [(5, 3), (5, 3)]
    await forget_who_opened(database)
    statistics = Statistics(database, UTC)
    question = read_question({"days": "7"}, today=day_of(NOON, UTC))
    total = (await statistics.overview(question, now=NOON)).total
    assert (total["visits"], total["opened"], total["chosen"]) == (10, 10, 6)
    for made in (3, 0):  # yesterday and the two days without visits before it
        async with database.writing() as connection:  # as if nothing had been written for long
            await store.set_state(connection, watermark=9_000_000_000_000)
        assert await close_days(database, UTC, now=NOON) == made
    assert await kept(database) == [(5, None), (5, 3)]
    total = (await statistics.overview(question, now=NOON)).total
    assert (total["visits"], total["opened"], total["chosen"]) == (10, 8, 6)
    await rebuild(database, UTC, now=NOON)
    assert await kept(database) == [(5, None), (5, 3)]
    await write(database, some(1, 0, NOON - 5 * DAY + 1))  # late, for the day that is sealed
    await purge(database, UTC, 3, now=NOON)
    assert await kept(database) == [(6, 6), (5, 3)]


async def test_sums_stay_when_a_database_of_the_previous_release_is_brought_up_to_date(database: Database) -> None:
    await write(database, some(4, 3, NOON - DAY))
    await close_days(database, UTC, now=NOON)

    def there_and_back(connection: Connection) -> None:
        command.downgrade(migration_config(connection), "20261123_statistics")

    async with database.writing() as connection:
        await connection.run_sync(there_and_back)
    assert await database.migrate()
    assert await kept(database) == [(7, None)]
    yesterday = (day_of(NOON, UTC) - timedelta(days=1)).isoformat()
    async with database.reading() as connection:
        sums = (await store.by_day(connection, Part({}, yesterday, yesterday)))[yesterday]
    assert (sums["visits"], sums["opened"], sums["chosen"], sums["helped"]) == (7, 7, 4, 3)
    await rebuild(database, UTC, now=NOON)
    assert await kept(database) == [(7, 4)]
    async with database.writing() as connection:
        for table in (StatDay, StatMore, StatState):
            await connection.execute(delete(table))
