"""Owns stopping: what runs may end within a budget, what does not run is not waited for.

On SIGTERM and SIGINT uvicorn takes no more connections and waits for the answers that are under way. Key checks are
told when to be over, so that each ends with what is known and its stream with an end, before uvicorn would cut it.
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from typing import Final

import uvicorn
from typing_extensions import override

CHECKS_SECONDS: Final = 20.0
"""How long running key checks may go on after the signal."""

STOP_SECONDS: Final = 25
"""How long any answer may go on after the signal; then it is cut. Give the container 40 seconds (compose alone: 10)."""


class PortalServer(uvicorn.Server):
    """uvicorn's server that calls `serving` when it serves, and `stopping` with the seconds that checks have left."""

    def __init__(self, config: uvicorn.Config, serving: Callable[[], None], stopping: Callable[[float], None]) -> None:
        super().__init__(config)
        self._serving = serving
        self._stopping = stopping

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._serving()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping(CHECKS_SECONDS)
        await super().shutdown(sockets)
        gc.disable()
        gc.freeze()  # the interpreter’s last collection takes seconds on a busy machine, and the process is over
