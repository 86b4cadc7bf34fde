"""The arithmetic of statistics against counting by hand."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.admin.stats.calendar import bounds_of, day_of
from portal.admin.stats.cube import Cube
from portal.admin.stats.dimensions import EVERYTHING, GROUPINGS, Dimension, cell_of, grouping_for, within
from portal.admin.stats.figures import funnel
from portal.admin.stats.findings import INSTALLER, MACHINE, Loss, find
from portal.admin.stats.histogram import bucket_of, quantile
from portal.admin.stats.intervals import difference_p, which_stand, wilson
from portal.admin.stats.visits import STAGES, Visit, tally
from portal.journeys.vocabulary import Verdict
from tests.admin.stats.visiting import only_pasted, visits


@given(st.lists(visits(), max_size=20))
@settings(max_examples=60, deadline=None)
def test_sums_are_those_of_counting_each_visit(found: list[Visit]) -> None:
    cube = Cube()
    for visit in found:
        cube.add("2026-01-01", visit.cell, tally(visit))
    together = Cube()
    together.add_all(("2026-01-01", visit.cell, tally(visit)) for visit in found)
    assert together.groups == cube.groups
    for grouping in GROUPINGS:
        by_hand: dict[object, Counter[str]] = {}
        for visit in found:
            by_hand.setdefault((within(visit.cell, grouping), "2026-01-01"), Counter()).update(tally(visit))
        assert cube.groups[grouping] == by_hand


@given(st.lists(visits(), max_size=10), st.lists(visits(), max_size=10))
@settings(max_examples=40, deadline=None)
def test_taking_visits_away_leaves_what_was_there(kept: list[Visit], gone: list[Visit]) -> None:
    changed, plain = Cube(), Cube()
    for visit in kept:
        plain.add("d", visit.cell, tally(visit))
    for visit in [*gone, *kept]:
        changed.add("d", visit.cell, tally(visit))
    for visit in gone:
        changed.add("d", visit.cell, tally(visit), sign=-1)
    assert changed.groups == plain.groups


@given(st.lists(visits(), max_size=20))
@settings(max_examples=60, deadline=None)
def test_funnel_is_that_of_the_furthest_stage_of_each_visit(found: list[Visit]) -> None:
    total: Counter[str] = Counter()
    for visit in found:
        total.update(tally(visit))
    furthest = [
        max((i for i in range(5) if visit.reached[i] is not None and not only_pasted(visit)), default=-1)
        for visit in found
    ]
    tried = [visit.tried_key or len(visit.checks) > 0 for visit in found]
    furthest = [max(one, 0) if is_on_guide else one for one, is_on_guide in zip(furthest, tried, strict=True)]
    assert total["visits"] == len(found)
    stages = funnel(total)
    assert [stage.name for stage in stages] == list(STAGES)
    assert [stage.reached for stage in stages] == [sum(one >= index for one in furthest) for index in range(5)]
    assert [stage.stopped for stage in stages[1:]] == [furthest.count(index) for index in range(4)]
    for index, stage in enumerate(stages[1:]):
        pairs = [(visit.reached[index], visit.reached[index + 1]) for visit in found]
        took = [b - a for a, b in pairs if a is not None and b is not None and b >= a]
        assert stage.took
        assert stage.took.known == len(took)


@given(st.lists(visits(), max_size=20))
@settings(max_examples=40, deadline=None)
def test_first_checks_and_steps_are_counted_once_for_each_visit(found: list[Visit]) -> None:
    total: Counter[str] = Counter()
    for visit in found:
        total.update(tally(visit))
    firsts = [min(visit.checks, key=lambda check: check.at) for visit in found if visit.checks]
    assert total["first_checks"] == len(firsts)
    assert total["first_passed"] == sum(check.verdict is Verdict.PASSED for check in firsts)
    assert total["step|s|x|shown"] == sum(step.step == "x" for visit in found for step in visit.steps)
    assert total["unmatched"] == sum(None in visit.diagnosed for visit in found)


def test_quantile_is_near_the_exact_one_for_every_short_duration() -> None:
    for exact in range(5000):
        found = quantile({bucket_of(exact): 1}, 0.5)
        assert found is not None
        assert abs(found - exact) <= max(0.5, 0.0455 * exact)


@given(st.lists(st.integers(0, 8 * 24 * 60 * 60_000), min_size=1), st.sampled_from([0.5, 0.9]))
def test_quantile_is_near_the_exact_one(durations: list[int], share: float) -> None:
    exact = sorted(durations)[max(0, math.ceil(share * len(durations)) - 1)]
    found = quantile(Counter(map(bucket_of, durations)), share)
    assert found is not None
    assert abs(found - exact) <= max(0.5, 0.0455 * exact) + 1e-6


def test_quantile_of_nothing_is_none() -> None:
    assert quantile({}, 0.5) is None


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [(0, 10, 0.0, 0.27753), (5, 10, 0.23659, 0.76341), (81, 263, 0.25527, 0.36621), (10, 10, 0.72247, 1.0)],
)  # Newcombe 1998, table I (method 3), and its symmetric cases
def test_interval_is_that_of_the_literature(hits: int, tries: int, low: float, high: float) -> None:
    found = wilson(hits, tries)
    assert found == pytest.approx((low, high), abs=5e-5)


def test_difference_is_that_of_a_worked_example() -> None:
    # 42 of 100 against 9 of 100: pooled share 0.255, z = 0.33 / sqrt(0.255 * 0.745 * 0.02) = 5.354
    assert difference_p(42, 100, 9, 100) == pytest.approx(8.6e-8, rel=0.02)
    assert difference_p(5, 10, 5, 10) == 1
    assert difference_p(0, 10, 0, 10) == 1
    assert difference_p(1, 0, 1, 5) == 1


def test_holm_stops_at_the_first_that_does_not_stand() -> None:
    assert which_stand([0.01, 0.04, 0.03, 0.005], 0.05) == (True, False, False, True)
    assert which_stand([], 0.05) == ()


def sums(opened: int, chosen: int, taken: int) -> Counter[str]:
    stages = {"visits": opened + 50, "opened": opened, "chosen": chosen}
    return Counter({**stages, "taken": taken, "passed": taken, "verified": taken})


def cell(platform: str, shell: str = "") -> tuple[str, str, str, str, str, str]:
    values = {Dimension.PLATFORM: platform, **({Dimension.SHELL: shell} if shell else {})}
    return cell_of(values)


def test_bad_shell_is_found_and_its_platform_is_not_named_again() -> None:
    shells = {
        cell("windows", "cmd"): sums(110, 100, 58),
        cell("windows", "powershell"): sums(110, 100, 91),
        cell("macos", "zsh"): sums(220, 200, 180),
        cell("macos", "fish"): sums(10, 10, 0),  # all stop, but they are ten
    }
    ways = {
        cell_of({Dimension.PLATFORM: "windows", Dimension.INSTALL: way}): sums(110, 100, 74)
        for way in ("npm", "winget")
    }
    platforms = {cell("windows"): sums(220, 200, 149), cell("macos"): sums(220, 200, 180)}
    found = find({MACHINE: shells, INSTALLER: ways, (Dimension.PLATFORM,): platforms}, Counter(), Counter())
    first = found[0]
    assert (first.loss, first.group) == (Loss.LEFT, {Dimension.PLATFORM: "windows", Dimension.SHELL: "cmd"})
    assert (first.lost, first.tried, first.other_lost, first.other_tried) == (52, 110, 19, 110)
    assert all(set(one.group) != {Dimension.PLATFORM} for one in found)


def test_preselected_shell_is_no_finding_when_as_many_copy_in_every_shell() -> None:
    shells = {
        cell("windows", "powershell"): sums(200, 120, 120),  # preselected: who stays with it has chosen only by copying
        cell("windows", "cmd"): sums(80, 80, 48),
        cell("windows", "git-bash"): sums(80, 80, 48),
    }
    alone = {cell_of({Dimension.SHELL: one[1]}): counts for one, counts in shells.items()}
    scopes = {cell_of({Dimension.SCOPE: scope}): counts for scope, counts in zip("abc", shells.values(), strict=True)}
    splits = {MACHINE: shells, (Dimension.SHELL,): alone, (Dimension.SCOPE,): scopes}
    assert find(splits, Counter(), Counter()) == ()


def test_chance_alone_is_named_in_at_most_one_report_of_twenty() -> None:
    random, naming = Random(6), 0  # noqa: S311 - nothing secret
    for _ in range(300):
        cells = {cell("windows", shell): sums(60, 60, _some(random)) for shell in ("cmd", "powershell", "git-bash")}
        naming += bool(find({MACHINE: cells}, Counter(), Counter()))
    assert naming <= 300 / 20


def _some(random: Random) -> int:
    return sum(random.random() < 0.8 for _ in range(60))


def test_change_since_the_period_before_is_found() -> None:
    (found,) = find({}, sums(200, 190, 95), sums(200, 190, 171))
    assert (found.loss, found.group, found.lost, found.other_lost) == (Loss.TAKEN, {}, 95, 19)


@given(st.sets(st.sampled_from(Dimension)))
def test_kept_grouping_splits_by_all_that_is_asked(dimensions: set[Dimension]) -> None:
    grouping = grouping_for(dimensions)
    assert grouping in GROUPINGS
    assert grouping == EVERYTHING or grouping.bit_count() == len(dimensions)


def test_day_of_a_clock_change_has_its_own_length() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = {
        day: (end - begin) // 3_600_000
        for day in range(24, 27)
        for begin, end in [bounds_of(date(2026, 10, day), berlin)]
    }
    assert hours == {24: 24, 25: 25, 26: 24}
    begin, end = bounds_of(date(2026, 10, 25), berlin)
    assert [day_of(at, berlin).day for at in (begin - 1, begin, end - 1, end)] == [24, 25, 25, 26]
