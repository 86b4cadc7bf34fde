"""Owns the daily sums in the database, on a connection whose transaction the caller owns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, cast, delete, func, insert, select, text, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.admin.stats.cube import Cube
from portal.admin.stats.dimensions import ALL, TOTAL, Cell, Dimension, grouping_for
from portal.admin.stats.models import StatDay, StatMore, StatState
from portal.admin.stats.sums import Asked, Part, Split, Sums, add_to, narrowed
from portal.admin.stats.visits import COUNTS

Connection = AsyncConnection
"""For those who pass a connection on and speak no SQL themselves."""

_LOCK: Final = 0x706F727374617473
"""The advisory lock of whoever changes sums on PostgreSQL ("porstats" in ASCII)."""

_CELL: Final = [getattr(StatDay, dimension.value) for dimension in Dimension]
_NAMES: Final = [dimension.value for dimension in Dimension]
_COUNTS: Final = [
    func.coalesce(StatDay.opened, StatDay.visits) if name == "opened" else getattr(StatDay, name) for name in COUNTS
]
"""As they are read: where nobody counted who opened the guide, every visit did."""

_SUMS: Final = [func.sum(column) for column in _COUNTS]
_BATCH: Final = 500
_GENERATION: Final = "generation"
_END: Final = "9999-99-99"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the sums stand: a word that is another one after every change of them, the first and last closed day."""

    generation: str
    first_closed: str | None
    last_closed: str | None


async def one_state(connection: AsyncConnection) -> None:
    """Make every later statement of this transaction see the same state; to be called before any other.

    SQLite's transactions always do. PostgreSQL is told, too, to plan for the days that are asked for: it would use one
    plan for all periods after some looks, and that one reads many times more
    (https://www.postgresql.org/docs/current/runtime-config-query.html#GUC-PLAN-CACHE-MODE).
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        await connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


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
    await _say_changed(connection)
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
    removed = [await connection.execute(delete(table).where(table.day >= since)) for table in (StatMore, StatDay)]
    if removed[-1].rowcount:
        await _say_changed(connection)


async def closed_days(connection: AsyncConnection, since: str) -> set[str]:
    """The days that have sums, from one on."""
    found = select(StatDay.day).where(StatDay.grouping == TOTAL, StatDay.day >= since)
    return set((await connection.execute(found)).scalars())


async def days_to_count_anew(connection: AsyncConnection) -> set[str]:
    """The days with sums of a version that did not count all that is counted now."""
    found = select(StatDay.day).where(StatDay.grouping == TOTAL, StatDay.opened.is_(None))
    return set((await connection.execute(found)).scalars())


async def standing(connection: AsyncConnection) -> Standing:
    """Where the sums stand, in one statement that reads three rows."""
    generation = select(StatState.value).where(StatState.name == _GENERATION).scalar_subquery()
    ends = [
        select(end(StatDay.day)).where(_rows(StatDay, Part({}, "", _END))).scalar_subquery()
        for end in (func.min, func.max)
    ]
    row = (await connection.execute(select(generation, *ends))).one()
    return Standing(row[0] or "", row[1], row[2])


async def by_day(connection: AsyncConnection, part: Part) -> dict[str, Counter[str]]:
    """Day -> everything that is counted: a row of the table for each cell and day is read."""
    found = await _columns_by_day(connection, part)
    more = select(StatMore.day, StatMore.counts).where(_rows(StatMore, part))
    for day, counts in await connection.execute(more):
        add_to(found[day], json.loads(counts))
    return found


async def sums(connection: AsyncConnection, asked: Asked) -> Sums:
    """What is asked for, of the closed days. The database adds up: it answers a row for each day and cell shown."""
    part = asked.part
    days = await _columns_by_day(connection, part)
    total: Counter[str] = Counter()
    for counts in days.values():
        add_to(total, counts)
    add_to(total, await _more(connection, part))
    return Sums(
        total=total,
        days=days,
        before=await _columns(connection, asked.before),
        cells=await _by_cell(connection, part, asked.splits),
        in_use=await _values_in_use(connection, part.first, part.last),
        closed=await closed_days(connection, min(part.first, asked.before.first)),
    )


async def _columns_by_day(connection: AsyncConnection, part: Part) -> dict[str, Counter[str]]:
    statement = select(StatDay.day, *_SUMS).where(_rows(StatDay, part)).group_by(StatDay.day)
    return {
        day: Counter(dict(zip(COUNTS, map(int, values), strict=True)))
        for day, *values in await connection.execute(statement)
    }


async def _columns(connection: AsyncConnection, part: Part) -> Counter[str]:
    values = (await connection.execute(select(*_SUMS).where(_rows(StatDay, part)))).one()
    return Counter({name: int(value or 0) for name, value in zip(COUNTS, values, strict=True)})


async def _more(connection: AsyncConnection, part: Part) -> dict[str, int]:
    """The sums of what has no column."""
    if connection.dialect.name == "sqlite":
        pairs = func.json_each(StatMore.counts).table_valued("key", "value")
    else:
        pairs = func.json_each_text(cast(StatMore.counts, postgresql.JSON)).table_valued("key", "value")
    value = func.sum(cast(pairs.c.value, Integer))
    statement = select(pairs.c.key, value).select_from(StatMore).join(pairs, true())
    rows = await connection.execute(statement.where(_rows(StatMore, part)).group_by(pairs.c.key))
    return {name: int(count) for name, count in rows}


async def _by_cell(
    connection: AsyncConnection, part: Part, splits: Collection[Split]
) -> dict[Split, dict[Cell, Counter[str]]]:
    """For each way to split: cell -> its sums over the days. One statement for all of them."""
    kept = {split: frozenset((*part.values, *split)) for split in splits}
    groupings = sorted({grouping_for(dimensions) for dimensions in kept.values()})
    condition = StatDay.grouping.in_(groupings) & (StatDay.day >= part.first) & (StatDay.day <= part.last)
    for dimension, wanted in part.values.items():
        condition &= getattr(StatDay, dimension.value) == wanted
    statement = select(StatDay.grouping, *_CELL, *_SUMS).where(condition).group_by(StatDay.grouping, *_CELL)
    rows: dict[int, list[tuple[Cell, Counter[str]]]] = {grouping: [] for grouping in groupings}
    for grouping, one, two, three, four, five, six, *values in await connection.execute(statement):
        counts = Counter(dict(zip(COUNTS, map(int, values), strict=True)))
        rows[grouping].append(((one, two, three, four, five, six), counts))
    return {split: narrowed(rows[grouping_for(dimensions)], dimensions) for split, dimensions in kept.items()}


async def _values_in_use(connection: AsyncConnection, first: str, last: str) -> dict[Dimension, set[str]]:
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


async def _say_changed(connection: AsyncConnection) -> None:
    """Make the generation another one. It is drawn, not counted: a restored copy must not come to the same one."""
    await set_state(connection, **{_GENERATION: token_hex(12)})


def _rows(table: type[StatDay | StatMore], part: Part) -> ColumnElement[bool]:
    """The rows of the smallest grouping that splits by a part's values; spelled along the primary key, to use it."""
    grouping = grouping_for(part.values)
    is_exact = grouping.bit_count() == len(part.values)
    condition = (table.grouping == grouping) & (table.day >= part.first) & (table.day <= part.last)
    for dimension in Dimension:
        column = getattr(table, dimension.value)
        if dimension in part.values:
            condition &= column == part.values[dimension]
        elif is_exact:
            condition &= column == ALL
    return condition
