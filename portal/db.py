"""Owns the database: its engines, its transactions, and bringing its schema up to date. Nobody else commits.

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
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

import asyncpg
from sqlalchemy import URL, Connection, MetaData, NullPool, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from portal import paths
from portal.database_file import identity_of, prepare_file
from portal.database_pool import PoolState, pool_state
from portal.errors import ConfigurationError, DatabaseAwayError
from portal.observability.traces import SpanName, span

Transaction: TypeAlias = AsyncConnection
"""What stores are handed: a connection within a transaction that this module ends."""

BUSY_SECONDS: Final = 10
"""How long a write waits for another process's write (SQLite), or for a free connection."""

CONNECT_SECONDS: Final = 5
STATEMENT_SECONDS: Final = 10
READERS: Final = 4
SERVER_CONNECTIONS: Final = 8
"""Connections that one process keeps to PostgreSQL."""

_MIGRATION_LOCK: Final = 0x706F7274616C
"""The advisory lock that migrating processes take on PostgreSQL ("portal" in ASCII)."""

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


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
    AWAY = "away"


class Database:
    """One database for one application. Making it connects to nothing; `close` ends all connections."""

    def __init__(self, address: str) -> None:
        """Take the database at `address`, an SQLAlchemy URL with or without its driver.

        Raises:
            ConfigurationError: the address is none of SQLite or PostgreSQL.
        """
        logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # it logs the values of statements
        self._url: Final = _normalised(address)
        self.is_sqlite: Final = self._url.drivername.startswith("sqlite")
        self._ready = False
        self._opened: tuple[int, int] | None = None
        self._migrating = asyncio.Lock()
        if self.is_sqlite:
            self._writer = _sqlite_engine(self._url, writes=True)
            self._reader = _sqlite_engine(self._url, writes=False)
        else:
            self._writer = self._reader = create_async_engine(
                self._url,
                pool_size=SERVER_CONNECTIONS,
                max_overflow=0,
                pool_timeout=BUSY_SECONDS,
                pool_pre_ping=True,
                pool_recycle=1800,
                hide_parameters=True,
                connect_args={"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS},
            )

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
            async with self._translated(), self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with, beside the writer.

        Raises:
            DatabaseAwayError: the database does not answer, or is not migrated.
        """
        await self._must_be_ready()
        with span(SpanName.DATABASE_READ):
            async with self._translated(), self._reader.connect() as connection:
                yield connection

    def pools(self) -> dict[str, PoolState]:
        """The pools by what they are for: SQLite has one to read and one to write, PostgreSQL one for both."""
        engines = {"read": self._reader, "write": self._writer} if self.is_sqlite else {"both": self._writer}
        return {name: pool_state(engine.pool) for name, engine in engines.items()}

    async def state(self) -> DatabaseState:
        """Ask the database now."""
        await self._leave_lost_file()
        self._opened = identity_of(self.file)
        if self.file and not self._opened:  # the driver leaves a thread behind when it is made to try
            return DatabaseState.AWAY
        try:
            async with self._translated(), self._reader.connect() as connection:
                current = await connection.run_sync(_is_current)
        except DatabaseAwayError:
            return DatabaseState.AWAY
        self._ready = current
        return DatabaseState.READY if current else DatabaseState.NOT_MIGRATED

    async def migrate(self) -> bool:
        """Bring the schema up to date; True when there was something to do. Safe when several processes start at once.

        Raises:
            DatabaseAwayError: the database does not answer.
        """
        if self.file:
            prepare_file(self.file)
            self._opened = identity_of(self.file)
        engine = _sqlite_engine(self._url, writes=True, migrates=True) if self.is_sqlite else _plain(self._url)
        try:
            async with self._translated(), engine.begin() as connection:
                if not self.is_sqlite:  # SQLite's own lock is taken by BEGIN IMMEDIATE
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
            async with self._migrating:
                await self._make_ready()

    async def _make_ready(self) -> None:
        # Ready: while this request waited for the lock.
        if self._ready or (state := await self.state()) is DatabaseState.READY:
            return
        if not self.is_sqlite:
            missing = "is not migrated (run `portal migrate`)"
            says = missing if state is DatabaseState.NOT_MIGRATED else "does not answer"
            raise DatabaseAwayError(f"The database {says}.")
        await self.migrate()

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


def _normalised(address: str) -> URL:
    url = make_url(address)
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise ConfigurationError("PORTAL_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    url = url.set(drivername=driver)
    if mode := url.query.get("sslmode"):  # libpq's name for it
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return url


def _plain(url: URL) -> AsyncEngine:
    return create_async_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": CONNECT_SECONDS})


def _sqlite_engine(url: URL, *, writes: bool, migrates: bool = False) -> AsyncEngine:
    """One connection to write with, a few to read with: our own queue is fair, SQLite's waiting is not."""
    engine = create_async_engine(
        url,
        pool_size=1 if writes else READERS,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS},
    )

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute(f"PRAGMA foreign_keys = {'OFF' if migrates else 'ON'}")  # a rebuilt table must not cascade
        cursor.execute("PRAGMA synchronous = NORMAL")
        if writes:
            cursor.execute("PRAGMA journal_mode = WAL")
        else:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)
    return engine
