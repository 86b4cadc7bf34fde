"""Owns what the dashboard shows (PURE): numbers with their names, tables, and the form that asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.admin.stats import sentences, tables
from portal.admin.stats.dimensions import Dimension
from portal.admin.stats.figures import SMALLEST_GROUP, Answer, durations, funnel, gathered, is_small, steps
from portal.admin.stats.findings import LEVEL, MIN_EFFECT, MIN_GROUP, TOP, Finding
from portal.admin.stats.names import Names
from portal.admin.stats.question import PERIODS, Question
from portal.admin.stats.tables import (
    Bar,
    Number,
    Row,
    StepRow,
    bars,
    cause_rows,
    day_rows,
    model_rows,
    platform_table,
    step_rows,
    unresolved_rows,
)
from portal.admin.vocabulary import Operator
from portal.words import Text, _

REFRESH_SECONDS: Final = 30
"""How often an open page asks for the numbers again."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A finding in words, and where its visits are shown (a query)."""

    sentence: Text
    numbers: Text
    query: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A field to filter by; `chosen` is the value that visits have to have, or empty, and `only` says it."""

    name: str
    label: Text
    options: tuple[tuple[str, Text], ...]
    chosen: str
    only: Text


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """The dashboard.

    Attributes:
        query: the question as a query string; the export and the refresh ask the same.
        rules: what a finding has to fulfil, in numbers.
        state: "numbers", "empty" (nothing recorded yet in the period) or "small" (too few to be shown on their own).
        few: whether there are so few visits that nothing of a single one is named.
        elsewhere: visits that are not in the funnel; None when all are.
        simulated: whether the visits are made up (the demo).
        asked_days: the chosen period, or None for one's own.

    """

    operator: Operator
    query: str
    periods: tuple[int, ...]
    asked_days: int | None
    first: str
    last: str
    zone: str
    updated: str
    compare: bool
    compare_query: str
    before_days: tuple[str, str]
    choices: tuple[Choice, ...]
    simulated: bool
    state: str
    few: bool
    uncounted_days: int
    headline: Text
    biggest_drop: Text | None
    findings: tuple[Advice, ...]
    more_findings: tuple[Advice, ...]
    rules: Mapping[str, int]
    funnel: tuple[Bar, ...]
    elsewhere: Number | None
    whole: tuple[Number, ...]
    platforms: tuple[Row, ...]
    platform_names: tuple[Text, ...]
    visits: int
    checks: tuple[Number, ...]
    days: tuple[Row, ...]
    by_week: bool
    causes: tuple[Row, ...]
    models: tuple[Row, ...]
    help_numbers: tuple[Number, ...]
    help_days: tuple[Row, ...]
    symptoms: tuple[Row, ...]
    diagnosed: tuple[Row, ...]
    steps: tuple[StepRow, ...]
    unresolved: tuple[Row, ...]
    refresh_seconds: int = REFRESH_SECONDS


def show_dashboard(  # noqa: PLR0913 - each by its name
    operator: Operator,
    question: Question,
    answer: Answer,
    *,
    called: Names,
    zone: str,
    updated: str,
    simulated: bool,
) -> DashboardPage:
    """The page for a question and its answer; `updated` is the time of day in the operator's zone."""
    stages = funnel(answer.total)
    earlier = answer.before if question.compare and not (question.filters and is_small(answer.before)) else None
    before = funnel(earlier) if earlier is not None else None
    state = "small" if question.filters and is_small(answer.total) else "numbers" if answer.total["visits"] else "empty"
    advice = tuple(_advice(one, question) for one in answer.findings)
    days, by_week = tables.binned(answer.days)
    if question.filters:
        days = gathered(days)
    total = answer.total
    helped_only = total["visits"] - stages[0].reached
    named = Counter[str]() if is_small(total) else total
    platforms = {name: sums for name, sums in answer.platforms.items() if sums["opened"] >= SMALLEST_GROUP}
    first_before, last_before = question.before
    return DashboardPage(
        operator=operator,
        query=question.query,
        periods=PERIODS,
        asked_days=question.days,
        first=question.first.isoformat(),
        last=question.last.isoformat(),
        zone=zone,
        updated=updated,
        compare=question.compare,
        compare_query=_toggled(question),
        before_days=(first_before.isoformat(), last_before.isoformat()),
        choices=_choices(question, answer),
        simulated=simulated,
        state=state,
        few=is_small(total),
        uncounted_days=answer.uncounted_days,
        headline=sentences.headline(stages),
        biggest_drop=sentences.biggest_drop(stages),
        findings=advice[:TOP],
        more_findings=advice[TOP:],
        rules={"group": MIN_GROUP, "points": round(MIN_EFFECT * 100), "wrong": round(LEVEL * 100)},
        funnel=bars(stages, before),
        elsewhere=tables.whole("visits.elsewhere", helped_only, "funnel") if helped_only else None,
        whole=tables.took("funnel.whole", durations(total, "minutes", "4")),
        platforms=platform_table(platforms),
        platform_names=tuple(sentences.name_of(name) for name in platforms),
        visits=total["visits"],
        checks=tables.check_numbers(total, earlier),
        days=day_rows(days),
        by_week=by_week,
        causes=cause_rows(named),
        models=model_rows(named),
        help_numbers=tables.help_numbers(total, earlier),
        help_days=tables.help_rows(days),
        symptoms=tables.counted(named, "symptom", called.symptom),
        diagnosed=tables.counted(named, "diagnosed", called.cause),
        steps=step_rows(steps(named), called),
        unresolved=unresolved_rows(named, called),
    )


def _advice(found: Finding, question: Question) -> Advice:
    narrowed = question.with_filters(**{dimension.value: value for dimension, value in found.group.items()})
    query = narrowed.query if found.group else _toggled(question, on=True)
    return Advice(sentences.finding(found), sentences.finding_numbers(found), query)


def _toggled(question: Question, *, on: bool | None = None) -> str:
    wanted = (not question.compare) if on is None else on
    return Question(question.first, question.last, question.days, wanted, question.filters).query


def _choices(question: Question, answer: Answer) -> tuple[Choice, ...]:
    found = []
    for dimension in Dimension:
        chosen = question.filters.get(dimension, "")
        values = sorted({*answer.in_use.get(dimension, ()), *([chosen] if chosen else [])})
        if values:
            options = (("", _("all")), *((value, sentences.name_of(value)) for value in values))
            found.append(
                Choice(dimension.value, sentences.DIMENSIONS[dimension], options, chosen, sentences.name_of(chosen))
            )
    return tuple(found)
