"""Owns answering a question: closed days from their rows, open ones from this process, as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.admin.stats import store
from portal.admin.stats.calendar import day_of, days_between, start_of
from portal.admin.stats.dimensions import ALL, UNKNOWN, Cell, Dimension, grouping_for
from portal.admin.stats.figures import Answer, cells_by
from portal.admin.stats.findings import SPLITS, WITHIN_PLATFORM, find
from portal.admin.stats.live import LiveDays
from portal.admin.stats.question import Question
from portal.admin.stats.store import Connection, Part
from portal.admin.stats.visits import COUNTS
from portal.db import Database

OPEN_DAYS: Final = 3
"""How many days are counted as they go; earlier ones wait until they are closed, and the page says so."""

_BEGINNING: Final = "0000-00-00"
_END: Final = "9999-99-99"
Splits = dict[tuple[Dimension, ...], dict[Cell, Counter[str]]]


@dataclass(slots=True)
class Statistics:
    """Answers questions from one database, with days cut in one zone."""

    database: Database
    zone: ZoneInfo
    live: LiveDays = field(init=False)

    def __post_init__(self) -> None:
        self.live = LiveDays(self.zone)

    def today(self, now: int) -> date:
        """The day of a moment in milliseconds since 1970, in the operator's zone."""
        return day_of(now, self.zone)

    async def answer(self, question: Question, *, now: int) -> Answer:
        """Everything that the dashboard shows.

        Raises:
            DatabaseAwayError: the database does not answer.
        """
        part = Part(question.filters, question.first.isoformat(), question.last.isoformat())
        earlier = Part(question.filters, *(day.isoformat() for day in question.before))
        splits = [split for split in SPLITS if not set(split) & set(question.filters)]
        if Dimension.PLATFORM in question.filters:
            splits += [(dimension,) for dimension in WITHIN_PLATFORM if dimension not in question.filters]
        async with self.database.reading() as connection:
            await store.one_state(connection)
            since = await self._refresh(connection, now)
            by_day = await store.by_day(connection, part, whole=True)
            before_days = await store.by_day(connection, earlier, whole=False)
            cells = await store.by_cell(connection, part, splits)
            in_use = await store.values_in_use(connection, part.first, part.last)
            closed = await store.closed_days(connection, part.first)
        self._add_live(question, by_day, part)
        self._add_live(question, before_days, earlier)
        for split in splits:
            self._add_live_cells(part, split, cells[split])
        self._add_values(part, in_use)
        total, before = _sum(by_day), _sum(before_days)
        platforms = cells_by(cells.get((Dimension.PLATFORM,), {}), 0)
        return Answer(
            total=total,
            before=before,
            days={day: by_day.get(day.isoformat(), Counter()) for day in days_between(question.first, question.last)},
            platforms=dict(sorted(platforms.items(), key=lambda one: (-one[1]["visits"], one[0]))),
            findings=find(cells, total, before),
            uncounted_days=_uncounted(question, since, closed),
            in_use={dimension: tuple(sorted(values - {UNKNOWN})) for dimension, values in in_use.items()},
        )

    async def totals(self, *, now: int) -> Counter[str]:
        """The sums of all days there are; for counters that only grow."""
        part = Part({}, _BEGINNING, _END)
        async with self.database.reading() as connection:
            await store.one_state(connection)
            await self._refresh(connection, now)
            by_day = await store.by_day(connection, part, whole=True)
        for _, day, counts in self.live.cube.rows(grouping_for(()), lambda _, __: True):
            _add(by_day, day, counts)
        return _sum(by_day)

    async def closed_until(self) -> float | None:
        """The end of the last day that is closed, in seconds since 1970; None when no day is."""
        async with self.database.reading() as connection:
            closed = await store.last_closed(connection)
        return start_of(date.fromisoformat(closed) + timedelta(days=1), self.zone) / 1000 if closed else None

    async def _refresh(self, connection: Connection, now: int) -> date:
        """Bring the open days up to date; returns the first of them."""
        today = self.today(now)
        closed = await store.last_closed(connection)
        earliest = today - timedelta(days=OPEN_DAYS - 1)
        since = max(earliest, date.fromisoformat(closed) + timedelta(days=1)) if closed else earliest
        await self.live.refresh(connection, since)
        return since

    def _add_live(self, question: Question, by_day: dict[str, Counter[str]], part: Part) -> None:
        for _, day, counts in self.live.cube.rows(grouping_for(list(question.filters)), _matcher(part)):
            _add(by_day, day, counts)

    def _add_live_cells(self, part: Part, split: tuple[Dimension, ...], cells: dict[Cell, Counter[str]]) -> None:
        kept = {*part.values, *split}
        for cell, _, counts in self.live.cube.rows(grouping_for(kept), _matcher(part)):
            one, two, three, four, five, six = (
                value if dimension in kept else ALL for dimension, value in zip(Dimension, cell, strict=True)
            )
            place = (one, two, three, four, five, six)
            known = cells.setdefault(place, Counter())
            for name in COUNTS:
                known[name] += counts[name]

    def _add_values(self, part: Part, in_use: dict[Dimension, set[str]]) -> None:
        for index, dimension in enumerate(Dimension):
            for cell, day in self.live.cube.groups[grouping_for([dimension])]:
                if part.first <= day <= part.last:
                    in_use[dimension].add(cell[index])


def _matcher(part: Part) -> Callable[[Cell, str], bool]:
    """Whether a cell and a day belong to a part."""
    order = list(Dimension)
    values = [(order.index(dimension), value) for dimension, value in part.values.items()]

    def matches(cell: Cell, day: str) -> bool:
        return part.first <= day <= part.last and all(cell[index] == value for index, value in values)

    return matches


def _add(by_day: dict[str, Counter[str]], day: str, counts: Counter[str]) -> None:
    known = by_day.setdefault(day, Counter())
    for name, count in counts.items():
        known[name] += count


def _sum(by_day: dict[str, Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counts in by_day.values():
        for name, count in counts.items():
            total[name] += count
    return total


def _uncounted(question: Question, since: date, closed: set[str]) -> int:
    """Days of the period before the first open one that are neither closed nor before everything that is recorded."""
    if not closed:
        return 0
    first = max(question.first, date.fromisoformat(min(closed)))
    return sum(
        day.isoformat() not in closed for day in days_between(first, min(question.last, since - timedelta(days=1)))
    )
