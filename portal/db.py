"""Owns the database: its transactions, and bringing its schema up to date. Nobody else commits.

SQLite (a file, WAL) or PostgreSQL, by address. It must not know what is stored: tables belong to the features, whose
models share `Base`, and to `migrations/`.

What "recorded" promises: a transaction is committed before the answer goes out, and then survives the end of this
process by any signal. On PostgreSQL it survives a power failure, too (its own default). On SQLite the last moments
before a power failure may be lost, never the file: `synchronous=NORMAL` leaves the sync of each commit to the
operating system (https://sqlite.org/pragma.html#pragma_synchronous), which is many times faster.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

import asyncpg
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import DeclarativeBase

from portal import paths
from portal.database_engines import ACQUIRE_SECONDS, normalised, plain_engine, server_engine, sqlite_engine
from portal.database_file import identity_of, locked, prepare_file
from portal.database_pool import PoolState, pool_state
from portal.errors import DatabaseAwayError
from portal.observability.traces import SpanName, span

Transaction: TypeAlias = AsyncConnection
"""What stores are handed: a connection within a transaction that this module ends."""

REST_SECONDS: Final = 2.0
"""How long PostgreSQL is left alone after it did not answer in time; requests are told at once meanwhile."""

_MIGRATION_LOCK: Final = 0x706F7274616C
"""The advisory lock that migrating processes take on PostgreSQL ("portal" in ASCII)."""


class Base(DeclarativeBase):
    """What every model derives from; its `metadata` is the whole schema once the models are imported."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class DatabaseState(StrEnum):
    """Whether the database can be used."""

    READY = "ready"
    NOT_MIGRATED = "not-migrated"
    READ_ONLY = "read-only"
    """It can be read, and nothing can be recorded: a full disk, a file without permission, a standby server."""
    AWAY = "away"


