"""Owns the daily sums in the database, on a connection whose transaction the caller owns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.admin.stats.cube import Cube
from portal.admin.stats.dimensions import ALL, TOTAL, Cell, Dimension, grouping_for
from portal.admin.stats.models import StatDay, StatMore, StatState
from portal.admin.stats.visits import COUNTS

Connection = AsyncConnection
"""For those who pass a connection on and speak no SQL themselves."""

_LOCK: Final = 0x706F727374617473
"""The advisory lock of whoever changes sums on PostgreSQL ("porstats" in ASCII)."""

_CELL: Final = [getattr(StatDay, dimension.value) for dimension in Dimension]
_NAMES: Final = [dimension.value for dimension in Dimension]
_COUNTS: Final = [getattr(StatDay, name) for name in COUNTS]
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows are asked for: the set-ups with these values, on days from `first` to `last` (ISO 8601)."""

    values: Mapping[Dimension, str]
    first: str
    last: str


async def one_state(connection: AsyncConnection) -> None:
    """Make every later statement of this transaction see the same state; to be called before any other.

    SQLite's transactions always do.
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


async def take_lock(connection: AsyncConnection) -> bool:
    """Be the only one who changes sums until the transaction ends; False when somebody else is.

    On SQLite the writing transaction itself is that lock.
    """
    if connection.dialect.name == "sqlite":
        return True
    return bool((await connection.execute(select(func.pg_try_advisory_xact_lock(_LOCK)))).scalar_one())


async def state(connection: AsyncConnection) -> dict[str, str]:
    """Where the making stands."""
    rows = await connection.execute(select(StatState.name, StatState.value))
    return {row.name: row.value for row in rows}


async def set_state(connection: AsyncConnection, **values: object) -> None:
    """Keep where the making stands."""
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    for name, value in values.items():
        statement = kind.insert(StatState).values(name=name, value=str(value))
        given = statement.excluded.value
        await connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": given}))


async def replace_day(connection: AsyncConnection, day: str, cube: Cube) -> None:
    """Put the sums of one day in the place of those that were there."""
    for table in (StatDay, StatMore):
        await connection.execute(delete(table).where(table.day == day))
    empty = dict.fromkeys(COUNTS, 0)
    rows: list[dict[str, Any]] = []
    longer: list[dict[str, Any]] = []
    for grouping, sums in cube.groups.items():
        for (cell, _), counts in sums.items():
            place = {"grouping": grouping, "day": day, **dict(zip(_NAMES, cell, strict=True))}
            rows.append({**place, **{name: counts[name] for name in COUNTS}})
            more = {name: count for name, count in sorted(counts.items()) if name not in empty}
            longer.append({**place, "counts": json.dumps(more, separators=(",", ":"))})
    if not cube.groups[TOTAL]:
        rows.append({"grouping": TOTAL, "day": day, **dict.fromkeys(_NAMES, ALL), **empty})
    for kind, made in ((StatDay, rows), (StatMore, longer)):
        for begin in range(0, len(made), _BATCH):
            await connection.execute(insert(kind), made[begin : begin + _BATCH])


async def read_day(connection: AsyncConnection, day: str) -> Cube:
    """The sums of one day, of every grouping."""
    cube = Cube()
    for grouping, *values in await connection.execute(
        select(StatDay.grouping, *_CELL, *_COUNTS).where(StatDay.day == day, StatDay.visits > 0)
    ):
        one, two, three, four, five, six, *counts = values
        cube.groups[grouping][(one, two, three, four, five, six), day] = +Counter(
            dict(zip(COUNTS, counts, strict=True))
        )
    more = [StatMore.grouping, *(getattr(StatMore, name) for name in _NAMES), StatMore.counts]
    for grouping, one, two, three, four, five, six, counts in await connection.execute(
        select(*more).where(StatMore.day == day)
    ):
        cube.groups[grouping][(one, two, three, four, five, six), day].update(json.loads(counts))
    return cube


async def forget_days(connection: AsyncConnection, since: str) -> None:
    """Remove the sums of a day and all later ones."""
    for table in (StatDay, StatMore):
        await connection.execute(delete(table).where(table.day >= since))


async def closed_days(connection: AsyncConnection, since: str) -> set[str]:
    """The days that have sums, from one on."""
    found = select(StatDay.day).where(StatDay.grouping == TOTAL, StatDay.day >= since)
    return set((await connection.execute(found)).scalars())


async def last_closed(connection: AsyncConnection) -> str | None:
    """The latest day that has sums."""
    return (await connection.execute(select(func.max(StatDay.day)).where(StatDay.grouping == TOTAL))).scalar_one()


async def by_day(connection: AsyncConnection, part: Part, *, whole: bool) -> dict[str, Counter[str]]:
    """Day -> its sums; with `whole`, also what has no column."""
    found: dict[str, Counter[str]] = {}
    for day, *values in await connection.execute(
        select(StatDay.day, *_COUNTS).where(_rows(StatDay, part, part.values))
    ):
        found.setdefault(day, Counter()).update(dict(zip(COUNTS, values, strict=True)))
    if whole:
        more = select(StatMore.day, StatMore.counts).where(_rows(StatMore, part, part.values))
        for day, counts in await connection.execute(more):
            found[day].update(json.loads(counts))
    return found


async def by_cell(
    connection: AsyncConnection, part: Part, splits: Collection[tuple[Dimension, ...]]
) -> dict[tuple[Dimension, ...], dict[Cell, Counter[str]]]:
    """For each way to split: cell -> its sums over the days. What has no column is not among them."""
    found: dict[tuple[Dimension, ...], dict[Cell, Counter[str]]] = {}
    for split in splits:
        kept = {*part.values, *split}
        groups = [column if dimension in kept else None for dimension, column in zip(Dimension, _CELL, strict=True)]
        by = [column for column in groups if column is not None]
        statement = select(*by, *map(func.sum, _COUNTS)).where(_rows(StatDay, part, kept)).group_by(*by)
        cells = found[split] = {}
        for row in await connection.execute(statement):
            values = iter(row)
            one, two, three, four, five, six = (ALL if column is None else next(values) for column in groups)
            cells[one, two, three, four, five, six] = Counter(dict(zip(COUNTS, map(int, values), strict=True)))
    return found


async def values_in_use(connection: AsyncConnection, first: str, last: str) -> dict[Dimension, set[str]]:
    """Dimension -> the values that visits had on these days."""
    singles = [grouping_for([dimension]) for dimension in Dimension]
    statement = (
        select(*_CELL).where(StatDay.grouping.in_(singles), StatDay.day >= first, StatDay.day <= last).distinct()
    )
    found: dict[Dimension, set[str]] = {dimension: set() for dimension in Dimension}
    for row in await connection.execute(statement):
        for dimension, value in zip(Dimension, row, strict=True):
            if value != ALL:
                found[dimension].add(value)
    return found


def _rows(table: type[StatDay | StatMore], part: Part, kept: Collection[Dimension]) -> ColumnElement[bool]:
    """The rows of the smallest grouping that splits by `kept`; spelled along the primary key, so that it is used."""
    grouping = grouping_for(kept)
    is_exact = grouping.bit_count() == len(set(kept))
    condition = (table.grouping == grouping) & (table.day >= part.first) & (table.day <= part.last)
    for dimension in Dimension:
        column = getattr(table, dimension.value)
        if dimension in part.values:
            condition &= column == part.values[dimension]
        elif dimension not in kept and is_exact:
            condition &= column == ALL
    return condition
