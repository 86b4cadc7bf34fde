"""Owns the outcomes that ranking reads, kept for moments: with many outcomes, adding them up costs more than a page.

It must not know who asks: the sums are everybody's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from portal.db import Transaction
from portal.troubleshooting import store
from portal.troubleshooting.ranking import Tally

FRESH_UP_TO: Final = 200
"""Up to so many outcomes of a symptom they are added up for every page: one more may still move the list."""

KEPT_SECONDS: Final = 2.0
"""With more of them, how old the sums of a page may be."""


@dataclass(slots=True)
class _Kept:
    tallies: tuple[Tally, ...]
    read_at: float


@dataclass(slots=True)
class RecentTallies:
    """The sums of each symptom that somebody asked for, in this process; made once by the composition root."""

    _kept: dict[str, _Kept] = field(default_factory=dict)

    async def of(self, connection: Transaction, symptom: str, *, now: int) -> tuple[Tally, ...]:
        """How often each step of a symptom helped and did not; `now` in milliseconds since 1970."""
        kept = self._kept.get(symptom)
        if kept and time.monotonic() - kept.read_at < KEPT_SECONDS:
            return kept.tallies
        if kept:  # whoever asks meanwhile gets the sums as they were, instead of adding up as well
            kept.read_at = time.monotonic()
        tallies = await store.daily_tallies(connection, symptom, now=now)
        if sum(tally.resolved + tally.not_resolved for tally in tallies) > FRESH_UP_TO:
            self._kept[symptom] = _Kept(tallies, time.monotonic())
        else:
            self._kept.pop(symptom, None)
        return tallies
