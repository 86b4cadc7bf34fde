"""Owns the rows of the dashboard's tables (PURE): every number with its name, its value and how it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from portal.admin.stats import names, sentences
from portal.admin.stats.figures import SMALLEST_GROUP, Durations, Stage, StepFigures, by_verdict, durations, ranked
from portal.admin.stats.names import Name, Names
from portal.admin.stats.sentences import duration, percent
from portal.admin.stats.visits import STAGES
from portal.journeys.vocabulary import Verdict
from portal.words import Text, _

MOST_DAYS: Final = 45
"""Longer periods are shown week by week: a day's numbers are too small to show a trend."""

BAR_WIDTH: Final = 1000


@dataclass(frozen=True, slots=True)
class Number:
    """A number.

    Attributes:
        name: `data-stat`; stable.
        value: `data-value`, without a unit; empty when there is none.
        text: as it is read.
        label: what it says.
        define: the place on the page of definitions.
        before: the number of the period before, as it is read.

    """

    name: str
    value: str
    text: Text | int
    define: str
    label: Text | None = None
    before: Text | int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table about an id; `at`: in seconds since 1970 for charts, 0 without; `code`: the id has no name."""

    name: str
    label: Text
    numbers: tuple[Number, ...]
    at: int = 0
    code: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A stage of the funnel: its bar, and what was lost before it."""

    stage: str
    label: Text
    reached: Number
    share: Number
    overall: Text
    width: int
    stopped: Number | None
    took: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """A troubleshooting step; the interval is in thousandths of the whole, for its picture."""

    symptom: Name
    step: Name
    numbers: tuple[Number, ...]
    interval: tuple[int, int] | None
    rate: int


def whole(name: str, value: int, define: str, label: Text | None = None, before: int | None = None) -> Number:
    """A count."""
    return Number(name, str(value), value, define, label, before)


def share(
    name: str, value: float | None, define: str, label: Text | None = None, before: float | None = None
) -> Number:
    """A share between 0 and 1; its value has four digits after the point."""
    earlier = None if before is None else percent(before)
    return Number(name, "" if value is None else f"{value:.4f}", percent(value), define, label, earlier)


def took(name: str, durations: Durations) -> tuple[Number, ...]:
    """Median and 90th percentile, in milliseconds."""
    named = (("median", durations.median_ms, _("median")), ("p90", durations.p90_ms, _("nine of ten within")))
    return tuple(
        Number(f"{name}.{which}", "" if value is None else f"{value:.1f}", duration(value), "minutes", label)
        for which, value, label in named
    )


def bars(stages: tuple[Stage, ...], before: tuple[Stage, ...] | None) -> tuple[Bar, ...]:
    """The funnel."""
    total = stages[0].reached
    found = []
    for index, stage in enumerate(stages):
        name = f"funnel.{stage.name}"
        earlier = before[index] if before else None
        found.append(
            Bar(
                stage=stage.name,
                label=sentences.STAGES[stage.name],
                reached=whole(name, stage.reached, "funnel", before=earlier.reached if earlier else None),
                share=share(f"{name}.share", stage.share, "conversion", before=earlier.share if earlier else None),
                overall=percent(stage.reached / total if total else None),
                width=round(BAR_WIDTH * stage.reached / total) if total else 0,
                stopped=whole(f"{name}.stopped", stage.stopped, "drop") if index else None,
                took=took(name, stage.took) if stage.took else (),
            )
        )
    return tuple(found)


def platform_table(platforms: Mapping[str, Counter[str]]) -> tuple[Row, ...]:
    """A row for each stage, two columns for each platform: how many reached it, and their part of the first stage."""
    rows = []
    for stage in STAGES:
        numbers: list[Number] = []
        for platform, sums in platforms.items():
            name = f"platform.{platform}.{stage}"
            numbers += [
                whole(name, sums[stage], "funnel"),
                share(f"{name}.share", _share(sums[stage], sums[STAGES[0]]), "platforms"),
            ]
        rows.append(Row(stage, sentences.STAGES[stage], tuple(numbers)))
    return tuple(rows)


