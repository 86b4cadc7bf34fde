"""Copies of the database and the way back, each made while a real portal serves and visitors record."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import asyncpg
import pytest

from portal.backup import backup, restore
from portal.errors import ConfigurationError
from tests.real_parts.postgresql import PostgreSQL
from tests.support.commands import portal, portal_serving
from tests.support.databases import TEMPLATE, new_database
from tests.support.load import ask, recording

pytestmark = pytest.mark.anyio


def keys_in(file: Path) -> set[str]:
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {key for (key,) in connection.execute("SELECT key FROM journey_event")}


async def test_copy_holds_everything_acknowledged_before_it_began_when_made_under_load(tmp_path: Path) -> None:
    address, copy = f"sqlite:///{tmp_path / 'live.db'}", tmp_path / "copies" / "monday.db"
    copy.parent.mkdir()
    with portal_serving(PORTAL_DATABASE_URL=address) as serving:
        async with recording(serving, visitors=2) as told:
            await told.more(100)
            before = set(told.acknowledged)
            said = await asyncio.to_thread(portal, "backup", str(copy), PORTAL_DATABASE_URL=address)
            await told.more(50)
        everything = keys_in(tmp_path / "live.db")
    copied = keys_in(copy)
    assert before <= copied < everything
    assert told.refused == 0
    assert f"{tmp_path / 'live.secret'}" in said
    assert copy.stat().st_mode & 0o777 == 0o600
    assert os.listdir(copy.parent) == ["monday.db"]  # noqa: PTH208 - names are compared

    elsewhere = f"sqlite:///{tmp_path / 'elsewhere' / 'portal.db'}"
    portal("restore", str(copy), PORTAL_DATABASE_URL=elsewhere)
    with portal_serving(PORTAL_DATABASE_URL=elsewhere) as serving:
        assert (await ask(f"{serving}/readyz")).json()["status"] == "ready"
        async with recording(serving, name="later") as told:
            await told.more(5)
    assert keys_in(tmp_path / "elsewhere" / "portal.db") == copied | set(told.acknowledged)


async def test_running_portal_goes_on_with_the_copy_when_it_is_restored_under_load(tmp_path: Path) -> None:
    file, copy = tmp_path / "live.db", tmp_path / "copy.db"
    address = f"sqlite:///{file}"
    with portal_serving(PORTAL_DATABASE_URL=address) as first, portal_serving(PORTAL_DATABASE_URL=address) as second:
        async with recording(first, name="a", visitors=2) as one, recording(second, name="b", visitors=2) as other:
            await one.more(50)
            await asyncio.to_thread(portal, "backup", str(copy), PORTAL_DATABASE_URL=address)
            await other.more(100)
            lost = set(one.acknowledged) | set(other.acknowledged)
            said = await asyncio.to_thread(portal, "restore", str(copy), PORTAL_DATABASE_URL=address, code=2)
            assert "--overwrite" in said
            await asyncio.to_thread(portal, "restore", str(copy), "--overwrite", PORTAL_DATABASE_URL=address)
            counts = len(one.acknowledged) + 2, len(other.acknowledged) + 2  # those under way when it ended
            await one.more(50)
            await other.more(50)
        for serving in (first, second):
            assert (await ask(f"{serving}/readyz")).json()["status"] == "ready"
    kept, copied = keys_in(file), keys_in(copy)
    assert copied <= kept
    assert {*one.acknowledged[counts[0] :], *other.acknowledged[counts[1] :]} <= kept
    assert lost - copied, "nothing was written after the copy"
    assert not (lost - copied) & kept


def test_older_copy_is_brought_up_to_date_when_restored(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, file = tmp_path / "old.db", tmp_path / "portal.db"
    with sqlite3.connect(old) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{file}")
    restore(old)
    with sqlite3.connect(file) as new, sqlite3.connect(sqlite_template) as expected:
        tables = "SELECT name FROM sqlite_master ORDER BY name"
        assert new.execute(tables).fetchall() == expected.execute(tables).fetchall()


def test_copies_are_refused_with_a_sentence_when_they_would_do_harm(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, there, half, foreign = (tmp_path / f"{name}.db" for name in ("portal", "there", "half", "foreign"))
    shutil.copy(sqlite_template, file)
    there.write_text("mine")
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE something (x)")
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{file}")
    with pytest.raises(ConfigurationError, match="--overwrite"):
        backup(there)
    assert there.read_text() == "mine"
    for wrong in (there, half, foreign):
        with pytest.raises(ConfigurationError, match="is no whole copy"):
            restore(wrong, overwrite=True)
    for command in (backup, restore):
        with pytest.raises(ConfigurationError, match="is the database itself"):
            command(file, overwrite=True)
    with pytest.raises(ConfigurationError, match="cannot be copied"):
        backup(tmp_path / "missing" / "copy.db")
    with pytest.raises(ConfigurationError, match="There is no file"):
        restore(tmp_path / "nothing.db")
    assert keys_in(file) == set()
    backup(there, overwrite=True)
    assert keys_in(there) == set()
    monkeypatch.setenv("PORTAL_DATABASE_URL", "sqlite:////nowhere")
    with pytest.raises(ConfigurationError, match="no database"):
        backup(tmp_path / "new.db")


def test_damaged_database_is_replaced_when_it_was_moved_away_as_the_sentence_says(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "portal.db"
    file.write_bytes(b"no database at all " * 1000)
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{file}")
    with pytest.raises(ConfigurationError, match="move it"):
        restore(sqlite_template, overwrite=True)
    file.rename(tmp_path / "damaged.db")
    restore(sqlite_template)
    assert keys_in(file) == set()


@pytest.mark.real("postgresql")
async def test_dump_holds_everything_acknowledged_before_it_began_when_made_under_load(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    """The commands of docs/operating.md; that they are the same is `tests/contracts/test_operating.py`'s."""
    address, dump = new_database(postgresql, TEMPLATE), tmp_path / "portal.dump"
    with portal_serving(PORTAL_DATABASE_URL=address) as serving:
        async with recording(serving, visitors=2) as told:
            await told.more(100)
            before = set(told.acknowledged)
            await asyncio.to_thread(
                program, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}", address
            )
            await told.more(50)
    assert told.refused == 0
    elsewhere = new_database(postgresql, "template0")
    restoring = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    program("pg_restore", *restoring, f"--dbname={elsewhere}", str(dump))
    copied = await keys_at(elsewhere)
    assert before <= copied < await keys_at(address)
    with portal_serving(PORTAL_DATABASE_URL=elsewhere) as serving:
        assert (await ask(f"{serving}/readyz")).json()["status"] == "ready"
        async with recording(serving, name="later") as told:
            await told.more(5)
            # Again, while it serves: its statements wait for the transaction.
            again = [*restoring, "--clean", "--if-exists", f"--dbname={elsewhere}", str(dump)]
            await asyncio.to_thread(program, "pg_restore", *again)
            ended = len(told.acknowledged) + 2
            await told.more(20)
    assert {*copied, *told.acknowledged[ended:]} <= await keys_at(elsewhere)
    assert "pg_dump" in await asyncio.to_thread(
        portal, "backup", str(tmp_path / "x"), PORTAL_DATABASE_URL=address, code=2
    )


def program(name: str, *arguments: str) -> None:
    answer = subprocess.run([name, *arguments], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


async def keys_at(address: str) -> set[str]:
    connection = await asyncpg.connect(address)
    try:
        return {row["key"] for row in await connection.fetch("SELECT key FROM journey_event")}
    finally:
        await connection.close()
