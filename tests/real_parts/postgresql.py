"""Runs a real PostgreSQL server in a folder of its own; as the user `postgres` when the tests run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.real_parts.plugin import real_part
from tests.real_parts.servers import free_port

_READY_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 15.0
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "max_connections": "60",
    "unix_socket_directories": "",
}
"""`fsync=off`: a test may kill the server's clients, never its machine."""


@dataclass(slots=True)
class PostgreSQL:
    """A server that can be stopped and started again on the same port, with its data."""

    binaries: Path
    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None)

    def address(self, database: str = "postgres") -> str:
        """The URL of one of its databases."""
        return f"postgresql://portal@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), *options]
        with (self.folder / "server.log").open("ab") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **_unprivileged()
            )
        self._process = process
        deadline = time.monotonic() + _READY_SECONDS
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode != 0:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "server.log").read_text(encoding="utf-8", errors="replace")[-4000:])
            time.sleep(0.02)

    def kill(self) -> None:
        """End all its processes without a goodbye, as the kernel does when memory is short."""
        self._signal(signal.SIGKILL)
        if self._process:
            self._process.wait()
        self._process = None

    def pause(self) -> None:
        """Let it hang: connections are taken by the kernel, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._signal(signal.SIGCONT)

    def _signal(self, kind: signal.Signals) -> None:
        """Each backend leads a session of its own, so they are found as the server's children."""
        if self._process is None:
            return
        mother = self._process.pid
        command = ["ps", "-o", "pid=", "--ppid", str(mother)]
        children = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
        for pid in {mother, *map(int, children)}:
            with suppress(ProcessLookupError):
                os.kill(pid, kind)

    def stop(self) -> None:
        """Stop it, ending its connections."""
        if self._process is None:
            return
        for kind in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self._process.send_signal(kind)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
                break
        self._process = None


@contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    """A fresh server (about a second), gone with its data afterwards."""
    binaries = real_part("postgresql").path.parent
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    server = PostgreSQL(binaries, folder, free_port())
    unprivileged = _unprivileged()
    try:
        if unprivileged:
            os.chown(folder, unprivileged["user"], unprivileged["group"])
        initdb = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "portal", "-A", "trust"]
        answer = subprocess.run(
            [*initdb, "-E", "UTF8", "--locale=C", "--no-sync"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            **unprivileged,
        )
        if answer.returncode:
            raise RuntimeError(answer.stderr)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: the user that Debian's package made for it."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