def binned(days: Mapping[date, Counter[str]]) -> tuple[Mapping[date, Counter[str]], bool]:
    """The days, or for a long period the weeks up to its last day (the first may be shorter); and whether weeks."""
    if len(days) <= MOST_DAYS:
        return days, False
    first, last = min(days), max(days)
    weeks: dict[date, Counter[str]] = {}
    for day, sums in days.items():
        week = weeks.setdefault(max(first, last - timedelta(days=(last - day).days // 7 * 7 + 6)), Counter())
        for name in sums:
            if "|" not in name:
                week[name] += sums[name]
    return weeks, True


def day_rows(days: Mapping[date, Counter[str]]) -> tuple[Row, ...]:
    """Key checks by verdict."""
    return tuple(
        Row(
            day.isoformat(),
            _("{value}", value=day.isoformat()),
            tuple(whole(f"checks.{verdict}", sums[f"check_{verdict}"], "verdicts") for verdict in Verdict),
            at=_noon(day),
        )
        for day, sums in days.items()
    )


def help_rows(days: Mapping[date, Counter[str]]) -> tuple[Row, ...]:
    """Visits that sought help, those that found it, and their share."""
    return tuple(
        Row(
            day.isoformat(),
            _("{value}", value=day.isoformat()),
            (
                whole("help.visits", sums["helped"], "help"),
                whole("help.resolved", sums["resolved"], "resolved"),
                share("help.share", _share(sums["resolved"], sums["helped"]), "resolved"),
            ),
            at=_noon(day),
        )
        for day, sums in days.items()
    )


def check_numbers(total: Counter[str], before: Counter[str] | None) -> tuple[Number, ...]:
    """The key checks in numbers."""
    latency = durations(total, "latency")
    p90 = Number(
        "checks.latency.p90",
        "" if latency.p90_ms is None else f"{latency.p90_ms:.1f}",
        duration(latency.p90_ms),
        "latency",
        _("nine of ten answers of the gateway within"),
    )
    median = Number(
        "checks.latency.median",
        "" if latency.median_ms is None else f"{latency.median_ms:.1f}",
        duration(latency.median_ms),
        "latency",
        _("median answer of the gateway"),
    )
    first = _share(total["first_passed"], total["first_checks"])
    first_before = _share(before["first_passed"], before["first_checks"]) if before else None
    return (
        whole("checks", _checks(total), "checks", _("key checks"), _checks(before) if before else None),
        share("checks.first_passed", first, "first-check", _("of first checks pass"), first_before),
        median,
        p90,
    )


def cause_rows(total: Counter[str]) -> tuple[Row, ...]:
    """What key checks ended with, by verdict."""
    return _verdict_rows(total, "cause", "causes", names.code)


def model_rows(total: Counter[str]) -> tuple[Row, ...]:
    """Which models key checks asked, by verdict."""
    return _verdict_rows(total, "model", "models", names.as_it_is)


def help_numbers(total: Counter[str], before: Counter[str] | None) -> tuple[Number, ...]:
    """Troubleshooting in numbers."""
    part = _share(total["resolved"], total["helped"])
    part_before = _share(before["resolved"], before["helped"]) if before else None
    helped, resolved = (before["helped"], before["resolved"]) if before else (None, None)
    return (
        whole("help.visits", total["helped"], "help", _("visits sought help"), helped),
        whole("help.resolved", total["resolved"], "resolved", _("found a step that resolved it"), resolved),
        share("help.share", part, "resolved", _("of those who sought help"), part_before),
    )


def counted(total: Counter[str], kind: str, called: Callable[[str], Name]) -> tuple[Row, ...]:
    """What `kind` counts and how many visits had it, the most frequent first."""
    return tuple(
        _named(called(name), whole(f"{kind}.{name}", count, f"{kind}s")) for name, count in ranked(total, kind)
    )


def step_rows(steps: tuple[StepFigures, ...], called: Names) -> tuple[StepRow, ...]:
    """What became of each step; a rate only from so many tries on that it points at nobody."""
    found = []
    for step in steps:
        name = f"step.{step.symptom}.{step.step}"
        enough = step.tried >= SMALLEST_GROUP
        low, high = step.interval
        between = _("{low} to {high}", low=percent(low), high=percent(high)) if enough else _("–")
        rate = step.resolved / step.tried if enough else None
        numbers = (
            whole(f"{name}.shown", step.shown, "steps"),
            whole(f"{name}.tried", step.tried, "steps"),
            whole(f"{name}.resolved", step.resolved, "steps"),
            share(f"{name}.rate", rate, "rate"),
            Number(f"{name}.interval", f"{low:.4f} {high:.4f}" if enough else "", between, "interval"),
            took(name, step.took)[0],
        )
        interval = (round(low * BAR_WIDTH), max(round((high - low) * BAR_WIDTH), 1)) if enough else None
        mark = round((rate or 0) * BAR_WIDTH)
        found.append(StepRow(called.symptom(step.symptom), called.step(step.step), numbers, interval, mark))
    return tuple(found)


def unresolved_rows(total: Counter[str], called: Names) -> tuple[Row, ...]:
    """What nothing helped against, and (without an id) pasted texts that nothing matched; the most frequent first."""
    rows = [
        _named(called.symptom(name), whole(f"unresolved.{name}", count, "unresolved"))
        for name, count in ranked(total, "nothing")
    ]
    if total["unmatched"]:
        label = _("A pasted text matched nothing known")
        rows.append(Row("", label, (whole("unmatched", total["unmatched"], "unresolved"),)))
    return tuple(sorted(rows, key=lambda row: -int(row.numbers[0].value)))


def _verdict_rows(total: Counter[str], kind: str, define: str, called: Callable[[str], Name]) -> tuple[Row, ...]:
    return tuple(
        _named(called(name), *(whole(f"{kind}.{name}.{verdict}", counts[verdict], define) for verdict in Verdict))
        for name, counts in by_verdict(total, kind)
    )


def _named(name: Name, *numbers: Number) -> Row:
    return Row(name.id, name.text, numbers, code=not name.known)


def _checks(total: Counter[str]) -> int:
    return sum(total[f"check_{verdict}"] for verdict in Verdict)


def _share(part: int, of: int) -> float | None:
    return part / of if of else None


def _noon(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())
