"""Limits go by windows of the clock: where one begins in the middle of a test, one more action is let through."""

from __future__ import annotations

import time


def seconds_to_room(needed: float, window: float = 60.0) -> float:
    """How long to wait until so many seconds are left of a window of the clock; 0 when they are now."""
    left = window - time.time() % window
    return 0.0 if left >= needed else left
