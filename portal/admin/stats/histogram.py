"""Owns durations that can be added up: buckets, and quantiles from them (PURE).

A bucket is 2^(1/8) times as long as the one before (9 %), from one millisecond to eight days. A quantile is the
harmonic middle of the durations that its bucket holds, whole milliseconds, so it is at most 4.5 % away from the exact
one (0.5 ms for the shortest). Buckets of different days add up, so days, today and a rebuild give the same quantiles
to the last digit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

_STEPS: Final = 8 * 30
BOUNDS: Final = tuple(sorted({round(2 ** (step / 8)) for step in range(_STEPS)}))
"""The buckets' lower bounds in milliseconds; whatever is shorter is in bucket 0."""

_MIDDLES: Final = (
    0.5,
    *(2 * low * (high - 1) / (low + high - 1) for low, high in pairwise(BOUNDS)),
    float(BOUNDS[-1]),
)


def bucket_of(milliseconds: int) -> int:
    """The number of the bucket of a duration; a negative one counts as 0."""
    return bisect_right(BOUNDS, milliseconds)


def quantile(buckets: Mapping[int, int], share: float) -> float | None:
    """The duration in milliseconds that `share` of the durations do not exceed (nearest rank); None without any."""
    total = sum(buckets.values())
    if not total:
        return None
    reached, wanted = 0, share * total
    for bucket in sorted(buckets):
        reached += buckets[bucket]
        if reached >= wanted:
            return _MIDDLES[bucket]
    raise AssertionError("unreachable: the last bucket reaches the total")
