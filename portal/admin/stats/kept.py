"""Owns the answers of closed days that this process keeps, until the sums in the database become other ones.

Closed days change only when they are made again. Whoever does that makes their generation another one in the same
transaction (`store`), and a reader takes the generation from the same state of the database as the sums. So no
process shows old sums, whichever process made them again, and nobody has to tell anybody.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from portal.admin.stats import store
from portal.admin.stats.store import Connection
from portal.admin.stats.sums import Asked, Sums

MOST: Final = 48
"""How many answers are kept: some hundred kilobytes each, for a catalogue of hundreds of steps."""


class KeptSums:
    """Sums of closed days by question; the least recently asked go first."""

    def __init__(self) -> None:
        self._generation = ""
        self._found: OrderedDict[tuple[object, ...], Sums] = OrderedDict()

    async def sums(self, connection: Connection, generation: str, asked: Asked) -> Sums:
        """The sums at this generation, which the connection has to see; not to be changed."""
        key = asked.key
        if generation == self._generation and key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        found = await store.sums(connection, asked)
        if generation != self._generation:
            self._found.clear()
            self._generation = generation
        self._found[key] = found
        if len(self._found) > MOST:
            self._found.popitem(last=False)
        return found
