"""PURE: owns the quantiles of the Beta distribution, from its definition; it must not know what they are for.

The regularised incomplete beta function is computed by its continued fraction with the modified Lentz method
(NIST Digital Library of Mathematical Functions, 8.17.22), and inverted by bisection, which cannot run away.
"""

from __future__ import annotations

import math
from typing import Final

_TINY: Final = 1e-300
_CLOSE: Final = 1e-10
_MOST_TERMS: Final = 300
_HALVINGS: Final = 22
"""Enough to place a quantile to within 2.4e-7."""


def beta_quantile(share: float, a: float, b: float) -> float:
    """The x below which a Beta(a, b) distributed number lies with probability `share`.

    Args:
        share: from 0 to 1.
        a: first parameter, greater than 0: pseudo-count of successes.
        b: second parameter, greater than 0: pseudo-count of failures.

    Raises:
        ValueError: a parameter outside its range.

    """
    if not 0 <= share <= 1 or a <= 0 or b <= 0:
        raise ValueError("a share from 0 to 1 and two positive parameters are needed")
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if beta_share(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_share(x: float, a: float, b: float) -> float:
    """The probability that a Beta(a, b) distributed number is at most `x`, which lies from 0 to 1."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_share(1 - x, b, a)  # the fraction converges quickly below the mean only
    front = math.exp(a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b))
    return front * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, _away_from_zero(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, _MOST_TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
