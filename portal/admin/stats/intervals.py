"""Owns when a number can be trusted (PURE): Wilson's interval, two shares compared, and many comparisons at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, sqrt
from typing import Final

Z95: Final = 1.959963984540054
"""The two-sided 95 % point of the normal distribution."""


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927, without continuity correction); (0, 1) without any try."""
    if not tries:
        return 0.0, 1.0
    share, squared = hits / tries, Z95 * Z95
    middle = share + squared / (2 * tries)
    spread = Z95 * sqrt(share * (1 - share) / tries + squared / (4 * tries * tries))
    scale = 1 + squared / tries
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def difference_p(hits: int, tries: int, other_hits: int, other_tries: int) -> float:
    """The two-sided p-value of two shares being the same (pooled two-proportion z test); 1 when nothing can be said."""
    if not tries or not other_tries:
        return 1.0
    pooled = (hits + other_hits) / (tries + other_tries)
    variance = pooled * (1 - pooled) * (1 / tries + 1 / other_tries)
    if variance <= 0:
        return 1.0
    return erfc(abs(hits / tries - other_hits / other_tries) / sqrt(variance) / sqrt(2))


def which_stand(p_values: Sequence[float], level: float) -> tuple[bool, ...]:
    """Which of many comparisons stand when at most `level` of them all may be wrong to any degree (Holm 1979)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    stand = [False] * len(p_values)
    for rank, index in enumerate(order):
        if p_values[index] > level / (len(p_values) - rank):
            break
        stand[index] = True
    return tuple(stand)
