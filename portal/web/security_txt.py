"""Owns `/.well-known/security.txt` (RFC 9116): whom to tell about a weakness. Reads the day that it is given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

PATH: Final = "/.well-known/security.txt"
VALID: Final = timedelta(days=180)
"""For how long readers may believe it; the RFC asks for less than a year."""


def security_txt(contacts: Iterable[str], *, now: datetime, public_url: str, languages: Iterable[str]) -> str:
    """The file. `Expires` is counted from the beginning of the day (UTC), so that the text changes once a day."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        *(f"Contact: {contact}" for contact in contacts),
        f"Expires: {day + VALID:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(languages)}",
    ]
    if public_url:
        lines.append(f"Canonical: {public_url}{PATH}")
    return "\n".join(lines) + "\n"
