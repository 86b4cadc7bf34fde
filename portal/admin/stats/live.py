"""Owns the days that are not closed yet: their sums in this process, brought up to date with what was written since.

The first time counts every visit of those days; each later one only those that were written to since. The result is
the same as counting all of them again (a test holds both against each other). Visits are read in slices and summed up
in a thread, so that requests go on meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from portal.admin.stats import raw
from portal.admin.stats.calendar import day_of, start_of
from portal.admin.stats.cube import Cube
from portal.admin.stats.dimensions import Cell
from portal.admin.stats.store import Connection
from portal.admin.stats.visits import Visit, tally

OVERLAP_MS: Final = 15_000
"""How far before the last write seen is looked again; see `closing.OVERLAP_MS`. A transaction lasts ten seconds."""

_END: Final = 2**62
Entry = tuple[str, Cell, Counter[str]]


class LiveDays:
    """The sums of the days from `since` on.

    `turn` is held from before the connection's state of the database is taken until the sums are read: a later look
    must not come in between with a later state, nor an earlier one after it.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.cube = Cube()
        self.turn: Final = asyncio.Lock()
        self._zone: Final = zone
        self._since: date | None = None
        self._seen = 0
        self._kept: dict[str, Entry] = {}

    async def refresh(self, connection: Connection, since: date) -> None:
        """Bring the sums up to date; `since` is the first day that is not closed."""
        seen = await raw.last_touch(connection)
        if self._since is None or since < self._since or not self._seen:
            await self._count_all(connection, since)
        else:
            if since > self._since:
                self._drop_before(since.isoformat())
            async for visits in raw.touched_in_slices(connection, self._seen - OVERLAP_MS):
                for visit in visits:
                    self._take(visit, since)
                await asyncio.sleep(0)
        self._since, self._seen = since, seen

    async def _count_all(self, connection: Connection, since: date) -> None:
        kept: dict[str, Entry] = {}
        async for visits in raw.started_in_slices(connection, start_of(since, self._zone), _END):
            for visit in visits:
                kept[visit.id] = self._entry(visit)
            await asyncio.sleep(0)
        cube = Cube()
        await asyncio.to_thread(cube.add_all, kept.values())
        self.cube, self._kept = cube, kept

    def _entry(self, visit: Visit) -> Entry:
        return day_of(visit.began, self._zone).isoformat(), visit.cell, tally(visit)

    def _take(self, visit: Visit, since: date) -> None:
        new = self._entry(visit) if day_of(visit.began, self._zone) >= since else None
        old = self._kept.get(visit.id)
        if new == old:
            return
        if old:
            self.cube.add(*old, sign=-1)
            del self._kept[visit.id]
        if new:
            self.cube.add(*new)
            self._kept[visit.id] = new

    def _drop_before(self, day: str) -> None:
        self._kept = {identity: kept for identity, kept in self._kept.items() if kept[0] >= day}
        self.cube.forget_before(day)
