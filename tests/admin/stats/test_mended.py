"""What the page leaves out and keeps: finished visits are compared, weeks are whole, own dates stay."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from prometheus_client.parser import text_string_to_metric_families

from portal.admin.stats.calendar import day_of
from portal.admin.stats.closing import close_days
from portal.admin.stats.metrics import exposition
from portal.admin.stats.question import read_question
from portal.admin.stats.service import Statistics
from portal.admin.stats.tables import binned
from portal.admin.stats.visits import Step, Visit, tally
from portal.db import Database
from portal.journeys.vocabulary import StepOutcome
from tests.admin.stats.visiting import CELLS, DAY, NOON, write
from tests.support.operators import desk_of, sign_in
from tests.support.pages import parse
from tests.support.portal import running_portal

UTC = ZoneInfo("UTC")


def test_what_may_fall_is_no_counter() -> None:
    before = Counter({"visits": 9, "helped": 5, "resolved": 2, "step|s|x|resolved": 2, "step|s|x|tried": 3})
    after = before + Counter({"helped": 1})
    after["resolved"] -= 1
    after["step|s|x|resolved"] -= 1
    kinds, values = {}, []
    for total in (before, after):
        families = list(text_string_to_metric_families(exposition(total).decode()))
        kinds = {family.name: family.type for family in families}
        values.append({(one.name, *one.labels.values()): one.value for family in families for one in family.samples})
    fallen = {key[0] for key, value in values[0].items() if values[1][key] < value}
    assert fallen == {"portal_help_visits", "portal_help_steps"}
    assert {kinds[name] for name in fallen} == {"gauge"}
    assert values[1]["portal_help_visits", "sought"] == 6


def test_symptom_is_not_unresolved_when_a_step_resolved_it_after_all() -> None:
    step = Step("s", "x", StepOutcome.RESOLVED, 1, 2)
    counts = tally(Visit("a", CELLS[0], 0, (0, None, None, None, None), steps=(step,), nothing_helped=("s", "t")))
    assert (counts["nothing|s"], counts["nothing|t"]) == (0, 1)


@pytest.mark.parametrize("length", [46, 49, 90])
def test_only_the_first_week_is_shorter_when_the_days_make_no_whole_weeks(length: int) -> None:
    last = date(2026, 5, 20)
    days = {last - timedelta(days=ago): Counter({"visits": 1}) for ago in reversed(range(length))}
    weeks, by_week = binned(days)
    assert by_week
    assert [(later - begin).days for begin, later in pairwise(sorted(weeks))][1:] == [7] * (len(weeks) - 2)
    sizes = [weeks[begin]["visits"] for begin in sorted(weeks)]
    assert sizes == [length % 7 or 7, *[7] * (len(weeks) - 1)]
    assert min(weeks) == min(days)


@pytest.mark.anyio
async def test_visits_of_today_are_not_compared_with_finished_ones(database: Database) -> None:
    def some(name: str, number: int, ago: int, *, works: bool) -> list[Visit]:
        at = NOON - ago * DAY
        rest = (at + 1, at + 2, None, at + 3) if works else (None,) * 4
        return [Visit(f"{name}-{n}", CELLS[0], at, (at, rest[0], rest[1], rest[2], rest[3])) for n in range(number)]

    await write(database, some("before", 60, 9, works=True) + some("period", 60, 3, works=True))
    await write(database, some("now", 60, 0, works=False))
    await close_days(database, UTC, now=NOON)
    statistics = Statistics(database, UTC)
    found = await statistics.overview(read_question({"days": "7"}, today=day_of(NOON, UTC)), now=NOON)
    assert (found.total["visits"], found.before["visits"], found.findings) == (120, 60, ())
    later = await statistics.overview(
        read_question({"from": (day := day_of(NOON, UTC)).isoformat(), "to": day.isoformat()}, today=day), now=NOON
    )
    assert later.findings == ()


@pytest.mark.anyio
async def test_own_days_and_comparison_stay_when_a_filter_is_chosen(tmp_path: Path) -> None:
    async with running_portal(database_url=f"sqlite:///{tmp_path / 'portal.db'}") as portal:
        await sign_in(portal)
        at = desk_of(portal).now() - 2 * DAY
        await write(desk_of(portal).database, [Visit("a", CELLS[0], at, (at, None, None, None, None))])
        first, last = day_of(at - DAY, UTC).isoformat(), day_of(at, UTC).isoformat()
        tree = parse((await portal.get(f"/admin?from={first}&to={last}&compare=yes")).text)
    forms = tree.cssselect("#filters form")
    kept = [{field.get("name"): field.get("value") for field in form.cssselect("input")} for form in forms]
    assert kept == [{"from": first, "to": last, "compare": "yes"}] * 2
