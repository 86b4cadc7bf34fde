"""Releases that follow each other on one database: what the rule "migrations only add" promises, with a real old one.

The previous release is the commit before the newest migration came, taken from the history; a clone without it skips.
"""

from __future__ import annotations

import ast
import asyncio
import io
import re
import shutil
import sqlite3
import subprocess
import tarfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from portal import paths
from portal.db import Database, DatabaseState, migration_config
from portal.web.readiness import KEPT_SECONDS
from tests.real_parts.parts import ROOT
from tests.real_parts.postgresql import PostgreSQL
from tests.support.commands import portal, portal_serving
from tests.support.databases import new_database
from tests.support.load import ask, recording

pytestmark = pytest.mark.anyio

SCRIPT = ScriptDirectory(str(paths.MIGRATIONS))


ADDING = {"create_table", "create_index", "add_column", "execute", "f", "create_check_constraint"}
"""What a migration may ask Alembic for. A check that becomes wider is dropped and made again."""
MAKING_AGAIN = {"drop_constraint", "batch_alter_table"}


@pytest.mark.parametrize(
    "migration", sorted(Path(paths.MIGRATIONS, "versions").glob("*.py")), ids=lambda path: path.stem
)
def test_migration_only_adds(migration: Path) -> None:
    """The previous release runs on the new schema: it must find everything, and need not know what is new."""
    calls = [
        node
        for top in ast.parse(migration.read_text(encoding="utf-8")).body
        if not (isinstance(top, ast.FunctionDef) and top.name == "downgrade")
        for node in ast.walk(top)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    asked = {call.func.attr for call in calls if ast.unparse(call.func).startswith("op.")}  # type: ignore[attr-defined]
    assert asked
    assert asked <= ADDING | MAKING_AGAIN
    for call in calls:
        if ast.unparse(call.func) == "op.add_column":
            column = ast.unparse(call.args[1])
            assert "nullable=False" not in column or "server_default=" in column, column
        elif ast.unparse(call.func) == "op.execute":
            assert not re.search(r"(?i)\b(drop|delete|truncate|rename)\b", ast.unparse(call)), ast.unparse(call)


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def previous_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as it was before the newest migration."""
    head = SCRIPT.get_current_head()
    assert head
    newest = Path(SCRIPT.get_revision(head).path).relative_to(ROOT)
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("the previous release is in git's history, and this tree is no clone")
    try:
        added = git("log", "--format=%H", "--diff-filter=A", "--", str(newest)).split()
        archive = git("archive", f"{added[-1].decode()}^", "portal", "templates", "static", "migrations")
    except (subprocess.CalledProcessError, IndexError):
        pytest.skip("the previous release is in git's history, and this clone does not reach that far")
    folder = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        tree.extractall(folder, filter="data")
    assert not (folder / newest).exists()
    return folder


@pytest.mark.real("postgresql")
async def test_both_releases_record_when_the_new_one_migrates_under_the_old_one(
    postgresql: PostgreSQL, previous_release: Path
) -> None:
    """A rolling upgrade: the old release serves and records before, during and after the migration of the new one."""
    address = new_database(postgresql, "template1")
    portal("migrate", folder=previous_release, PORTAL_DATABASE_URL=address)
    with (
        portal_serving(folder=previous_release, PORTAL_DATABASE_URL=address) as old,
        portal_serving(PORTAL_DATABASE_URL=address) as new,
    ):
        async with recording(old, visitors=2) as told:
            await told.more(20)
            waiting = await ask(f"{new}/readyz")
            assert (waiting.status_code, "run `portal migrate`" in waiting.text) == (503, True)
            assert (await ask(new)).status_code == 200
            refused = await ask(f"{new}/journey", "POST", {"events": [{"id": "x", "kind": "verified"}]})
            assert (refused.status_code, refused.json()["problem"]) == (503, "database-away")
            await asyncio.to_thread(partial(portal, "migrate", PORTAL_DATABASE_URL=address))
            await told.more(20)
            await asyncio.sleep(KEPT_SECONDS)
            assert (await ask(f"{new}/readyz")).json()["status"] == "ready"  # without a restart
            assert (await ask(f"{old}/readyz")).json()["status"] == "ready"
            async with recording(new, visitors=2, name="new") as told_by_new:
                await told_by_new.more(20)
                await told.more(20)
        assert told.refused == 0
        with portal_serving(folder=previous_release, PORTAL_DATABASE_URL=address) as again:  # taken back
            assert (await ask(f"{again}/readyz")).json()["status"] == "ready"
    connection = await asyncpg.connect(address)
    kept = {row["key"] for row in await connection.fetch("SELECT key FROM journey_event")}
    await connection.close()
    assert {*told.acknowledged, *told_by_new.acknowledged} == kept


async def test_new_release_keeps_what_the_old_one_recorded_when_it_starts_on_its_file(
    previous_release: Path, tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path / 'portal.db'}"
    with portal_serving(folder=previous_release, PORTAL_DATABASE_URL=address) as old:
        async with recording(old, visitors=2) as told:
            await told.more(20)
            with portal_serving(PORTAL_DATABASE_URL=address) as new:  # brings the file up to date, under load
                assert (await ask(f"{new}/readyz")).json()["status"] == "ready"
                async with recording(new, visitors=2, name="new") as told_by_new:
                    await told_by_new.more(20)
                await told.more(20)
        assert (await ask(f"{old}/readyz")).json()["status"] == "ready"
    assert (
        portal("migrate", folder=previous_release, PORTAL_DATABASE_URL=address).strip()
        == "The database was up to date already."
    )
    copy = tmp_path / "copy.db"
    portal("backup", str(copy), PORTAL_DATABASE_URL=address)
    database = Database(f"sqlite:///{copy}")
    async with database.reading() as connection:
        kept = {key for (key,) in await connection.exec_driver_sql("SELECT key FROM journey_event")}
    await database.close()
    assert {*told.acknowledged, *told_by_new.acknowledged} == kept


def test_new_release_counts_again_what_the_old_one_closed_on_its_database(
    previous_release: Path, tmp_path: Path
) -> None:
    file = tmp_path / "portal.db"
    address = f"sqlite:///{file}"
    portal("migrate", PORTAL_DATABASE_URL=address)
    then = int(time.time() * 1000) - 3 * 24 * 60 * 60_000
    visits = [("a" * 22, then, then, then, then, None), ("b" * 22, then, then, then, None, then)]
    with closing(sqlite3.connect(file)) as connection:
        connection.executemany(
            "INSERT INTO journey (id, started_at, last_at, touched_at, opened_at, helped_at) VALUES (?, ?, ?, ?, ?, ?)",
            visits,
        )
        connection.commit()
    for folder, opened in ((previous_release, None), (ROOT, 1)):
        portal("purge", "--days", "30", folder=folder, PORTAL_DATABASE_URL=address, PORTAL_TIME_ZONE="UTC")
        with closing(sqlite3.connect(file)) as connection:
            found = connection.execute("SELECT visits, opened FROM stat_day WHERE grouping = 0 AND visits > 0")
            assert found.fetchall() == [(2, opened)]


@pytest.mark.parametrize("revision", [one.revision for one in SCRIPT.walk_revisions() if not one.is_head])
async def test_rows_stay_when_a_database_of_an_older_release_is_brought_up_to_date(
    database: Database, revision: str
) -> None:
    """From every revision there ever was to the newest, with a visit in it."""

    def go_back(connection: Connection) -> None:
        command.downgrade(migration_config(connection), revision)

    async with database.writing() as connection:
        await connection.run_sync(go_back)
        await connection.exec_driver_sql(
            "INSERT INTO journey (id, started_at, last_at) VALUES ('abcdefghijklmnopqrstuv', 1, 2)"
        )
        await connection.exec_driver_sql(
            "INSERT INTO journey_event (journey_id, key, kind, at) "
            "VALUES ('abcdefghijklmnopqrstuv', 'k', 'verified', 2)"
        )
    assert await database.state() is DatabaseState.NOT_MIGRATED
    assert await database.migrate()
    assert await database.state() is DatabaseState.READY
    async with database.reading() as connection:
        rows = await connection.exec_driver_sql(
            "SELECT key, started_at FROM journey JOIN journey_event ON journey_id = id"
        )
        assert [tuple(row) for row in rows] == [("k", 1)]
