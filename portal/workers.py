"""Owns running several processes of `portal serve` on one port: starting them, replacing those that end, stopping all.

Each worker is the same command again with the listening socket handed to it, so it has everything of its own. It must
not know what a worker does. POSIX only: Windows does not hand sockets to a process this way.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Final

from portal.errors import ConfigurationError
from portal.logs import LOGGER

OPTION: Final = "--listening-socket"
"""How a worker is told which of its file descriptors is the socket."""

_CANNOT_WORK: Final = 2
"""The exit code of a command whose settings are broken: starting it again would not help."""

_AGAIN_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.2


class Workers:
    """So many processes behind one socket, until SIGTERM or SIGINT."""

    def __init__(self, count: int, listener: socket.socket) -> None:
        """Take the socket that they all accept from.

        Raises:
            ConfigurationError: this system cannot do it.

        """
        if os.name != "posix":
            raise ConfigurationError("Several workers need Linux or macOS. Set --workers or PORTAL_WORKERS to 1.")
        self._listener: Final = listener
        self._running: Final[list[subprocess.Popen[bytes]]] = []
        self._count: Final = count
        self._stopping = False

    def run(self) -> int:
        """Keep them running; the exit code when all have ended."""
        for kind in (signal.SIGTERM, signal.SIGINT):
            signal.signal(kind, self._stop)
        self._running.extend(self._start(speaks=number == 0) for number in range(self._count))
        code = 0
        while not self._stopping:
            time.sleep(_LOOK_SECONDS)
            code = max((_CANNOT_WORK for one in self._running if one.poll() == _CANNOT_WORK), default=0)
            if code:
                self._stopping = True
            else:
                self._replace_ended()
        for one in self._running:
            one.terminate()
        for one in self._running:
            one.wait()
        return code

    def _replace_ended(self) -> None:
        for place, one in enumerate(self._running):
            if one.poll() is not None and not self._stopping:
                LOGGER.error("worker %d ended with %d; another one is started", one.pid, one.returncode)
                time.sleep(_AGAIN_SECONDS)
                self._running[place] = self._start(speaks=False)

    def _start(self, *, speaks: bool) -> subprocess.Popen[bytes]:
        """The first one says where it serves; what they log goes to the same standard error."""
        handed = self._listener.fileno()
        return subprocess.Popen(  # noqa: S603 - this very command
            [sys.executable, *sys.orig_argv[1:], OPTION, str(handed)],
            pass_fds=[handed],
            stdout=None if speaks else subprocess.DEVNULL,
        )

    def _stop(self, _kind: int, _frame: FrameType | None) -> None:
        self._stopping = True
