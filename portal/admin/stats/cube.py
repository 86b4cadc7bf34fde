"""Owns the sums of visits for every kept grouping (PURE). Adding and taking away again are exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from portal.admin.stats.dimensions import EVERYTHING, GROUPINGS, Cell, within

Rows = dict[tuple[Cell, str], Counter[str]]

_BETWEEN: Final = (0b001111, 0b110011, 0b111100)
"""Groupings that are summed on the way only: any two dimensions are in one of them."""


def _parents() -> Mapping[int, int]:
    """Each grouping but the finest -> the coarsest one before it in this order that splits by all that it splits by."""
    parents = dict.fromkeys(_BETWEEN, EVERYTHING)
    for grouping in sorted(set(GROUPINGS) - {EVERYTHING}, key=int.bit_count, reverse=True):
        finer = [one for one in parents if one & grouping == grouping]
        parents[grouping] = min(finer, key=int.bit_count)
    return parents


_PARENTS: Final = _parents()


@dataclass(slots=True)
class Cube:
    """Sums by grouping, cell and day (ISO 8601)."""

    groups: dict[int, Rows] = field(default_factory=lambda: {grouping: {} for grouping in GROUPINGS})

    def add_all(self, visits: Iterable[tuple[str, Cell, Mapping[str, int]]]) -> None:
        """Add (day, cell, counts) of many visits: the same as `add` for each, in a fraction of the time.

        Most visits share their cell with others, so they are summed up there first; and each coarser grouping is
        summed from the next finer one instead of from all cells.
        """
        whole: Rows = {}
        for day, cell, counts in visits:
            _add_to(whole, (cell, day), counts)
        made = {EVERYTHING: whole}
        for grouping, parent in _PARENTS.items():
            sums = made[grouping] = {}
            for (cell, day), counts in made[parent].items():
                _add_to(sums, (within(cell, grouping), day), counts)
        for grouping, known in self.groups.items():
            for place, counts in made[grouping].items():
                _add_to(known, place, counts)

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

    def forget_before(self, day: str) -> None:
        """Drop the days before one."""
        for grouping, sums in self.groups.items():
            self.groups[grouping] = {place: counts for place, counts in sums.items() if place[1] >= day}


def _add_to(sums: Rows, place: tuple[Cell, str], counts: Mapping[str, int]) -> None:
    found = sums.get(place)
    if found is None:
        sums[place] = Counter(counts)
        return
    for name, count in counts.items():
        found[name] = found.get(name, 0) + count
