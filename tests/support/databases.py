"""Fixtures: databases as Alembic builds them, on SQLite and on a real PostgreSQL; none of them anybody's own.

`database_address` gives each test a fresh, migrated database, once on each kind. A copy is made of a template: a file
on SQLite, `CREATE DATABASE … TEMPLATE` on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from portal.db import Database
from tests.real_parts.postgresql import PostgreSQL, running_postgresql

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.real("postgresql"))]
TEMPLATE = "migrated"

_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def state_folder_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the portal keeps its own database while it is tested, also when it is started as a process."""
    folder = tmp_path_factory.mktemp("state")
    before = os.environ.get("STATE_DIRECTORY")
    os.environ["STATE_DIRECTORY"] = str(folder)
    yield folder
    if before is None:
        del os.environ["STATE_DIRECTORY"]
    else:
        os.environ["STATE_DIRECTORY"] = before


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A running server whose database `migrated` is what the migrations make."""
    with running_postgresql() as server:
        in_new_loop(execute(server, f"CREATE DATABASE {TEMPLATE}"))
        migrated(server.address(TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that is what the migrations make."""
    file = tmp_path_factory.mktemp("template") / "migrated.db"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(params=BOTH)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_address(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, migrated database of this kind."""
    if database_kind == "sqlite":
        file = tmp_path / "portal.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    return new_database(request.getfixturevalue("postgresql"), TEMPLATE)


@pytest.fixture
def empty_address(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this kind with nothing in it."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return new_database(request.getfixturevalue("postgresql"), "template1")


@pytest.fixture
async def database(database_address: str) -> AsyncIterator[Database]:
    made = Database(database_address)
    yield made
    await made.close()


def new_database(server: PostgreSQL, template: str) -> str:
    name = f"test_{next(_numbers)}"
    in_new_loop(execute(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    return server.address(name)


def migrated(address: str) -> None:
    async def run() -> None:
        database = Database(address)
        await database.migrate()
        await database.close()

    in_new_loop(run())


async def execute(server: PostgreSQL, statement: str) -> None:
    connection = await asyncpg.connect(server.address())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def in_new_loop(work: Coroutine[object, object, None]) -> None:
    """Run a coroutine beside whatever loop the test may have."""
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            trouble.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if trouble:
        raise trouble[0]
