"""Several processes on one port: they share the work and the file, are replaced when they end, and stop together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from typing_extensions import override

from portal import workers
from portal.workers import Workers
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


class Scripted(Workers):
    """Workers that run a script instead of the portal."""

    def __init__(self, count: int, listener: socket.socket, script: str) -> None:
        super().__init__(count, listener)
        self._script = script

    @override
    def _command(self) -> list[str]:
        return [sys.executable, "-c", self._script]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    handlers = {kind: signal.getsignal(kind) for kind in (signal.SIGTERM, signal.SIGINT)}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening
    for kind, handler in handlers.items():
        signal.signal(kind, handler)


def test_supervisor_gives_up_when_no_worker_comes_to_serve(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_AGAIN_SECONDS", 0.01)
    assert Scripted(2, listener, "raise SystemExit(3)").run() == 1


def test_broken_setting_ends_no_worker_that_serves(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The first two serve; a later one finds the settings broken, until they are mended."""
    monkeypatch.setattr(workers, "_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(workers, "_SERVED_SECONDS", 0.5)
    script = f"import pathlib, time; pathlib.Path({str(tmp_path / 'broken')!r}).exists() and exit(2); time.sleep(60)"
    watched = Scripted(2, listener, script)
    ended: list[int] = []
    pids: list[int] = []

    def visit() -> None:
        wait_for(lambda: len(children_of(os.getpid())) >= 2 and watched._have_served)
        pids.extend(one.process.pid for one in watched._running)
        (tmp_path / "broken").touch()
        os.kill(pids[0], signal.SIGKILL)
        time.sleep(2)
        ended.append(sum(is_there(pid) for pid in pids))
        (tmp_path / "broken").unlink()
        wait_for(lambda: watched._running[0].serves)
        watched._stopping = True

    thread = threading.Thread(target=visit)
    thread.start()
    assert watched.run() == 0
    thread.join()
    assert ended == [1]
    assert watched._running[1].process.pid == pids[1], "the one that served was left alone"
