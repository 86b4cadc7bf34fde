"""Fill an empty database with half a year of visits, as fast as it takes them: without indexes, keys to other tables
and checks, which are made (or are there) again afterwards. Four in a hundred come for help only."""

# ruff: noqa: S608 - statements are made of constants

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Final

import asyncpg

EVENTS_EACH: Final = 5
_TABLES: Final = ("journey", "journey_event", "step_outcome")

_SETUP: Final = """
    CASE WHEN i % 100 < 38 THEN 'macos' WHEN i % 100 < 74 THEN 'windows' WHEN i % 100 < 90 THEN 'linux' ELSE 'wsl' END,
    CASE WHEN i % 100 < 38 THEN CASE i * 7 % 10 WHEN 0 THEN 'fish' WHEN 1 THEN 'bash' ELSE 'zsh' END
         WHEN i % 100 < 74 THEN CASE i * 7 % 10 WHEN 0 THEN 'git-bash' WHEN 1 THEN 'cmd' WHEN 2 THEN 'cmd'
              ELSE 'powershell' END
         ELSE CASE i * 7 % 10 WHEN 0 THEN 'fish' WHEN 1 THEN 'zsh' ELSE 'bash' END END,
    CASE i * 11 % 13 WHEN 0 THEN 'startup' WHEN 1 THEN 'terminal' WHEN 2 THEN 'local' WHEN 3 THEN 'project'
         ELSE 'user' END,
    CASE i * 3 % 7 WHEN 0 THEN 'npm' WHEN 1 THEN 'done' ELSE 'native' END,
    CASE i * 5 % 11 WHEN 0 THEN 'fr' ELSE 'en' END
"""
_STATEMENTS: Final = (
    f"""INSERT INTO journey (id, started_at, last_at, touched_at, context_at, opened_at, chosen_at, taken_at,
        checked_at, passed_at, verified_at, helped_at, platform, shell, scope, install, language,
        client_major, client_minor)
    SELECT {{id}}, {{at}}, {{at}} + 900000, {{at}}, {{at}},
        CASE WHEN i * 13 % 100 < 96 THEN {{at}} END,
        CASE WHEN i * 13 % 100 < 92 THEN {{at}} + 20000 + i * 17 % 90000 END,
        CASE WHEN i * 13 % 100 < 80 THEN {{at}} + 120000 + i * 19 % 300000 END,
        CASE WHEN i * 13 % 100 < 96 THEN {{at}} + 430000 END,
        CASE WHEN i * 13 % 100 < 66 THEN {{at}} + 430000 + i * 23 % 200000 END,
        CASE WHEN i * 13 % 100 < 55 THEN {{at}} + 640000 + i * 29 % 250000 END,
        CASE WHEN i % 9 = 0 OR i * 13 % 100 >= 96 THEN {{at}} + 500000 END, {_SETUP},
        CASE WHEN i % 2 = 0 THEN 2 END, CASE WHEN i % 2 = 0 THEN i * 37 % 4 END
    FROM n""",
    """INSERT INTO journey_event (journey_id, key, kind, at, verdict, cause, model, latency_ms)
    SELECT {id}, k.kind, k.kind, {at} + 430000,
        CASE WHEN k.kind = 'key_check_finished' THEN CASE WHEN i * 13 % 100 < 66 THEN 'passed' ELSE 'failed' END END,
        CASE WHEN k.kind = 'key_check_finished' THEN CASE WHEN i * 13 % 100 < 66 THEN 'accepted'
            WHEN i % 3 = 0 THEN 'rejected' WHEN i % 3 = 1 THEN 'model-unknown' ELSE 'unreachable' END END,
        CASE WHEN k.kind = 'key_check_finished' THEN CASE WHEN i % 5 = 0 THEN 'opus' ELSE 'sonnet' END END,
        CASE WHEN k.kind = 'key_check_finished' THEN 300 + i * 41 % 2500 END
    FROM n CROSS JOIN (SELECT 'opened' AS kind UNION ALL SELECT 'machine_chosen' UNION ALL SELECT 'copied'
        UNION ALL SELECT 'key_check_finished' UNION ALL SELECT 'verified') k WHERE i * 13 % 100 < 96""",
    """INSERT INTO journey_event (journey_id, key, kind, at)
    SELECT {id}, k.key, 'help_opened', {at} + 500000
    FROM n CROSS JOIN (SELECT '1' AS key UNION ALL SELECT '2' UNION ALL SELECT '3' UNION ALL SELECT '4'
        UNION ALL SELECT '5') k WHERE i * 13 % 100 >= 96""",
    """INSERT INTO step_outcome (journey_id, symptom, step, outcome, shown_at, at)
    SELECT {id}, CASE i % 4 WHEN 0 THEN 'rejected' WHEN 1 THEN 'not-found' ELSE 'no-connection' END,
        CASE i % 3 WHEN 0 THEN 'one' WHEN 1 THEN 'two' ELSE 'three' END,
        CASE i % 5 WHEN 0 THEN 'resolved' WHEN 1 THEN 'shown' ELSE 'not_resolved' END, {at} + 500000, {at} + 600000
    FROM n WHERE i % 9 = 0""",
)


def fill_sqlite(file: str, events: int, begin: int, span: int) -> None:
    """Fill a migrated SQLite database with visits that begin evenly over a span of milliseconds."""
    visits = events // EVENTS_EACH
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {visits - 1})"
    marks = ", ".join("?" * len(_TABLES))
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        for pragma in ("synchronous = OFF", "ignore_check_constraints = ON", "cache_size = -500000", "threads = 2"):
            database.execute(f"PRAGMA {pragma}")
        indexes = database.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
            _TABLES,
        ).fetchall()
        database.execute("BEGIN IMMEDIATE")
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        for statement in _STATEMENTS:
            database.execute(_filled(statement, numbers, "printf('b%021d', i)", visits, begin, span))
        for _, definition in indexes:
            database.execute(definition)
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def fill_postgresql(address: str, events: int, begin: int, span: int) -> None:
    """Fill a migrated PostgreSQL database in the same way."""
    visits = events // EVENTS_EACH
    numbers = f"WITH n AS (SELECT CAST(g AS BIGINT) AS i FROM generate_series(0, {visits - 1}) g)"
    connection = await asyncpg.connect(address)
    await connection.execute("SET synchronous_commit = off; SET session_replication_role = replica")  # no foreign keys
    await connection.execute("SET maintenance_work_mem = '512MB'")
    indexes = await connection.fetch(
        "SELECT i.indexname AS name, i.indexdef AS definition FROM pg_indexes i WHERE i.tablename = ANY($1) "
        "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)",
        list(_TABLES),
    )
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    for statement in _STATEMENTS:
        await connection.execute(
            _filled(statement, numbers, "'b' || lpad(CAST(i AS TEXT), 21, '0')", visits, begin, span)
        )
    for index in indexes:
        await connection.execute(index["definition"])
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _filled(statement: str, numbers: str, identity: str, visits: int, begin: int, span: int) -> str:  # noqa: PLR0913, PLR0917 - the holes of a statement
    at = f"(CAST({begin} AS BIGINT) + CAST(i AS BIGINT) * {span} / {visits})"
    filled = statement.format(id=identity, at=at)
    where = filled.index("SELECT")
    return f"{filled[:where]} {numbers} {filled[where:]}"
