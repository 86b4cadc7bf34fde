"""Owns SQLite's database as a file: making it, and knowing whether it is still the same one. It speaks no SQL."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final

from portal.errors import DatabaseAwayError
from portal.logs import LOGGER

LOCK_SECONDS: Final = 600.0
"""How long a process waits for another one that migrates the same file."""


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


@asynccontextmanager
async def locked(file: Path | None) -> AsyncIterator[None]:
    """Be the only process on this machine that migrates the file (beside it: `NAME.lock`); nothing to do for None.

    SQLite's own lock is not enough: it waits for some seconds only, and not at all while a new file becomes WAL. The
    lock ends with its process, by whatever signal.

    Raises:
        DatabaseAwayError: another process holds it for too long, or there can be no such file.
    """
    if file is None:
        yield
        return
    try:
        lock = file.with_name(f"{file.name}.lock").open("a")
    except OSError as error:
        raise DatabaseAwayError(f"{file} cannot be locked ({type(error).__name__}).") from error
    with lock:
        deadline = time.monotonic() + LOCK_SECONDS
        while not _try_lock(lock):
            if time.monotonic() > deadline:
                raise DatabaseAwayError(f"{file} is being migrated by another process.")
            await asyncio.sleep(0.02)
        yield


def _try_lock(lock: IO[str]) -> bool:
    if sys.platform == "win32":  # one process for one file there: SQLite's own lock has to do
        return True
    import fcntl  # noqa: PLC0415 - not on every system

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a network share without locks
        LOGGER.warning("the file system cannot lock (%s): let one process at a time migrate", type(error).__name__)
    return True
