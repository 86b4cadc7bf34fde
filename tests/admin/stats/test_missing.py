"""Days that are not counted yet are said to be missing, whatever is closed already."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.admin.stats import housekeeping
from portal.admin.stats.calendar import day_of
from portal.admin.stats.closing import close_days
from portal.admin.stats.question import read_question
from portal.admin.stats.service import OPEN_DAYS, Statistics
from portal.admin.stats.visits import Visit
from portal.db import Database
from tests.admin.stats.visiting import CELLS, DAY, NOON, write
from tests.support.operators import desk_of, sign_in
from tests.support.pages import one, parse, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

UTC = ZoneInfo("UTC")
TODAY = day_of(NOON, UTC)


def on_each_day(days: int, since: int = 0) -> list[Visit]:
    return [
        Visit(f"visit-{ago}", CELLS[0], NOON - ago * DAY, (NOON - ago * DAY, None, None, None, None))
        for ago in range(since, since + days)
    ]


async def missing(database: Database, **query: str) -> int:
    question = read_question(query, today=TODAY)
    return (await Statistics(database, UTC).overview(question, now=NOON)).uncounted_days


async def test_days_are_missing_when_nothing_was_ever_closed(database: Database) -> None:
    assert await missing(database, days="30") == 0, "nothing is recorded"
    await write(database, on_each_day(20))
    assert await missing(database, days="7") == 7 - OPEN_DAYS
    assert await missing(database, days="30") == 20 - OPEN_DAYS
    await close_days(database, UTC, now=NOON)
    assert await missing(database, days="30") == 0


async def test_days_are_missing_when_the_closed_ones_are_all_before_the_period(database: Database) -> None:
    await write(database, on_each_day(1, since=40))
    await close_days(database, UTC, now=NOON - 30 * DAY)
    await write(database, on_each_day(5))
    assert await missing(database, days="7") == 7 - OPEN_DAYS
    assert await missing(database, days="7", compare="yes") == 14 - OPEN_DAYS
    far = TODAY - timedelta(days=38)
    assert await missing(database, **{"from": far.isoformat(), "to": far.isoformat()}) == 0, "before closing got stuck"


async def test_page_promises_nothing_when_days_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "FIRST_SECONDS", 3600.0)  # closing is stuck
    async with running_portal() as portal:
        await sign_in(portal)
        start = desk_of(portal).now() - 9 * DAY
        await write(desk_of(portal).database, [Visit("a", CELLS[0], start, (start, None, None, None, None))])
        about = words(one(parse((await portal.get("/admin?days=7")).text), "#figures .about"))
    assert f"{7 - OPEN_DAYS} earlier days are missing" in about
    assert "minutes" not in about
