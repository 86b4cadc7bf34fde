"""Owns days in the operator's zone (PURE): which day a moment falls on, and when a day begins.

A day may have 23 or 25 hours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_of(milliseconds: int, zone: ZoneInfo) -> date:
    """The day of a moment, in milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, zone).date()


def start_of(day: date, zone: ZoneInfo) -> int:
    """The first moment of a day, in milliseconds since 1970."""
    return int(datetime.combine(day, time(), zone).astimezone(UTC).timestamp() * 1000)


def bounds_of(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """A day's first moment, and that of the next day."""
    return start_of(day, zone), start_of(day + timedelta(days=1), zone)


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
