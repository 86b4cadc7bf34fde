"""Owns what the dashboard is asked: period and filters, as they stand in the address (PURE).

Reading never fails: what is not understood falls back, so that an old link still opens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from portal.admin.stats.dimensions import UNKNOWN, Dimension
from portal.snippets.targets import Install, Platform, Scope, Shell

PERIODS: Final = (7, 30, 90)
"""The periods to choose from, in days with today as the last."""

DEFAULT_DAYS: Final = 30
MAX_DAYS: Final = 731
"""The longest period of one's own: two years and a leap day."""

_WORDS: Final = {
    Dimension.PLATFORM: frozenset(Platform),
    Dimension.SHELL: frozenset(Shell),
    Dimension.SCOPE: frozenset(Scope),
    Dimension.INSTALL: frozenset(Install),
}
_OPEN: Final = {
    Dimension.CLIENT: re.compile(r"[0-9]{1,4}\.[0-9]{1,4}"),
    Dimension.LANGUAGE: re.compile(r"[A-Za-z]{2,3}(?:[_-][A-Za-z0-9]{2,8}){0,2}"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        first: the first day; `last` the last one, both included.
        days: the chosen period in days, or None for one's own.
        compare: whether the period before is shown, too.
        filters: dimension -> value that visits have to have.

    """

    first: date
    last: date
    days: int | None
    compare: bool
    filters: Mapping[Dimension, str]

    @property
    def length(self) -> int:
        """Days in the period."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> tuple[date, date]:
        """First and last day of the period before, which is as long."""
        return self.first - timedelta(days=self.length), self.first - timedelta(days=1)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The question as query parameters, always in the same order; what is the default is left out."""
        period: tuple[tuple[str, str], ...] = ()
        if self.days is None:
            period = (("from", self.first.isoformat()), ("to", self.last.isoformat()))
        elif self.days != DEFAULT_DAYS:
            period = (("days", str(self.days)),)
        chosen = tuple(
            (dimension.value, self.filters[dimension]) for dimension in Dimension if dimension in self.filters
        )
        return period + chosen + ((("compare", "yes"),) if self.compare else ())

    @property
    def query(self) -> str:
        """The question as a query string, without a question mark."""
        return urlencode(self.pairs)

    def with_filters(self, **values: str) -> Question:
        """The same question for fewer visits."""
        more = {Dimension(name): value for name, value in values.items()}
        return replace(self, filters={**self.filters, **more})


def read_question(query: Mapping[str, str], *, today: date) -> Question:
    """Read query parameters; `today` is the operator's. Two days of one's own may come in either order."""
    filters = {
        dimension: query[dimension.value]
        for dimension in Dimension
        if is_value(dimension, query.get(dimension.value, ""))
    }
    compare = query.get("compare") == "yes"
    first, last = _date(query.get("from", "")), _date(query.get("to", ""))
    if first and not query.get("days"):
        first, last = sorted((min(first, today), min(last or today, today)))
        first = max(first, last - timedelta(days=MAX_DAYS - 1))
        return Question(first, last, None, compare, filters)
    asked = query.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else DEFAULT_DAYS
    return Question(today - timedelta(days=days - 1), today, days, compare, filters)


def is_value(dimension: Dimension, value: str) -> bool:
    """Whether a visit can have this value; `UNKNOWN` included."""
    if value == UNKNOWN:
        return True
    if dimension in _WORDS:
        return value in _WORDS[dimension]
    return _OPEN[dimension].fullmatch(value) is not None


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", value) else None
    except ValueError:
        return None
