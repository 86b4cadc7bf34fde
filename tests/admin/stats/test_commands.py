"""`portal stats rebuild` and `portal purge` as an operator runs them: what they say, what they do, their exit codes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from portal.admin.services import now_ms
from portal.admin.stats import closing, store
from portal.admin.stats.visits import Visit
from portal.cli import cli
from portal.db import Database
from portal.journeys.models import Journey
from tests.admin.stats.test_days import counted, kept, some_visits
from tests.admin.stats.visiting import DAY, NOON, write

UTC = ZoneInfo("UTC")
Run = Callable[..., Result]


def recent_visits(seed: int, number: int) -> list[Visit]:
    """Visits that began from five days ago until ten days ago."""
    later = (now_ms() // DAY - 5) * DAY + DAY // 2 - NOON
    return [
        replace(
            visit,
            began=visit.began + later,
            reached=tuple(at and at + later for at in visit.reached),  # type: ignore[arg-type]
            checks=tuple(replace(check, at=check.at + later) for check in visit.checks),
        )
        for visit in some_visits(seed, number)
    ]


@pytest.fixture
def run(database_address: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process."""
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_address)
    monkeypatch.setenv("PORTAL_TIME_ZONE", "UTC")
    return lambda *arguments: CliRunner().invoke(cli, arguments)


def process(address: str, *arguments: str) -> subprocess.Popen[str]:
    """Starts a command as a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environment = clean | {"PORTAL_DATABASE_URL": address, "PORTAL_TIME_ZONE": "UTC"}
    return subprocess.Popen(
        [sys.executable, "-m", "portal", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def on(address: str, work: Callable[[Database], object]) -> object:
    """Run a coroutine function on the database."""

    async def ask() -> object:
        database = Database(address)
        try:
            return await work(database)  # type: ignore[misc]
        finally:
            await database.close()

    return asyncio.run(ask())


async def _left(database: Database) -> int:
    async with database.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(Journey))).scalar_one())


async def _spoil(database: Database) -> None:
    """Make the sums of all days wrong, as a bug of an older version might have."""
    async with database.writing() as connection:
        await store.forget_days(connection, "0")


async def _hold(database: Database) -> None:
    """Be somebody else who works on the sums, for a minute from now."""
    async with database.writing() as connection:
        await store.set_state(connection, lease=now_ms() + 60_000)


def test_rebuild_counts_every_day_again(run: Run, database_address: str) -> None:
    visits = recent_visits(40, 60)
    on(database_address, lambda database: write(database, visits))
    assert on(database_address, kept) == {}
    said = run("stats", "rebuild")
    assert (said.exit_code, said.stderr) == (0, "")
    first = min(visit.began for visit in visits)
    days = (now_ms() - closing.GRACE_MS) // DAY - first // DAY
    assert said.stdout == f"Counted {days} days again. Days whose visits are removed keep their numbers.\n"
    assert on(database_address, kept) == counted(visits)
    on(database_address, _spoil)
    assert run("stats", "rebuild").exit_code == 0
    assert on(database_address, kept) == counted(visits)


def test_purge_removes_what_is_older_and_keeps_its_numbers(run: Run, database_address: str) -> None:
    visits = recent_visits(41, 60)
    on(database_address, lambda database: write(database, visits))
    said = run("purge", "--days", "20")
    assert (said.exit_code, said.stdout) == (
        0,
        "Removed 0 visits that began more than 20 days ago. Their numbers stay.\n",
    )
    said = run("purge", "--days", "7")
    gone = sum(visit.began < (now_ms() // DAY - 7) * DAY for visit in visits)
    assert 0 < gone < 60
    assert said.stdout == f"Removed {gone} visits that began more than 7 days ago. Their numbers stay.\n"
    assert on(database_address, _left) == 60 - gone
    assert on(database_address, kept) == counted(visits)


def test_retention_of_the_settings_counts_when_no_days_are_given(
    run: Run, database_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(database_address, lambda database: write(database, recent_visits(42, 5)))
    monkeypatch.setenv("PORTAL_RETENTION_DAYS", "3")
    assert run("purge").stdout == "Removed 5 visits that began more than 3 days ago. Their numbers stay.\n"
    assert run("purge", "--days", "0").exit_code == 2


@pytest.mark.parametrize("command", [("stats", "rebuild"), ("purge",)], ids=" ".join)
def test_command_says_that_somebody_else_is_at_it(run: Run, database_address: str, command: tuple[str, ...]) -> None:
    on(database_address, lambda database: write(database, recent_visits(43, 5)))
    on(database_address, _hold)
    said = run(*command)
    assert (said.exit_code, said.stdout) == (1, "")
    assert "Another process is" in said.stderr
    assert on(database_address, _left) == 5


@pytest.mark.parametrize("command", [("stats", "rebuild"), ("purge",)], ids=" ".join)
def test_command_says_that_the_database_is_away(command: tuple[str, ...]) -> None:
    worker = process("postgresql://nobody@127.0.0.1:9/none", *command)
    out, error = worker.communicate(timeout=120)
    assert (worker.returncode, out) == (2, "")
    assert "database" in error
    assert "Traceback" not in error


def test_two_processes_purge_once_while_visitors_write(database_address: str) -> None:
    """Both are started together; writes to the days that they remove go on until both are through."""
    visits, late = recent_visits(44, 300), recent_visits(45, 300)
    on(database_address, lambda database: write(database, visits))
    workers = [process(database_address, "purge", "--days", "3") for _ in range(2)]
    written = []

    async def keep_writing(database: Database) -> None:
        for visit in late:
            if all(worker.poll() is not None for worker in workers):
                return
            await write(database, [visit])
            written.append(visit)
            await asyncio.sleep(0.02)

    on(database_address, keep_writing)
    said = [(worker.communicate(timeout=120), worker.returncode) for worker in workers]
    removed = [int(out.split()[1]) for (out, _), code in said if code == 0]
    refused = [error for (_, error), code in said if code == 1]
    assert len(removed) + len(refused) == 2, said
    assert removed, said
    assert all("Another process is removing visits" in error for error in refused)
    left = on(database_address, _left)
    assert isinstance(left, int)
    assert sum(removed) + left == len(visits) + len(written)  # each was removed once, by one of them
    assert sum(removed) >= len(visits)
    assert written, "nobody wrote meanwhile"
    last = process(database_address, "purge", "--days", "3")
    last.communicate(timeout=120)
    assert last.returncode == 0
    assert on(database_address, _left) == 0
    expected: dict[str, Counter[str]] = counted([*visits, *written])
    assert on(database_address, kept) == expected
