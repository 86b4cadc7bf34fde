"""The disk is full, and the file cannot be written: the page goes on, nothing acknowledged is lost, it recovers."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import serving
from tests.faults.visitors import busy, compare, ready, some_more, until

pytestmark = pytest.mark.anyio

SIZE = 16 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of sixteen megabytes: the write-ahead log alone may take four."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here; it needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no free block."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as written:
        try:
            while True:
                written.write(bytes(4096))
        except OSError:
            return filler


async def test_nothing_acknowledged_is_lost_when_the_disk_is_full_for_a_while(tmp_path: Path, small_disk: Path) -> None:
    file = small_disk / "portal.db"
    database = f"sqlite:///{file}"
    with serving(tmp_path, database) as portal:
        async with busy(lambda: portal.address, pages=("/", "/troubleshoot/rejected-401?os=linux&shell=bash")) as told:
            await some_more(told)
            filler = fill(small_disk)
            await until(lambda: told.statuses["journey 503"] > 20)
            said = await ready(portal.address)
            assert (said["status"], said["parts"]) == ("degraded", {"database": "read-only", "redis": "not-used"})
            filler.unlink()
            await some_more(told)
            assert (await ready(portal.address))["status"] == "ready"
        await compare(database, told)
        with sqlite3.connect(file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
