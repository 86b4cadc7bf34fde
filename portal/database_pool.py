"""Owns what is said of a pool of connections. It must not know what the connections lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PoolState:
    """Connections of a pool: how many it keeps at most, how many are in use, how many there are beyond its size."""

    size: int
    checked_out: int
    overflow: int


def pool_state(pool: Any) -> PoolState:
    """The state of one of SQLAlchemy's pools that queue; a pool that is not full calls that a negative overflow."""
    return PoolState(pool.size(), pool.checkedout(), max(0, pool.overflow()))
