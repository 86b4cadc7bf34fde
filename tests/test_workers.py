"""Several processes on one port: they share the work and the file, are replaced when they end, and stop together."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.support.commands import portal, portal_serving
from tests.support.load import ask, recording

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(os.name != "posix", reason="several workers need POSIX")]


def children_of(parent: int) -> list[int]:
    answer = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(line) for line in answer.stdout.split()]


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def the_supervisor() -> int:
    """The process with two children among those that this test started."""
    (found,) = [pid for pid in children_of(os.getpid()) if len(children_of(pid)) == 2]
    return found


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_every_worker_records_and_is_replaced_when_it_is_killed(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'portal.db'}"
    with portal_serving("--workers", "2", PORTAL_DATABASE_URL=address) as serving:
        supervisor = the_supervisor()
        first = children_of(supervisor)
        async with recording(serving, visitors=2) as told:
            await told.more(20)
            os.kill(first[0], signal.SIGKILL)
            await told.more(20)
        wait_for(lambda: len(set(children_of(supervisor)) - {first[0]}) == 2)
        assert (await ask(f"{serving}/readyz")).status_code == 200
        last = children_of(supervisor)
    assert not [pid for pid in last if is_there(pid)], "workers outlived their supervisor"
    with pytest.raises(httpx.ConnectError):
        await ask(serving)


def test_serve_ends_with_2_when_its_workers_cannot_work(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("nothing = 1")
    assert "broken.toml" in portal("serve", "--workers", "2", "--port", "0", "--profile", str(broken), code=2)
    assert "--workers" in portal("serve", "--workers", "0", code=2)
