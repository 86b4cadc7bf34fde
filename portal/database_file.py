"""Owns SQLite's database as a file: making it, and knowing whether it is still the same one. It speaks no SQL."""

from __future__ import annotations

from pathlib import Path

from portal.errors import DatabaseAwayError


def prepare_file(file: Path) -> None:
    """Make the folder and an empty file that only this user can read; SQLite gives its side files the same mode.

    Raises:
        DatabaseAwayError: the folder or the file cannot be made.

    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise DatabaseAwayError(f"{file} cannot be written ({type(error).__name__}).") from error


def identity_of(file: Path | None) -> tuple[int, int] | None:
    """Which file a path leads to now; None for none."""
    try:
        found = file and file.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None
