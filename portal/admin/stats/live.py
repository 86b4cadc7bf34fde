"""Owns the days that are not closed yet: their sums in this process, brought up to date with what was written since.

The first look counts every visit of those days; each later one only those that were written to since. The result is
the same as counting all of them again (a test holds both against each other).
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

_SLICE: Final = 4000


class LiveDays:
    """The sums of the days from `since` on."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.cube = Cube()
        self._zone: Final = zone
        self._since: date | None = None
        self._seen = 0
        self._kept: dict[str, tuple[str, Cell, Counter[str]]] = {}
        self._busy = asyncio.Lock()

    async def refresh(self, connection: Connection, since: date) -> None:
        """Bring the sums up to date; `since` is the first day that is not closed."""
        async with self._busy:
            if self._since is None or since < self._since:
                self.cube, self._kept, self._seen = Cube(), {}, 0
            elif since > self._since:
                self._drop_before(since.isoformat())
            self._since = since
            seen = await raw.last_touch(connection)
            if not self._seen:
                which = raw.started_between(start_of(since, self._zone), 2**62)
            else:
                which = raw.touched_since(self._seen - OVERLAP_MS)
            visits = await raw.visits(connection, which)
            if self._kept:
                for visit in visits:
                    self._take(visit, since)
            else:
                await self._take_all(visits, since)
            self._seen = seen or 1

    async def _take_all(self, visits: list[Visit], since: date) -> None:
        for visit in visits:
            day = day_of(visit.reached[0], self._zone)
            if day >= since:
                self._kept[visit.id] = (day.isoformat(), visit.cell, tally(visit))
        new = list(self._kept.values())
        for begin in range(0, len(new), _SLICE):
            self.cube.add_all(new[begin : begin + _SLICE])
            await asyncio.sleep(0)  # requests go on meanwhile

    def _take(self, visit: Visit, since: date) -> None:
        day = day_of(visit.reached[0], self._zone)
        new = (day.isoformat(), visit.cell, tally(visit)) if day >= since else None
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
        for identity in [identity for identity, kept in self._kept.items() if kept[0] < day]:
            self.cube.add(*self._kept.pop(identity), sign=-1)
