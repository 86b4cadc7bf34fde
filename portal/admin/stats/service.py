"""Owns answering a question: closed days from their rows, open ones from this process, as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.admin.stats import raw, store
from portal.admin.stats.calendar import day_of, days_between, start_of
from portal.admin.stats.dimensions import UNKNOWN, Dimension
from portal.admin.stats.figures import Answer, cells_by
from portal.admin.stats.findings import SPLITS, WITHIN_PLATFORM, find
from portal.admin.stats.kept import KeptSums
from portal.admin.stats.live import LiveDays
from portal.admin.stats.question import PERIODS, Question, read_question
from portal.admin.stats.store import Connection
from portal.admin.stats.sums import Asked, Part, Sums, columns_of, sums_of
from portal.db import Database

OPEN_DAYS: Final = 3
"""How many days are counted as they go; earlier ones wait until they are closed, and the page says so."""

_ALWAYS: Final = Part({}, "0000-00-00", "9999-99-99")
_NEVER: Final = Part({}, "9999-99-99", "0000-00-00")


@dataclass(frozen=True, slots=True)
class _Look:
    """One state of the database: the first day with a visit, the first open day and their part, and the generation."""

    connection: Connection
    begins: date | None
    since: date
    generation: str
    open_days: Sums


@dataclass(slots=True)
class Statistics:
    """Answers questions from one database, with days cut in one zone."""

    database: Database
    zone: ZoneInfo
    live: LiveDays = field(init=False)
    kept: KeptSums = field(init=False)

    def __post_init__(self) -> None:
        self.live = LiveDays(self.zone)
        self.kept = KeptSums()

    def today(self, now: int) -> date:
        """The day of a moment in milliseconds since 1970, in the operator's zone."""
        return day_of(now, self.zone)

    async def overview(self, question: Question, *, now: int) -> Answer:
        """Everything that the dashboard shows; of single days that are closed, what has a name in `COUNTS`.

        Raises:
            DatabaseAwayError: the database does not answer.
        """
        asked = _asked(question)
        async with self._look(asked, now) as look:
            closed = await self.kept.sums(look.connection, look.generation, asked)
        return _answer(question, closed.plus(look.open_days), look, self.today(now))

    async def answer(self, question: Question, *, now: int) -> Answer:
        """The same with everything that is counted of single days, for the files.

        Raises:
            DatabaseAwayError: the database does not answer.
        """
        asked = _asked(question)
        async with self._look(asked, now) as look:
            closed = await self.kept.sums(look.connection, look.generation, asked)
            closed = replace(closed, days=await store.by_day(look.connection, asked.part))
        return _answer(question, closed.plus(look.open_days), look, self.today(now))

    async def totals(self, *, now: int) -> Counter[str]:
        """The sums of all days there are; for counters that only grow."""
        asked = Asked(_ALWAYS, _NEVER)
        async with self._look(asked, now) as look:
            closed = await self.kept.sums(look.connection, look.generation, asked)
        return closed.plus(look.open_days).total

    async def closed_until(self) -> float | None:
        """The end of the last day that is closed, in seconds since 1970; None when no day is."""
        async with self.database.reading() as connection:
            closed = (await store.standing(connection)).last_closed
        return start_of(date.fromisoformat(closed) + timedelta(days=1), self.zone) / 1000 if closed else None

    async def keep_up(self, *, now: int) -> None:
        """Count what was written since the last look, and have the sums at hand that the next looks begin with.

        Those of all visits, for each of the periods to choose from: what is asked for on most days.

        Raises:
            DatabaseAwayError: the database does not answer.
        """
        usual = [_asked(read_question({"days": str(days)}, today=self.today(now))) for days in PERIODS]
        async with self._look(usual[0], now) as look:
            for asked in usual:
                await self.kept.sums(look.connection, look.generation, asked)

    @asynccontextmanager
    async def _look(self, asked: Asked, now: int) -> AsyncIterator[_Look]:
        async with AsyncExitStack() as turn:
            await turn.enter_async_context(self.live.turn)
            async with self.database.reading() as connection:
                await store.one_state(connection)
                standing = await store.standing(connection)
                begins = await self._begins(look_at=connection, closed=standing.first_closed)
                since = self.today(now) - timedelta(days=OPEN_DAYS - 1)
                if standing.last_closed:
                    since = max(since, date.fromisoformat(standing.last_closed) + timedelta(days=1))
                await self.live.refresh(connection, since)
                look = _Look(connection, begins, since, standing.generation, sums_of(self.live.cube, asked))
                await turn.aclose()
                yield look

    async def _begins(self, *, look_at: Connection, closed: str | None) -> date | None:
        """The first day of all that is recorded: of the first visit that is still there, or the first closed day."""
        visit = await raw.first_start(look_at)
        days = [day_of(visit, self.zone)] if visit is not None else []
        days += [date.fromisoformat(closed)] if closed else []
        return min(days, default=None)


def _asked(question: Question) -> Asked:
    part = Part(question.filters, question.first.isoformat(), question.last.isoformat())
    earlier = Part(question.filters, *(day.isoformat() for day in question.before))
    splits = [split for split in SPLITS if not set(split) & set(question.filters)]
    if Dimension.PLATFORM in question.filters:
        splits += [(dimension,) for dimension in WITHIN_PLATFORM if dimension not in question.filters]
    return Asked(part, earlier, tuple(splits))


def _answer(question: Question, sums: Sums, look: _Look, today: date) -> Answer:
    finished = sums.total.copy()
    finished.subtract(columns_of(sums.days.get(today.isoformat(), Counter())))
    platforms = cells_by(sums.cells.get((Dimension.PLATFORM,), {}), 0)
    return Answer(
        total=sums.total,
        before=sums.before,
        days={day: sums.days.get(day.isoformat(), Counter()) for day in days_between(question.first, question.last)},
        platforms=dict(sorted(platforms.items(), key=lambda one: (-one[1]["visits"], one[0]))),
        findings=find(sums.cells, finished, sums.before),
        uncounted_days=_uncounted(question, look, sums.closed),
        in_use={dimension: tuple(sorted(values - {UNKNOWN})) for dimension, values in sums.in_use.items()},
    )


def _uncounted(question: Question, look: _Look, closed: set[str]) -> int:
    """Days of the period, and of the one before when compared, that are over, recorded and not closed."""
    if look.begins is None:
        return 0
    first = max(question.before[0] if question.compare else question.first, look.begins)
    last = min(question.last, look.since - timedelta(days=1))
    return sum(day.isoformat() not in closed for day in days_between(first, last))
