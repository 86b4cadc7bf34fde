"""The file of an SQLite database is removed or replaced under the running portal: nothing is acknowledged and lost."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio


def _remove(file: Path) -> None:
    for one in file.parent.glob(f"{file.name}*"):
        one.unlink()


def _remove_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


def _replace_by_nothing(file: Path) -> None:
    _remove(file)
    file.touch()


def _replace_by_a_copy(file: Path) -> None:
    copy = file.with_name("restored")
    with sqlite3.connect(file) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    _remove(file)
    copy.rename(file)


@pytest.mark.parametrize("lose", [_remove, _remove_folder, _replace_by_nothing, _replace_by_a_copy])
async def test_what_is_acknowledged_is_in_the_file_when_it_was_lost(
    lose: Callable[[Path], None], tmp_path: Path
) -> None:
    file = tmp_path / "state" / "portal.db"
    async with running_portal(database_url=f"sqlite:///{file}") as portal:
        first = await portal.post("/journey", json={"events": [{"id": "a1", "kind": "copied", "target": "apply"}]})
        assert first.status_code == 200
        lose(file)
        for number in range(3):
            event = {"id": f"b{number}", "kind": "copied", "target": "apply"}
            answer = await portal.post("/journey", json={"events": [event]})
            assert answer.status_code == 200
        assert (await portal.get("/readyz")).json()["status"] == "ready"
        with sqlite3.connect(file) as connection:
            (count,) = connection.execute("SELECT count(*) FROM journey_event").fetchone()
    assert count == (4 if lose is _replace_by_a_copy else 3)
