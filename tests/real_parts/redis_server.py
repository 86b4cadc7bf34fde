"""Runs a real Redis in a folder of its own; it can be killed and started again on the same port."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.real_parts.plugin import real_part
from tests.real_parts.servers import free_port

PASSWORD: Final = "hunter2-of-redis"
_READY_SECONDS: Final = 15.0


@dataclass(slots=True)
class RedisServer:
    """A server that keeps nothing on disk and asks for a password."""

    program: Path
    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Its address, with the password in it."""
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD]
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.program, *options], cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + _READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "redis.log").read_text(encoding="utf-8", errors="replace")[-4000:])
            time.sleep(0.02)

    def pause(self) -> None:
        """Let it hang: connections are taken, and nothing is answered."""
        if self._process:
            self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it without a goodbye."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.port), timeout=1)) as client:
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        return False


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """A fresh server, gone afterwards."""
    server = RedisServer(real_part("redis").path, folder, free_port())
    server.start()
    try:
        yield server
    finally:
        server.kill()
