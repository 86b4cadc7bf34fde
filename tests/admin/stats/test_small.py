"""Fewer than five visits are nowhere told apart: not on a day, not in the period before, not without a filter."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.admin.stats import housekeeping
from portal.admin.stats.figures import gathered
from portal.admin.stats.visits import Check, Visit
from portal.journeys.vocabulary import Verdict
from tests.admin.stats.visiting import CELLS, DAY, write
from tests.support.operators import desk_of, sign_in
from tests.support.pages import parse
from tests.support.portal import running_portal


@pytest.fixture
async def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(housekeeping, "FIRST_SECONDS", 3600.0)
    async with running_portal(database_url=f"sqlite:///{tmp_path / 'portal.db'}") as client:
        await sign_in(client)
        yield client


async def some(client: httpx.AsyncClient, number: int, ago: int) -> None:
    at = desk_of(client).now() - ago * DAY
    check = Check(at, Verdict.FAILED, "rejected", "model", 250)
    found = [
        Visit(f"{ago}-{n}", CELLS[0], at, (at, None, None, None, None), checks=(check,), nothing_helped=("s",))
        for n in range(number)
    ]
    await write(desk_of(client).database, found)


@given(st.lists(st.sampled_from([0, 0, 1, 2, 4, 5, 9]), max_size=12))
def test_gathered_days_are_never_few(visits: list[int]) -> None:
    days = {date(2026, 5, 1) + timedelta(days=n): Counter({"visits": count}) for n, count in enumerate(visits)}
    found = gathered(days)
    assert sum(sums["visits"] for sums in found.values()) == sum(visits)
    if sum(visits) >= 5:
        assert not any(0 < sums["visits"] < 5 for sums in found.values())
    if not set(visits) & {1, 2, 4}:
        assert found == days


@pytest.mark.anyio
async def test_day_of_few_visits_is_not_told_when_there_is_a_filter(operator: httpx.AsyncClient) -> None:
    await some(operator, 6, 1)
    await some(operator, 2, 0)
    for query, expected in (("days=7&platform=windows", ["8"]), ("days=7", ["6", "2"])):
        tree = parse((await operator.get(f"/admin?{query}")).text)
        cells = [cell.get("data-value") for cell in tree.cssselect('#table-checks [data-stat="checks.failed"]')]
        assert [value for value in cells if value != "0"] == expected
        rows = csv.DictReader(io.StringIO((await operator.get(f"/admin/stats.csv?{query}")).text))
        assert [row["count"] for row in rows if row["measure"] == "visits"] == expected


@pytest.mark.anyio
async def test_period_before_is_not_told_when_it_has_few_visits(operator: httpx.AsyncClient) -> None:
    await some(operator, 6, 0)
    await some(operator, 4, 1)
    today = datetime.fromtimestamp(desk_of(operator).now() / 1000, UTC).date().isoformat()
    for query, is_told in (("", True), ("&platform=windows", False)):
        tree = parse((await operator.get(f"/admin?from={today}&to={today}&compare=yes{query}")).text)
        assert tree.cssselect('[data-stat="funnel.opened"]')[0].get("data-value") == "6"
        assert bool(tree.cssselect(".was")) is is_told


@pytest.mark.anyio
async def test_nothing_of_single_visits_is_named_when_there_are_few_in_all(operator: httpx.AsyncClient) -> None:
    await some(operator, 4, 0)
    for is_told in (False, True):
        tree = parse((await operator.get("/admin?days=7")).text)
        assert bool(tree.cssselect('[data-stat^="cause."], [data-stat^="unresolved."]')) is is_told
        assert bool(tree.cssselect("[data-few]")) is not is_told
        items = {row["item"] for row in (await operator.get("/admin/stats.json?days=7")).json()["rows"]}
        assert bool(items - {""}) is is_told
        await some(operator, 2, 1)
