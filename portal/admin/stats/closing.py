"""Owns the making of daily sums: closing days that are over, counting late visits again, and removing old visits.

A day closes `GRACE_MS` after its end. Browsers send late (up to a day), so a visit may still change on a closed day:
each run finds what was written since the last one and makes those days again. Making a day again gives the same sums,
in one transaction, so that any number of workers and a kill at any moment do no harm; a lease only keeps workers from
doing the same at once.

Old visits are removed by whole days. The transaction that removes a day's visits has made its sums just before, from
the same state of the database, and seals the day: it is never made anew. A visit that comes for a sealed day all the
same is added to its sums when it is removed. So no visit is removed uncounted.

After a change of zone, sealed days stay as they were cut; the first day that is not sealed has every visit from the
seal on until it ends in the new zone, so it may be hours longer or shorter. So no visit counts twice, or nowhere.

Where it stands (`stat_state`): `zone` (the name of the zone that days are cut in), `watermark` (the last write that was
counted), `sealed` (the visits that began before are removed), `unsealed` (the first day that is not sealed), `lease`
(until when somebody works). Times are in milliseconds since 1970.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from portal.admin.stats import raw, store
from portal.admin.stats.calendar import bounds_of, day_of, days_between, start_of
from portal.admin.stats.cube import Cube
from portal.admin.stats.dimensions import Cell
from portal.admin.stats.store import Connection
from portal.admin.stats.visits import Visit, tally
from portal.db import Database
from portal.errors import DatabaseAwayError
from portal.journeys import store as journeys

GRACE_MS: Final = 10 * 60_000
"""How long after its end a day closes."""

OVERLAP_MS: Final = 5 * 60_000
"""How far before the last counted write is looked again: longer than any transaction, which commits later than it
writes."""

LEASE_MS: Final = 2 * 60_000
"""How long a worker that says nothing more is waited for."""

DAY_MS: Final = 24 * 60 * 60_000
ATTEMPTS: Final = 10


@dataclass(frozen=True, slots=True)
class Purged:
    """What was removed. `somebody_else` when another process is at it."""

    visits: int = 0
    somebody_else: bool = False


@dataclass(frozen=True, slots=True)
class _Seal:
    """Up to which moment visits are removed, and the first day that is not sealed; days as cut in `zone` now."""

    moment: int
    first: date
    zone: ZoneInfo

    def span(self, day: date) -> tuple[int, int]:
        """From when until when visits belong to a day. Late ones of sealed days are those before the seal."""
        begin, end = bounds_of(day, self.zone)
        if day == self.first:
            begin = min(begin, self.moment)
        return (begin, end) if day >= self.first else (begin, min(end, self.moment))

    def day_of(self, start: int) -> date:
        """The day that a visit belongs to."""
        day = day_of(start, self.zone)
        return max(day, self.first) if start >= self.moment else day


class SomebodyElseError(Exception):
    """Another process works on the sums."""


async def close_days(database: Database, zone: ZoneInfo, *, now: int) -> int:
    """Close the days that are over, and make the closed ones again that changed; returns how many were made.

    Does nothing when another process is at it. After a change of zone, every day that is not sealed is made again.

    Raises:
        DatabaseAwayError: the database does not answer; what was made so far stays.
    """
    try:
        async with _lease(database, now):
            return await _close(database, zone, now)
    except SomebodyElseError:
        return 0


async def rebuild(database: Database, zone: ZoneInfo, *, now: int) -> int:
    """Make every day again that is not sealed; returns how many.

    Raises:
        SomebodyElseError: another process works on the sums; try again in some minutes.
        DatabaseAwayError: the database does not answer.
    """
    async with _lease(database, now):
        async with database.writing() as connection:
            await store.one_state(connection)
            await _begin_again(connection, zone)
        return await _close(database, zone, now)


async def purge(database: Database, zone: ZoneInfo, days: int, *, now: int) -> Purged:
    """Remove the visits that began more than so many days ago, by whole days of the zone; their sums stay.

    Raises:
        DatabaseAwayError: the database does not answer; the days removed so far are whole and sealed.
    """
    cutoff = start_of(day_of(now - days * DAY_MS, zone), zone)
    removed = 0
    try:
        async with _lease(database, now):
            await _close(database, zone, now)
            while (day := await _next_day(database, zone, cutoff)) is not None:
                removed += await _seal(database, zone, day)
            async with database.writing() as connection:
                seal = _seal_of(await store.state(connection), zone)
                is_left = await raw.first_start(connection, before=cutoff) is not None
                if cutoff > seal.moment and not is_left:
                    await _keep(connection, _Seal(cutoff, max(seal.first, day_of(cutoff, zone)), zone))
    except SomebodyElseError:
        return Purged(somebody_else=True)
    return Purged(removed)


def cube_of(visits: list[Visit], day: date) -> Cube:
    """The sums of visits that all began on one day."""
    cube = Cube()
    cube.add_all((day.isoformat(), visit.cell, tally(visit)) for visit in visits)
    return cube


@asynccontextmanager
async def _lease(database: Database, now: int) -> AsyncIterator[None]:
    """Be the only process that works on the sums; a dead one is waited for until its lease ends."""
    async with database.writing() as connection:
        if not await store.take_lock(connection):
            raise SomebodyElseError
        if now < int((await store.state(connection)).get("lease", "0")) <= now + LEASE_MS:
            raise SomebodyElseError  # a lease of more was taken by a clock that was wrong
        await store.set_state(connection, lease=now + LEASE_MS)
    try:
        yield
    finally:
        async with database.writing() as connection:
            await store.set_state(connection, lease=0)


async def _close(database: Database, zone: ZoneInfo, now: int) -> int:
    async with database.writing() as connection:
        await store.one_state(connection)
        if (await store.state(connection)).get("zone") != zone.key:
            await _begin_again(connection, zone)
        await _forget_from(connection, zone, day_of(now - GRACE_MS, zone))
        days, watermark = await _days_to_make(connection, zone, now)
    made = 0
    for day in days:
        async with _locked(database) as connection:
            seal = _seal_of(await store.state(connection), zone)
            if day >= seal.first:
                await _make(connection, seal, day)
                made += 1
        await asyncio.sleep(0)
    async with database.writing() as connection:
        await store.set_state(connection, watermark=watermark)
    return made


async def _begin_again(connection: Connection, zone: ZoneInfo) -> None:
    await _keep(connection, _seal_of(await store.state(connection), zone))  # before its zone is forgotten
    await _forget_from(connection, zone, date.min)
    await store.set_state(connection, zone=zone.key, watermark=0)


def _seal_of(known: Mapping[str, str], zone: ZoneInfo) -> _Seal:
    """Where the seal stands."""
    moment = int(known.get("sealed", "0"))
    if "unsealed" in known:
        return _Seal(moment, date.fromisoformat(known["unsealed"]), zone)
    then = ZoneInfo(known.get("zone", zone.key))  # kept by a version that knew the moment only
    return _Seal(moment, day_of(moment, then), zone)


async def _keep(connection: Connection, seal: _Seal) -> None:
    await store.set_state(connection, sealed=seal.moment, unsealed=seal.first.isoformat())


async def _forget_from(connection: Connection, zone: ZoneInfo, first: date) -> None:
    """Remove the sums of a day and all later ones that are not sealed.

    Days that are not over have sums when a clock was wrong, and would hide what is counted as it goes.
    """
    seal = _seal_of(await store.state(connection), zone)
    await store.forget_days(connection, max(first, seal.first).isoformat())


async def _days_to_make(connection: Connection, zone: ZoneInfo, now: int) -> tuple[list[date], int]:
    """The days to make, earliest first, and the last write that is counted then."""
    known = await store.state(connection)
    seal, watermark = _seal_of(known, zone), int(known.get("watermark", "0"))
    last_write = await raw.last_touch(connection)
    first_visit = await raw.first_start(connection)
    known_days = await store.closed_days(connection, "")
    begins = {seal.day_of(first_visit)} if first_visit is not None else set()
    begins |= {date.fromisoformat(min(known_days))} if known_days else set()
    if not begins:
        return [], last_write
    first = max(min(begins), seal.first)
    last = day_of(now - GRACE_MS, zone) - timedelta(days=1)
    if last < first:
        return [], last_write
    settled = known_days - await store.days_to_count_anew(connection)
    wanted = {day for day in days_between(first, last) if day.isoformat() not in settled}
    if watermark:
        for start in await raw.starts(connection, raw.touched_since(watermark - OVERLAP_MS)):
            day = seal.day_of(start)
            wanted |= {day, day + timedelta(days=1)}  # a late first event moves a visit's beginning to the day before
    return sorted(day for day in wanted if first <= day <= last), last_write


async def _make(connection: Connection, seal: _Seal, day: date, before: Cube | None = None) -> None:
    """Put the sums of a day in their place: what is `before`, of visits that are removed, and its visits of now."""
    cube = before or Cube()
    counted: list[tuple[str, Cell, Counter[str]]] = []
    async for visits in raw.started_in_slices(connection, *seal.span(day)):
        counted += [(day.isoformat(), visit.cell, tally(visit)) for visit in visits]
        await asyncio.sleep(0)  # requests go on meanwhile
    await asyncio.to_thread(cube.add_all, counted)
    await store.replace_day(connection, day.isoformat(), cube)


async def _next_day(database: Database, zone: ZoneInfo, cutoff: int) -> date | None:
    """The earliest day with visits to remove, all of which began before the cutoff."""
    async with database.reading() as connection:
        first = await raw.first_start(connection, before=cutoff)
        seal = _seal_of(await store.state(connection), zone)
    if first is None or seal.span(seal.day_of(first))[1] > cutoff:  # at the seam after a change of zone: a day later
        return None
    return seal.day_of(first)


async def _seal(database: Database, zone: ZoneInfo, day: date) -> int:
    """Count a day for the last time and remove its visits, as one; how many."""
    for attempt in count(1):
        try:
            return await _seal_once(database, zone, day)
        except DatabaseAwayError:  # on PostgreSQL also: a visit of that day was written to meanwhile
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(0.1 * attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _seal_once(database: Database, zone: ZoneInfo, day: date) -> int:
    async with _locked(database) as connection:
        seal = _seal_of(await store.state(connection), zone)
        begin, end = seal.span(day)
        is_late = day < seal.first
        await _make(connection, seal, day, await store.read_day(connection, day.isoformat()) if is_late else None)
        removed = await journeys.remove_started(connection, begin, end)
        if not is_late:
            await _keep(connection, _Seal(max(seal.moment, end), day + timedelta(days=1), zone))
    return removed


@asynccontextmanager
async def _locked(database: Database) -> AsyncIterator[Connection]:
    """A transaction with one state of the database for all of it, while nobody else changes sums.

    Who only looks whether it may begin has the lock for a moment: the one that works must not give up for that.
    """
    for attempt in count(1):
        async with database.writing() as connection:
            await store.one_state(connection)
            if await store.take_lock(connection):
                yield connection
                return
        if attempt == ATTEMPTS:
            raise SomebodyElseError
        await asyncio.sleep(0.1 * attempt)
