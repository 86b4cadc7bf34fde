"""Owns the sums of visits for every kept grouping (PURE). Adding and taking away again are exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from portal.admin.stats.dimensions import GROUPINGS, Cell, within

Sums = dict[tuple[Cell, str], Counter[str]]


@dataclass(slots=True)
class Cube:
    """Sums by grouping, cell and day (ISO 8601)."""

    groups: dict[int, Sums] = field(default_factory=lambda: {grouping: {} for grouping in GROUPINGS})

    def add_all(self, visits: Iterable[tuple[str, Cell, Mapping[str, int]]]) -> None:
        """Add (day, cell, counts) of many visits: the same as `add` for each, in a fraction of the time.

        Most visits share their cell with others, so they are summed up there first.
        """
        whole: Sums = {}
        for day, cell, counts in visits:
            _add_to(whole, (cell, day), counts)
        for grouping, sums in self.groups.items():
            for (cell, day), counts in whole.items():
                _add_to(sums, (within(cell, grouping), day), counts)

    def add(self, day: str, cell: Cell, counts: Mapping[str, int], sign: int = 1) -> None:
        """Add what a visit counts for, in every grouping; with `sign` -1 take it away again."""
        for grouping, sums in self.groups.items():
            place = (within(cell, grouping), day)
            found = sums.get(place)
            if found is None:
                found = sums[place] = Counter()
            for name, count in counts.items():
                left = found[name] + sign * count
                if left:
                    found[name] = left
                else:
                    del found[name]
            if not found:
                del sums[place]

    def rows(self, grouping: int, matches: Callable[[Cell, str], bool]) -> Iterator[tuple[Cell, str, Counter[str]]]:
        """The sums of a grouping that match."""
        for (cell, day), counts in self.groups[grouping].items():
            if matches(cell, day):
                yield cell, day, counts


def _add_to(sums: Sums, place: tuple[Cell, str], counts: Mapping[str, int]) -> None:
    found = sums.get(place)
    if found is None:
        sums[place] = Counter(counts)
        return
    for name, count in counts.items():
        found[name] = found.get(name, 0) + count
