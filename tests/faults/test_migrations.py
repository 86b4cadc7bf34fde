"""Processes migrate at the same time, and one is killed in the middle: the next one brings the database up."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from portal.db import Database, DatabaseState
from tests.faults.processes import PortalProcess, environment, portal
from tests.faults.visitors import ready

pytestmark = pytest.mark.anyio


async def state_of(address: str) -> DatabaseState:
    database = Database(address)
    try:
        return await database.state()
    finally:
        await database.close()


async def test_next_migration_goes_through_when_one_was_killed_in_the_middle(
    empty_address: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.faults.half_migration", empty_address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as half:  # noqa: ASYNC220 - nothing else runs
        assert half.stdout
        assert half.stdout.readline() == "half\n"
        waiting = portal(empty_address, tmp_path, "migrate")  # while the first one still holds the lock
        await asyncio.sleep(2)
        assert waiting.poll() is None
        half.send_signal(signal.SIGKILL)
    with waiting:
        assert waiting.stdout
        assert waiting.stdout.read() == "The database is up to date now.\n"
    assert waiting.returncode == 0
    assert await state_of(empty_address) is DatabaseState.READY


async def test_every_migration_succeeds_and_one_of_them_works_when_several_start_at_once(
    empty_address: str, tmp_path: Path
) -> None:
    started = [portal(empty_address, tmp_path, "migrate") for _ in range(3)]
    said = sorted(one.communicate(timeout=120)[0] for one in started)
    assert said == ["The database is up to date now.\n", *["The database was up to date already.\n"] * 2]
    assert {one.returncode for one in started} == {0}


async def test_portals_serve_and_record_when_they_start_at_once_on_a_fresh_file(tmp_path: Path) -> None:
    given = environment(tmp_path, f"sqlite:///{tmp_path / 'new' / 'portal.db'}")
    with ExitStack() as ends:
        both = [PortalProcess(given, tmp_path / f"{number}.log") for number in range(2)]
        for one in both:
            one.start(wait=False)
            ends.callback(one.end, signal.SIGKILL)
        for one in both:
            one.wait_until_it_serves()
            assert (await ready(one.address))["status"] == "ready"
            assert "ERROR" not in one.said
