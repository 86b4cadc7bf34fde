"""Owns how each kind of database is connected to: drivers, pools, and the longest times that a request may wait.

It must not know what is stored, nor end a transaction: that is `db`'s.

What bounds a request on PostgreSQL when the server hangs or cannot be reached: `ACQUIRE_SECONDS` until it has a
connection that answers, then `STATEMENT_SECONDS` for each statement, the first of which to fail ends it. asyncpg then
waits two seconds more for the cancelled statement before it drops the connection.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from sqlalchemy import URL, Connection, NullPool, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from portal.errors import ConfigurationError

BUSY_SECONDS: Final = 10
"""How long a write waits for another process's write (SQLite), or for a free connection."""

CONNECT_SECONDS: Final = 3
"""How long making a connection to PostgreSQL may take."""

ACQUIRE_SECONDS: Final = 4
"""How long a request waits for a connection to PostgreSQL that answers: a free one, or a new one."""

STATEMENT_SECONDS: Final = 10
READERS: Final = 4
SERVER_CONNECTIONS: Final = 8
"""Connections that one process keeps to PostgreSQL."""

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def normalised(address: str) -> URL:
    """The address with the driver that is used here.

    Raises:
        ConfigurationError: it is none of SQLite or PostgreSQL.
    """
    url = make_url(address)
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise ConfigurationError("PORTAL_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    url = url.set(drivername=driver)
    if mode := url.query.get("sslmode"):  # libpq's name for it
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return url


def server_engine(url: URL) -> AsyncEngine:
    """A few connections to PostgreSQL; one that broke is replaced before it is used."""
    return create_async_engine(
        url,
        pool_size=SERVER_CONNECTIONS,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS},
    )


def plain_engine(url: URL) -> AsyncEngine:
    """One connection to PostgreSQL at a time, whose statements may take as long as a migration does."""
    return create_async_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": CONNECT_SECONDS})


def sqlite_engine(url: URL, factory: type[sqlite3.Connection], *, writes: bool, migrates: bool = False) -> AsyncEngine:
    """One connection to write with, a few to read with: our own queue is fair, SQLite's waiting is not."""
    engine = create_async_engine(
        url,
        pool_size=1 if writes else READERS,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "factory": factory},
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
