"""PURE: owns how a length of time is said to a person who waits."""

from __future__ import annotations

from portal.words import Text, ngettext


def duration_in_words(seconds: int) -> Text:
    """Seconds up to a minute and a half, then minutes, then hours, rounded up."""
    if seconds <= 90 and seconds != 60:
        return ngettext("{count} second", "{count} seconds", max(seconds, 1))
    if seconds <= 90 * 60:
        return ngettext("{count} minute", "{count} minutes", -(-seconds // 60))
    return ngettext("{count} hour", "{count} hours", -(-seconds // 3600))
