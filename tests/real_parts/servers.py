"""Serves any ASGI application on a free port of this machine, in a thread with its own event loop."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

_HOST: Final = "127.0.0.1"
_START_SECONDS: Final = 15.0
_STOP_SECONDS: Final = 10.0


def free_port() -> int:
    """A port that nothing listens on now, for a program that has to be told one."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serve(app: Any, **options: Any) -> Iterator[str]:
    """Run the ASGI application under uvicorn and give its address, `http://127.0.0.1:PORT`, once it answers.

    `options` are uvicorn's. The application's start-up and shutdown handlers run. Because it lives in a thread of its
    own, it also works beside a test that has an event loop or a Playwright page.

    Raises:
        RuntimeError: the application did not start or did not stop in time.
    """
    listener = socket.create_server((_HOST, 0))
    quiet: dict[str, Any] = {"log_config": None, "log_level": "warning", "ws": "none"}
    config = uvicorn.Config(app, **{**quiet, "timeout_graceful_shutdown": 2, **options})
    server = uvicorn.Server(config)
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            server.run(sockets=[listener])
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            trouble.append(error)

    thread = threading.Thread(target=run, name="serve", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread, trouble)
        yield f"http://{_HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        listener.close()
    if thread.is_alive():
        raise RuntimeError(f"The server did not stop within {_STOP_SECONDS:.0f} seconds.")


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread, trouble: list[BaseException]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("The server ended while starting (its log says why).") from next(iter(trouble), None)
        if time.monotonic() > deadline:
            raise RuntimeError(f"The server did not start within {_START_SECONDS:.0f} seconds.")
        time.sleep(0.005)
