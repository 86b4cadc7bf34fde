"""Owns `portal backup` and `portal restore` for SQLite, both safe while portals serve. It must not know what is stored.

SQLite's online backup copies one state of the database, the write-ahead log included, in one reading transaction, and
puts it into a database in one writing transaction (https://sqlite.org/backup.html). So neither file is ever replaced
under a process that has it open, and a portal that serves meanwhile waits at most for the copy. PostgreSQL has its own
programs for this: `docs/operating.md`.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import typer

from portal.database_engines import BUSY_SECONDS
from portal.database_file import prepare_file
from portal.db import Database
from portal.errors import ConfigurationError
from portal.settings import load_settings

_NOT_SQLITE: Final = (
    "This command is for SQLite, and PORTAL_DATABASE_URL names PostgreSQL. Its own programs do this while the portal "
    "serves: pg_dump and pg_restore, with the options that docs/operating.md shows."
)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to make.")],
    *,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Copy the SQLite database into one file, as it is at this moment, while the portal serves."""
    database = _database_file()
    if file.exists() and not overwrite:
        raise ConfigurationError(f"{file} is there already. Choose another name, or replace it with --overwrite.")
    if not database.is_file():
        raise ConfigurationError(f"There is no database at {database}: nothing was copied.")
    if file.exists() and file.samefile(database):
        raise ConfigurationError(f"{file} is the database itself. Choose another name.")
    with _told(f"{database} cannot be copied to {file}"):
        copy_out(database, file)
    typer.echo(f"Copied {database} to {file}: {file.stat().st_size:,} bytes, checked.")
    secret = database.with_suffix(".secret")
    what = f"{secret} (or PORTAL_SECRET_KEY)" if secret.exists() else "PORTAL_SECRET_KEY"
    typer.echo(f"Keep with it: {what} and your profile file. They are not in the copy.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `portal backup` made.")],
    *,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what the database holds now.")] = False,
) -> None:
    """Let the SQLite database hold what a copy holds, also while the portal serves."""
    database = _database_file()
    if not file.is_file():
        raise ConfigurationError(f"There is no file {file}.")
    if database.exists() and file.samefile(database):
        raise ConfigurationError(f"{file} is the database itself: nothing to restore.")
    if database.exists() and database.stat().st_size and not overwrite:
        raise ConfigurationError(f"{database} holds records. Copy it first, then replace them with --overwrite.")
    with _told(f"{file} is no whole copy of the portal's database"):
        _check(file)
    with _told(
        f"{file} cannot be put into {database}. If that file is damaged, stop the portal, move it and the files with "
        "-wal and -shm at the end of its name away, and restore again"
    ):
        copy_in(file, database)
    typer.echo(f"{database} is what {file} holds.")


def copy_out(database: Path, file: Path) -> None:
    """Make `file` (mode 0600) a whole, checked copy of the database; there is no moment at which half of it exists.

    Raises:
        sqlite3.Error, OSError: it cannot be read or written; a file that was there stays as it was.

    """
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".portal-backup-") as folder:  # 0700
        made = Path(folder) / "copy.db"
        made.touch(mode=0o600)
        _copy(database, made)
        with closing(_opened(made)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")  # one file that needs no other beside it
        _check(made)
        with made.open("rb") as written:
            os.fsync(written.fileno())
        made.replace(file)


def copy_in(file: Path, database: Path) -> None:
    """Let the database hold what `file` holds, brought up to date, at one moment for everybody who has it open.

    Raises:
        sqlite3.Error, OSError, DatabaseAwayError: it cannot be read or written; the database stays as it was.

    """
    prepare_file(database)
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".portal-restore-") as folder:
        made = Path(folder) / "copy.db"
        made.touch(mode=0o600)
        _copy(file, made)
        asyncio.run(_migrate(made))  # before anybody sees it
        _copy(made, database)


async def _migrate(file: Path) -> None:
    database = Database(f"sqlite:///{quote(str(file))}")
    try:
        await database.migrate()
    finally:
        await database.close()


def _copy(source: Path, target: Path) -> None:
    with closing(_opened(source)) as here, closing(_opened(target)) as there:
        here.backup(there)  # all pages in one step: in several, a busy portal would make it begin again each time


def _check(file: Path) -> None:
    """Raise when the file is damaged or none of the portal's."""
    with closing(_opened(file)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        connection.execute("SELECT version_num FROM alembic_version").fetchone()


def _opened(file: Path) -> sqlite3.Connection:
    """Never makes a file."""
    mode = "rw" if os.access(file, os.W_OK) else "ro"
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS)


def _database_file() -> Path:
    file = Database(load_settings().database_address).file
    if file is None:
        raise ConfigurationError(_NOT_SQLITE)
    return file


@contextmanager
def _told(sentence: str) -> Iterator[None]:
    """Turn what SQLite and the disk say into one sentence for the operator."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise ConfigurationError(f"{sentence} ({type(error).__name__}: {error}).") from None
