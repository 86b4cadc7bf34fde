"""Owns the numbers of the dashboard, made of sums (PURE). The words around them are in `views`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal.admin.stats.dimensions import Cell, Dimension
from portal.admin.stats.findings import Finding
from portal.admin.stats.histogram import quantile
from portal.admin.stats.intervals import wilson
from portal.admin.stats.visits import SEPARATOR, STAGES, key
from portal.journeys.vocabulary import Verdict

SMALLEST_GROUP: Final = 5
"""Groups of fewer visits are not shown on their own."""

_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Durations:
    """How long something took: how often it is known, the middle, and what nine of ten do not exceed; milliseconds."""

    known: int
    median_ms: float | None
    p90_ms: float | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the funnel: how many visits reached it, and how many the stage before."""

    name: str
    reached: int
    before: int
    took: Durations | None

    @property
    def stopped(self) -> int:
        """Visits that reached the stage before and went no further."""
        return self.before - self.reached

    @property
    def share(self) -> float | None:
        """The part of the stage before that reached this one."""
        return self.reached / self.before if self.before else None


@dataclass(frozen=True, slots=True)
class StepFigures:
    """A troubleshooting step over all visits."""

    symptom: str
    step: str
    shown: int
    tried: int
    resolved: int
    took: Durations

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the resolved share."""
        return wilson(self.resolved, self.tried)


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that answers a question.

    Attributes:
        total: the sums of the period; `before` of the period before.
        days: day -> its sums.
        platforms: platform -> its sums; empty when a platform is filtered for.
        findings: what to fix next.
        uncounted_days: days of the period, and of the one before when compared, that are over and not counted yet.
        in_use: dimension -> values to filter by.

    """

    total: Counter[str]
    before: Counter[str]
    days: Mapping[date, Counter[str]]
    platforms: Mapping[str, Counter[str]]
    findings: tuple[Finding, ...]
    uncounted_days: int
    in_use: Mapping[Dimension, tuple[str, ...]]


def funnel(total: Counter[str]) -> tuple[Stage, ...]:
    """The stages in their order; the first has no stage before, and is compared with itself."""
    reached = [total[name] for name in STAGES]
    stages = [Stage(STAGES[0], reached[0], reached[0], None)]
    for index, name in enumerate(STAGES[1:]):
        stages.append(Stage(name, reached[index + 1], reached[index], durations(total, "minutes", str(index))))
    return tuple(stages)


def durations(total: Counter[str], *parts: str) -> Durations:
    """How long the things under a key took."""
    return _durations({int(rest[0]): count for rest, count in below(total, *parts)})


def _durations(buckets: Mapping[int, int]) -> Durations:
    return Durations(sum(buckets.values()), quantile(buckets, 0.5), quantile(buckets, 0.9))


def below(total: Mapping[str, int], *parts: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """What follows after these parts in the keys that begin with them, and its count."""
    start = SEPARATOR.join((*parts, ""))
    for name, count in total.items():
        if name.startswith(start):
            yield tuple(name[len(start) :].split(SEPARATOR)), count


def ranked(total: Mapping[str, int], *parts: str) -> tuple[tuple[str, int], ...]:
    """What a key counts one by one, the most frequent first."""
    return tuple(sorted(((rest[0], count) for rest, count in below(total, *parts)), key=lambda one: (-one[1], one[0])))


def by_verdict(total: Mapping[str, int], kind: str) -> tuple[tuple[str, Mapping[Verdict, int]], ...]:
    """Causes or models with how often each verdict was theirs, the most frequent first."""
    found: dict[str, dict[Verdict, int]] = {}
    for (verdict, name), count in below(total, kind):
        found.setdefault(name, dict.fromkeys(Verdict, 0))[Verdict(verdict)] += count
    return tuple(sorted(found.items(), key=lambda one: (-sum(one[1].values()), one[0])))


def steps(total: Counter[str]) -> tuple[StepFigures, ...]:
    """Every step that was shown, the most tried first."""
    names = {(symptom, step) for (symptom, step, _), _ in below(total, "step")}
    took: dict[tuple[str, str], dict[int, int]] = {}  # in one go: there may be hundreds of steps, and of times of each
    for (symptom, step, bucket), count in below(total, "took"):
        took.setdefault((symptom, step), {})[int(bucket)] = count
    found = [
        StepFigures(
            symptom,
            step,
            total[key("step", symptom, step, "shown")],
            total[key("step", symptom, step, "tried")],
            total[key("step", symptom, step, "resolved")],
            _durations(took.get((symptom, step), {})),
        )
        for symptom, step in names
    ]
    return tuple(sorted(found, key=lambda one: (-one.tried, -one.shown, one.symptom, one.step)))


def is_small(counts: Mapping[str, int]) -> bool:
    """Whether a group is too small to be shown on its own."""
    return counts["visits"] < SMALLEST_GROUP


def gathered(days: Mapping[date, Counter[str]]) -> dict[date, Counter[str]]:
    """The days, those with few visits added up under the first of them until they are enough; no visit is left out.

    What is too few at the end is added to the last that is enough; days without visits stay as they are.
    """
    found: dict[date, Counter[str]] = {}
    known: date | None = None  # under which small days are being added up
    enough: date | None = None
    for day, sums in sorted(days.items()):
        if known is None and not sums["visits"]:
            found[day] = sums.copy()
            continue
        known = known or day
        found.setdefault(known, Counter()).update(sums)
        if not is_small(found[known]):
            known, enough = None, known
    if known is not None and enough is not None:
        found[enough].update(found.pop(known))
    return found


def cells_by(cells: Mapping[Cell, Counter[str]], index: int) -> dict[str, Counter[str]]:
    """The cells of a split by one dimension, by its value."""
    return {cell[index]: counts for cell, counts in cells.items()}