class _SQLiteConnection(sqlite3.Connection):
    """A connection whose transaction ends when it is closed, whoever still holds a statement of it.

    A cancelled task's connection is closed, not returned, and the task's traceback may hold a cursor for a long time.
    SQLite then puts closing off (https://sqlite.org/c3ref/close.html), and with it the end of the transaction: nobody
    could write meanwhile.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):  # it is closed already, or cannot be asked any more
            self.rollback()
        super().close()


class Database:
    """One database for one application. Making it connects to nothing; `close` ends all connections."""

    def __init__(self, address: str) -> None:
        """Take the database at `address`, an SQLAlchemy URL with or without its driver.

        Raises:
            ConfigurationError: the address is none of SQLite or PostgreSQL.
        """
        logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # it logs the values of statements
        self._url: Final = normalised(address)
        self.is_sqlite: Final = self._url.drivername.startswith("sqlite")
        self._ready = False
        self._opened: tuple[int, int] | None = None
        self._migrating = asyncio.Lock()
        self._rest_until = 0.0
        if self.is_sqlite:
            self._writer = sqlite_engine(self._url, _SQLiteConnection, writes=True)
            self._reader = sqlite_engine(self._url, _SQLiteConnection, writes=False)
        else:
            self._writer = self._reader = server_engine(self._url)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self._url.database) if self.is_sqlite and self._url.database else None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed when the block ends, rolled back when it raises.

        The commit has happened when the block is left, so tell success after it, never inside.

        Raises:
            DatabaseAwayError: nothing was recorded, or it is not known (the connection broke during the commit);
                trying again must therefore be harmless.
        """
        await self._must_be_ready()
        with span(SpanName.DATABASE_WRITE):
            async with self._translated(), self._connected(self._writer) as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with, beside the writer.

        Raises:
            DatabaseAwayError: the database does not answer, or is not migrated.
        """
        await self._must_be_ready()
        with span(SpanName.DATABASE_READ):
            async with self._translated(), self._connected(self._reader) as connection:
                yield connection

    def pools(self) -> dict[str, PoolState]:
        """The pools by what they are for: SQLite has one to read and one to write, PostgreSQL one for both."""
        engines = {"read": self._reader, "write": self._writer} if self.is_sqlite else {"both": self._writer}
        return {name: pool_state(engine.pool) for name, engine in engines.items()}

    async def state(self) -> DatabaseState:
        """Ask the database now; on SQLite a write that changes nothing is part of it."""
        await self._leave_lost_file()
        self._opened = identity_of(self.file)
        if self.file and not self._opened:  # the driver leaves a thread behind when it is made to try
            return DatabaseState.AWAY
        if time.monotonic() < self._rest_until:
            return DatabaseState.AWAY
        try:
            async with self._translated(), self._connected(self._reader) as connection:
                current = await connection.run_sync(_is_current)
        except DatabaseAwayError:
            return DatabaseState.AWAY
        self._ready = current
        if not current:
            return DatabaseState.NOT_MIGRATED
        return DatabaseState.READY if await self._is_writable() else DatabaseState.READ_ONLY

    async def migrate(self) -> bool:
        """Bring the schema up to date; True when there was something to do. Safe when several processes start at once.

        Raises:
            DatabaseAwayError: the database does not answer.
        """
        if self.file:
            prepare_file(self.file)
            self._opened = identity_of(self.file)
        engine = (
            sqlite_engine(self._url, _SQLiteConnection, writes=True, migrates=True)
            if self.is_sqlite
            else plain_engine(self._url)
        )
        try:
            async with locked(self.file), self._translated(), engine.begin() as connection:
                if not self.is_sqlite:
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                changed = not await connection.run_sync(_is_current)
                if changed:
                    await connection.run_sync(upgrade)
        finally:
            await engine.dispose()
        self._ready = True
        return changed

    async def close(self) -> None:
        """End every connection; the next use would open new ones."""
        await self._writer.dispose()
        await self._reader.dispose()
        self._ready = False
        self._opened = None

    async def _leave_lost_file(self) -> None:
        """Connections to a file that was removed or replaced would go on writing to where nobody finds it."""
        if self._opened and self._opened != identity_of(self.file):
            await self.close()

    async def _must_be_ready(self) -> None:
        await self._leave_lost_file()
        if not self._ready:
            self._must_not_rest()
            async with self._migrating:
                self._must_not_rest()  # it was found to be away while this request waited for the lock
                await self._make_ready()

    def _must_not_rest(self) -> None:
        if time.monotonic() < self._rest_until:
            raise DatabaseAwayError("The database did not answer a moment ago.")

    async def _make_ready(self) -> None:
        # Ready: while this request waited for the lock.
        if self._ready or (state := await self.state()) in {DatabaseState.READY, DatabaseState.READ_ONLY}:
            return
        if not self.is_sqlite:
            missing = "is not migrated (run `portal migrate`)"
            says = missing if state is DatabaseState.NOT_MIGRATED else "does not answer"
            raise DatabaseAwayError(f"The database {says}.")
        await self.migrate()

    async def _is_writable(self) -> bool:
        try:
            async with self._translated(), self._connected(self._writer) as connection, connection.begin():
                if self.is_sqlite:
                    await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
                else:  # a row would be locked by a migration that runs
                    return str(await connection.scalar(text("SHOW transaction_read_only"))) == "off"
        except DatabaseAwayError:
            self._ready = True  # to be read
            return False
        return True

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """A connection that answers. When there is none in time, the database is left alone for a moment."""
        try:
            async with asyncio.timeout(None if self.is_sqlite else ACQUIRE_SECONDS):
                connection = await engine.connect()
        except TimeoutError:
            self._rest_until = time.monotonic() + REST_SECONDS
            raise
        try:
            yield connection
        finally:
            await asyncio.shield(asyncio.create_task(connection.close()))  # also when this request is cancelled

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        """Turn "cannot serve" of drivers and pool into `DatabaseAwayError`; a mistake of ours stays what it is."""
        try:
            yield
        except (IntegrityError, ProgrammingError, DataError):
            raise
        except (DBAPIError, PoolTimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            self._ready = False
            raise DatabaseAwayError(f"The database does not answer ({type(error).__name__}).") from error


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision` on a connection whose transaction the caller owns."""
    from alembic import command  # noqa: PLC0415 - alembic takes longer to import than a current schema to check

    command.upgrade(migration_config(connection), revision)


def migration_config(connection: Connection) -> Any:
    """Alembic's configuration for the portal's migrations on `connection`; `Base.metadata` is what they lead to."""
    from alembic.config import Config  # noqa: PLC0415 - see `upgrade`

    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes |= {"connection": connection, "metadata": Base.metadata}
    return config


def _is_current(connection: Connection) -> bool:
    """Whether the schema is the one of this version, or of a newer one (its migrations keep what is used here)."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 - see `upgrade`
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    found = set(MigrationContext.configure(connection).get_current_heads())
    script = ScriptDirectory(str(paths.MIGRATIONS))
    known = {revision.revision for revision in script.walk_revisions()}
    return bool(found) and (found == set(script.get_heads()) or not found <= known)
