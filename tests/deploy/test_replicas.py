"""Two replicas behind one name, as compose has them: one may go at any time, and no visitor sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import pytest

from portal.profile.load import load_profile
from tests.deploy.caddy import running_caddy
from tests.real_parts.parts import ROOT
from tests.real_parts.servers import free_port

pytestmark = [
    pytest.mark.real("caddy"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a name with two addresses needs a hosts file of its own, as root"),
]

REPLICAS: Final = {"127.0.0.2": "tokenbay", "127.0.0.3": "openrouter"}
"""Address -> preset: two gateways, so that an answer tells which replica gave it."""

START_SECONDS: Final = 90.0


@contextmanager
def replica(folder: Path, address: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    env |= {"STATE_DIRECTORY": str(folder), "PORTAL_PROFILE": REPLICAS[address]}
    command = [sys.executable, "-m", "portal", "serve", "--host", address, "--port", str(port)]
    with (folder / f"{address}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_for(process, f"http://{address}:{port}/readyz")
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_visitors_notice_nothing_when_one_of_two_goes(tmp_path: Path, how: signal.Signals) -> None:
    port = free_port()
    answers: list[tuple[float, int, str]] = []
    cut: list[float] = []
    one, two = REPLICAS
    with (
        replica(tmp_path, one, port) as leaving,
        replica(tmp_path, two, port),
        running_caddy(tmp_path, "replicas.test", port, dict.fromkeys(REPLICAS, "replicas.test")) as caddy,
    ):
        done = threading.Event()

        brand = load_profile(REPLICAS[two]).brand.name

        def visit() -> None:
            with caddy.client(timeout=60) as client:
                while not done.is_set():
                    try:
                        page = client.get("/")
                    except httpx.RemoteProtocolError:
                        cut.append(time.monotonic())
                        continue
                    answers.append((time.monotonic(), page.status_code, two if brand in page.text else one))
                    time.sleep(0.01)

        visitors = [threading.Thread(target=visit) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        until(lambda: len(answers) > 50)
        assert {who for _, _, who in answers} == {one}, "a hosts file always names it first; a name server takes turns"
        leaving.send_signal(how)
        leaving.wait()
        gone = time.monotonic()
        until(lambda: sum(at > gone + 1 for at, _, _ in answers) > 100)
        done.set()
        for visitor in visitors:
            visitor.join()
    assert {status for _, status, _ in answers} == {200}
    # An answer whose replica is killed between its first byte and its last cannot be given again.
    assert len(cut) <= (len(visitors) if how is signal.SIGKILL else 0)
    assert {who for at, _, who in answers if at > gone + 1} == {two}
