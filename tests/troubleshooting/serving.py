"""The portal as an operator runs it: `portal serve`, a process of its own, on a database that others share."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 120.0
SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class Worker:
    """A running `portal serve`."""

    process: subprocess.Popen[bytes]
    address: str

    def kill(self) -> None:
        """End it without a chance to finish anything."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(database: str, folder: Path) -> Iterator[Worker]:
    """A worker that answers; it believes the addresses that a proxy on this machine names."""
    port = _free_port()
    environment = {
        **os.environ,
        "PORTAL_DATABASE_URL": database,
        "PORTAL_SECRET_KEY": SECRET,
        "PORTAL_TRUSTED_PROXIES": "127.0.0.1",
    }
    command = [sys.executable, "-m", "portal", "serve", "--port", str(port)]
    with (
        (folder / f"serve-{port}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environment) as process,
    ):
        worker = Worker(process, f"http://127.0.0.1:{port}")
        try:
            _wait_for(worker, folder / f"serve-{port}.log")
            yield worker
        finally:
            process.kill()


def _wait_for(worker: Worker, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert worker.process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{worker.address}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
