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
from dataclasses import dataclass
from types import FrameType
from typing import Final

from portal.errors import ConfigurationError
from portal.logs import LOGGER

OPTION: Final = "--listening-socket"
"""How a worker is told which of its file descriptors is the socket."""

_CANNOT_WORK: Final = 2
"""The exit code of a command whose settings are broken: at the start, trying again would not help."""

_GAVE_UP: Final = 1
_MOST_IN_VAIN: Final = 5
"""So many workers that ended while none has served: the supervisor ends, for whoever watches it to notice."""

_SERVED_SECONDS: Final = 10.0
"""A worker that lives this long serves."""

_AGAIN_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    started: float

    @property
    def serves(self) -> bool:
        return self.process.poll() is None and time.monotonic() - self.started >= _SERVED_SECONDS


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
        self._count: Final = count
        self._running: list[_Worker] = []
        self._stopping = False
        self._have_served = False
        self._in_vain = 0

    def run(self) -> int:
        """Keep them running; the exit code when all have ended.

        Until one has served, a broken setting (exit code 2) ends everything, and so do a few workers that end for
        another reason. Later the others go on, and the empty place is tried again: a setting may be mended meanwhile.
        """
        for kind in (signal.SIGTERM, signal.SIGINT):
            signal.signal(kind, self._stop)
        self._running = [self._start(speaks=number == 0) for number in range(self._count)]
        code = 0
        while not (self._stopping or code):
            time.sleep(_LOOK_SECONDS)
            code = self._look()
        for one in self._running:
            one.process.terminate()
        for one in self._running:
            one.process.wait()
        return code

    def _look(self) -> int:
        """Replace those that ended; the exit code when that is given up, else 0."""
        if any(one.serves for one in self._running):
            self._have_served, self._in_vain = True, 0
        for place, one in enumerate(self._running):
            code = one.process.poll()
            if code is None or self._stopping:
                continue
            self._in_vain += 1
            if code == _CANNOT_WORK and not self._have_served:
                return _CANNOT_WORK
            if self._in_vain >= _MOST_IN_VAIN:
                LOGGER.error("worker %d ended with %d, as the ones before it: giving up", one.process.pid, code)
                return _GAVE_UP
            LOGGER.error("worker %d ended with %d; another one is started", one.process.pid, code)
            time.sleep(_AGAIN_SECONDS)
            self._running[place] = self._start(speaks=False)
        return 0

    def _start(self, *, speaks: bool) -> _Worker:
        """The first one says where it serves; what they log goes to the same standard error."""
        handed = self._listener.fileno()
        process = subprocess.Popen(  # noqa: S603 - this very command
            [*self._command(), OPTION, str(handed)], pass_fds=[handed], stdout=None if speaks else subprocess.DEVNULL
        )
        return _Worker(process, time.monotonic())

    def _command(self) -> list[str]:
        return [sys.executable, *sys.orig_argv[1:]]

    def _stop(self, _kind: int, _frame: FrameType | None) -> None:
        self._stopping = True
