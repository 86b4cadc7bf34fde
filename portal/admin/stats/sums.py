"""Owns the sums that answer a question: what is asked for, and adding up closed and open days (PURE)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from portal.admin.stats.cube import Cube
from portal.admin.stats.dimensions import ALL, Cell, Dimension, grouping_for
from portal.admin.stats.visits import COUNTS

_Key = TypeVar("_Key")
Split = tuple[Dimension, ...]
"""A way to split visits into groups: by the values of these dimensions."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which visits are asked for: set-ups with these values, on days from `first` to `last` (ISO 8601)."""

    values: Mapping[Dimension, str]
    first: str
    last: str

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same part."""
        return (self.first, self.last, *sorted(self.values.items()))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page asks for: a part, the same visits of the days before, and the ways to split the part."""

    part: Part
    before: Part
    splits: tuple[Split, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same question."""
        return (self.part.key, self.before.key, self.splits)


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums that answer.

    Attributes:
        total: everything that is counted, over the days.
        days: day -> its sums; of closed days at least what has a name in `COUNTS`.
        before: over the days before; `before` and `cells` have only what has a name in `COUNTS`.
        cells: a way to split -> cell -> its sums over the days.
        in_use: dimension -> the values that visits had on these days, whatever their other values.
        closed: the days from the first one on, or from the first one before, that are closed.

    """

    total: Counter[str] = field(default_factory=Counter)
    days: dict[str, Counter[str]] = field(default_factory=dict)
    before: Counter[str] = field(default_factory=Counter)
    cells: dict[Split, dict[Cell, Counter[str]]] = field(default_factory=dict)
    in_use: dict[Dimension, set[str]] = field(default_factory=lambda: {dimension: set() for dimension in Dimension})
    closed: set[str] = field(default_factory=set)

    def plus(self, other: Sums) -> Sums:
        """Both together; neither of them changes."""
        return Sums(
            total=added(self.total, other.total),
            days=_merged(self.days, other.days),
            before=added(self.before, other.before),
            cells={
                split: _merged(self.cells.get(split, {}), other.cells.get(split, {}))
                for split in {**self.cells, **other.cells}
            },
            in_use={dimension: self.in_use[dimension] | other.in_use[dimension] for dimension in Dimension},
            closed=self.closed | other.closed,
        )


def sums_of(cube: Cube, asked: Asked) -> Sums:
    """The sums that are asked for, of the days in a cube; nothing of the cube is handed out."""
    found = Sums()
    part = asked.part
    for _, day, counts in rows_of(cube, part, frozenset(part.values)):
        add_to(found.total, counts)
        add_to(found.days.setdefault(day, Counter()), counts)
    for _, _, counts in rows_of(cube, asked.before, frozenset(part.values)):
        add_to(found.before, columns_of(counts))
    rows: dict[int, list[tuple[Cell, Counter[str]]]] = {}
    for split in asked.splits:
        kept = frozenset((*part.values, *split))
        grouping = grouping_for(kept)
        if grouping not in rows:
            rows[grouping] = [(cell, columns_of(counts)) for cell, _, counts in rows_of(cube, part, kept)]
        found.cells[split] = narrowed(rows[grouping], kept)
    for index, dimension in enumerate(Dimension):
        for cell, day in cube.groups[grouping_for([dimension])]:
            if part.first <= day <= part.last:
                found.in_use[dimension].add(cell[index])
    return found


def rows_of(cube: Cube, part: Part, kept: frozenset[Dimension]) -> Iterator[tuple[Cell, str, Counter[str]]]:
    """The rows (cell, day, sums) of a part, in the smallest grouping that splits by `kept`."""
    order = list(Dimension)
    values = [(order.index(dimension), value) for dimension, value in part.values.items()]
    for (cell, day), counts in cube.groups[grouping_for(kept)].items():
        if part.first <= day <= part.last and all(cell[index] == value for index, value in values):
            yield cell, day, counts


def narrowed(rows: list[tuple[Cell, Counter[str]]], kept: frozenset[Dimension]) -> dict[Cell, Counter[str]]:
    """Cell -> sums, split by the dimensions in `kept` only."""
    masks = [dimension in kept for dimension in Dimension]
    found: dict[Cell, Counter[str]] = {}
    for cell, counts in rows:
        one, two, three, four, five, six = (value if keeps else ALL for value, keeps in zip(cell, masks, strict=True))
        place = (one, two, three, four, five, six)
        known = found.get(place)
        if known is None:
            found[place] = counts.copy()
        else:
            add_to(known, counts)
    return found


def columns_of(counts: Mapping[str, int]) -> Counter[str]:
    """What has a name in `COUNTS`."""
    return Counter({name: counts[name] for name in COUNTS if name in counts})


def added(one: Counter[str], other: Counter[str]) -> Counter[str]:
    """The sum of two; neither changes. Unlike with `+`, a zero stays."""
    total = one.copy()
    add_to(total, other)
    return total


def add_to(total: Counter[str], counts: Mapping[str, int]) -> None:
    """Add counts to a total."""
    for name, count in counts.items():
        total[name] += count


def _merged(one: Mapping[_Key, Counter[str]], other: Mapping[_Key, Counter[str]]) -> dict[_Key, Counter[str]]:
    found = dict(one)
    for key, counts in other.items():
        found[key] = added(found[key], counts) if key in found else counts
    return found
