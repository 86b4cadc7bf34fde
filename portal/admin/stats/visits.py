"""Owns what one visit counts for (PURE): the only definition of every number on the dashboard.

A visit that reached a stage has got past all stages before it: whoever says that the client works counts as past the
key check, checked or not. So each stage has at most as many visits as the one before, and the difference stopped there.

Not every visit is in the funnel. Whoever did nothing on the guide, but sought help, is at none of its stages. Keys are
checked on the guide only: a visit with a key check has opened it, also when no script said so. Who only pasted into
the help a text that shows that the client works got there some other way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from portal.admin.stats.dimensions import Cell
from portal.admin.stats.histogram import bucket_of
from portal.journeys.vocabulary import StepOutcome, Verdict

STAGES: Final = ("opened", "chosen", "taken", "passed", "verified")
"""The funnel, in its order."""

COUNTS: Final = (
    "visits",
    "opened",
    "chosen",
    "taken",
    "passed",
    "verified",
    "check_passed",
    "check_warning",
    "check_failed",
    "first_checks",
    "first_passed",
    "helped",
    "resolved",
)
"""What has a column of its own in the daily table: whatever is compared between groups or shown day by day."""

SEPARATOR: Final = "|"
"""Between the parts of a key such as `step|SYMPTOM|STEP|tried`; no recorded id holds it."""

_TRIED: Final = (StepOutcome.RESOLVED, StepOutcome.NOT_RESOLVED)


@dataclass(frozen=True, slots=True)
class Check:
    """A key check that ended; times in milliseconds."""

    at: int
    verdict: Verdict
    cause: str
    model: str
    latency_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a troubleshooting step; times in milliseconds."""

    symptom: str
    step: str
    outcome: StepOutcome
    shown_at: int
    at: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of one visit; times in milliseconds since 1970.

    Attributes:
        began: when the first thing happened that is known, on the guide or not; the visit counts on its day.
        reached: when each stage was reached first, in the order of `STAGES`; None: never, or nobody said so.
        tried_key: whether a key check began; it may have no end.
        only_pasted_that_it_works: whether a text in the help showed that the client works, and nobody said so.
        sought_help: whether help was opened.
        resolved: whether a step resolved the trouble, and still stands.
        diagnosed: the cause of each looked-at text; None where nothing matched.
        symptoms: what help was opened for, or nothing helped against.
        nothing_helped: the symptoms against which nothing helped.

    """

    id: str
    cell: Cell
    began: int
    reached: tuple[int | None, int | None, int | None, int | None, int | None]
    tried_key: bool = False
    only_pasted_that_it_works: bool = False
    sought_help: bool = False
    resolved: bool = False
    checks: tuple[Check, ...] = ()
    steps: tuple[Step, ...] = ()
    diagnosed: tuple[str | None, ...] = ()
    symptoms: tuple[str, ...] = ()
    nothing_helped: tuple[str, ...] = field(default=())


def tally(visit: Visit) -> Counter[str]:
    """What the visit counts for: the names in `COUNTS`, and keys with parts (see `SEPARATOR`)."""
    counts: Counter[str] = Counter(visits=1)
    counts.update(STAGES[: _stages_behind(visit)])
    _count_minutes(visit, counts)
    _count_checks(visit, counts)
    _count_help(visit, counts)
    return counts


def key(*parts: str | int) -> str:
    """A key with parts."""
    return SEPARATOR.join(map(str, parts))


def _stages_behind(visit: Visit) -> int:
    """How many stages the visit got past: up to the furthest that it reached; none when it was not on the guide."""
    reached = [index for index, at in enumerate(visit.reached, 1) if at is not None]
    tried = visit.tried_key or bool(visit.checks)
    if reached == [len(STAGES)] and visit.only_pasted_that_it_works and not tried:
        return 0  # counted, only those whose client works would be in the funnel, of all who never saw the guide
    return max(reached, default=int(tried))


def _count_minutes(visit: Visit, counts: Counter[str]) -> None:
    """Between neighbouring stages that were both reached, in this order; and from the first to the last."""
    pairs = [*enumerate(pairwise(visit.reached)), (len(STAGES) - 1, (visit.reached[0], visit.reached[-1]))]
    for index, (before, after) in pairs:
        if before is not None and after is not None and after >= before:
            counts[key("minutes", index, bucket_of(after - before))] += 1


def _count_checks(visit: Visit, counts: Counter[str]) -> None:
    checks = sorted(visit.checks, key=lambda check: check.at)
    for check in checks:
        counts[f"check_{check.verdict}"] += 1
        counts[key("cause", check.verdict, check.cause)] += 1
        counts[key("model", check.verdict, check.model)] += 1
        if check.latency_ms is not None:
            counts[key("latency", bucket_of(check.latency_ms))] += 1
    if checks:
        counts["first_checks"] += 1
        if checks[0].verdict is Verdict.PASSED:
            counts["first_passed"] += 1


def _count_help(visit: Visit, counts: Counter[str]) -> None:
    if visit.sought_help or visit.steps or visit.diagnosed or visit.nothing_helped:
        counts["helped"] += 1
    if visit.resolved:
        counts["resolved"] += 1
    for symptom in {*visit.symptoms, *visit.nothing_helped, *(step.symptom for step in visit.steps)}:
        counts[key("symptom", symptom)] += 1
    for symptom in set(visit.nothing_helped) - {
        step.symptom for step in visit.steps if step.outcome is StepOutcome.RESOLVED
    }:
        counts[key("nothing", symptom)] += 1
    for cause in {cause for cause in visit.diagnosed if cause}:
        counts[key("diagnosed", cause)] += 1
    if None in visit.diagnosed:
        counts["unmatched"] += 1
    for step in visit.steps:
        _count_step(step, counts)


def _count_step(step: Step, counts: Counter[str]) -> None:
    counts[key("step", step.symptom, step.step, "shown")] += 1
    if step.outcome in _TRIED:
        counts[key("step", step.symptom, step.step, "tried")] += 1
    if step.outcome is StepOutcome.RESOLVED:
        counts[key("step", step.symptom, step.step, "resolved")] += 1
        if step.at > step.shown_at:  # the first answer on a page is also the first that is known of the page
            counts[key("took", step.symptom, step.step, bucket_of(step.at - step.shown_at))] += 1
