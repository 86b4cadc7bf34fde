"""The schema is what the migrations make, on both databases, in both directions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

import portal.admin.models
import portal.admin.stats.models
import portal.journeys.models  # noqa: F401 - so that the metadata is whole
from portal.db import Base, Database, DatabaseState, migration_config, upgrade
from portal.errors import DatabaseAwayError

pytestmark = pytest.mark.anyio

TABLES = {"journey", "journey_event", "step_outcome", "operator_account", "operator_session", "audit_entry"}
TABLES |= {"stat_day", "stat_more", "stat_state"}


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that can be read back of the schema."""
    found = inspect(connection)
    return {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
            "primary": found.get_pk_constraint(table)["constrained_columns"],
            "foreign": [(k["constrained_columns"], k["options"]) for k in found.get_foreign_keys(table)],
            "indexes": sorted((str(i["name"]), tuple(map(str, i["column_names"]))) for i in found.get_indexes(table)),
            "checks": sorted((str(c["name"]), c["sqltext"]) for c in found.get_check_constraints(table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


async def test_schema_comes_goes_and_comes_back_the_same(empty_address: str) -> None:
    database = Database(empty_address)
    assert await database.migrate()

    def down_and_up(connection: Connection) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        first = shape(connection)
        command.downgrade(migration_config(connection), "base")
        gone = shape(connection)
        upgrade(connection)
        return first, gone, shape(connection)

    async with database.writing() as connection:
        first, gone, again = await connection.run_sync(down_and_up)
    await database.close()
    assert set(first) == TABLES
    assert gone == {}
    assert again == first


async def test_models_are_what_the_migrations_make(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    async with database.writing() as connection:
        assert await connection.run_sync(differences) == []
        await connection.run_sync(lambda sync: command.check(migration_config(sync)))


async def test_checks_are_those_of_the_models(database: Database, empty_address: str) -> None:
    """`alembic check` does not compare CHECK constraints; a database that the models make does."""
    made = Database(empty_address)
    async with made._writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        by_models = await connection.run_sync(shape)
    await made.close()
    async with database.reading() as connection:
        assert await connection.run_sync(shape) == by_models


async def test_schema_is_made_once_when_many_start_at_once(empty_address: str) -> None:
    starting = [Database(empty_address) for _ in range(4)]
    assert sorted(await asyncio.gather(*(one.migrate() for one in starting))) == [False, False, False, True]
    assert {await one.state() for one in starting} == {DatabaseState.READY}
    for one in starting:
        await one.close()


async def test_postgresql_is_not_written_to_before_it_is_migrated(empty_address: str, database_kind: str) -> None:
    database = Database(empty_address)
    if database_kind == "sqlite":  # brings itself up to date instead
        async with database.writing():
            pass
    else:
        assert await database.state() is DatabaseState.NOT_MIGRATED
        with pytest.raises(DatabaseAwayError, match="portal migrate"):
            async with database.writing():
                pass
        await database.migrate()
        async with database.writing():
            pass
    assert await database.state() is DatabaseState.READY
    await database.close()


async def test_newer_schema_is_used_when_another_version_migrated(database: Database) -> None:
    async with database.writing() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '29991231_later'")
    assert await database.state() is DatabaseState.READY
    assert not await database.migrate()
