"""Owns by what statistics can be filtered and compared, and which groupings are kept for each day (PURE).

Six dimensions make thousands of cells. The page must cost the same with ten thousand events as with ten million, so
the sums are kept ready: for all visits, for each dimension, for each pair of dimensions, and for all six at once (which
answers whatever asks for three or more).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from itertools import combinations
from typing import Final

Cell = tuple[str, str, str, str, str, str]
"""A value for each dimension, in the order of `Dimension`."""

ALL: Final = ""
"""The value of a dimension by which a grouping does not split."""

UNKNOWN: Final = "-"
"""The value of a visit whose set-up is not known."""


class Dimension(StrEnum):
    """What a visit's set-up is made of; also the names in the address and of the columns."""

    PLATFORM = "platform"
    SHELL = "shell"
    SCOPE = "scope"
    INSTALL = "install"
    CLIENT = "client"
    LANGUAGE = "language"


_BITS: Final = {dimension: 1 << index for index, dimension in enumerate(Dimension)}
EVERYTHING: Final = (1 << len(Dimension)) - 1
TOTAL: Final = 0

GROUPINGS: Final = tuple(
    sorted(
        {sum(_BITS[dimension] for dimension in chosen) for size in range(3) for chosen in combinations(Dimension, size)}
        | {EVERYTHING}
    )
)
"""The groupings that are kept, as bits of the dimensions that they split by."""


def grouping_for(dimensions: Collection[Dimension]) -> int:
    """The smallest kept grouping that splits by all of these."""
    wanted = sum(_BITS[dimension] for dimension in set(dimensions))
    return wanted if wanted in GROUPINGS else EVERYTHING


def within(cell: Cell, grouping: int) -> Cell:
    """The cell of a grouping that a visit's full cell belongs to."""
    one, two, three, four, five, six = (value if grouping & (1 << index) else ALL for index, value in enumerate(cell))
    return one, two, three, four, five, six


def cell_of(values: Mapping[Dimension, str]) -> Cell:
    """A cell with these values, and `ALL` for the rest."""
    one, two, three, four, five, six = (values.get(dimension, ALL) for dimension in Dimension)
    return one, two, three, four, five, six


def value_in(cell: Cell, dimension: Dimension) -> str:
    """A cell's value for a dimension."""
    return cell[_BITS[dimension].bit_length() - 1]
