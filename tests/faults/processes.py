"""Real processes of the portal, started as an operator does, and ended in every way there is."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from portal import paths
from tests.real_parts.servers import free_port
from tests.support.commands import clean_environment

SECRET: Final = "secret-of-these-tests"
_START_SECONDS: Final = 120.0


@dataclass
class PortalProcess:
    """`portal serve` on one port of its own; what it says goes to `log`."""

    environment: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    prefix: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://{self.environment.get('PORTAL_HOST', '127.0.0.1')}:{self.port}"

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def start(self, *, wait: bool = True) -> None:
        command = [*self.prefix, sys.executable, "-u", "-m", "portal", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)
        if wait:
            self.wait_until_it_serves()

    def wait_until_it_serves(self) -> None:
        assert self.process
        deadline = time.monotonic() + _START_SECONDS
        while not is_alive(self.address):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def end(self, kind: signal.Signals = signal.SIGTERM) -> float:
        """Send the signal and wait for the end; the seconds that it took."""
        if self.process is None:
            return 0.0
        started = time.monotonic()
        self.process.send_signal(kind)
        self.process.wait(60)
        self.process = None
        return time.monotonic() - started


def is_alive(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def environment(folder: Path, database: str, **settings: str) -> dict[str, str]:
    """The environment of a portal that keeps everything in `folder`; settings as `redis_url="…"`."""
    given = {f"PORTAL_{name.upper()}": value for name, value in settings.items()}
    own = {"STATE_DIRECTORY": str(folder), "PORTAL_DATABASE_URL": database, "PORTAL_SECRET_KEY": SECRET}
    return clean_environment(**own | given)


@contextmanager
def serving(folder: Path, database: str, name: str = "portal", **settings: str) -> Iterator[PortalProcess]:
    """A portal that serves, killed afterwards if it still runs. What it said holds no traceback."""
    port = int(settings.get("port", free_port()))
    made = PortalProcess(environment(folder, database, **settings), folder / f"{name}.log", port)
    try:
        made.start()
        yield made
    finally:
        if made.process:
            made.process.kill()
            made.process.wait()
    assert "Traceback" not in made.said, made.said[-6000:]


def profile_for(folder: Path, gateway: str) -> str:
    """A profile file whose gateway is at this address."""
    text = (paths.PRESETS / "tokenbay.toml").read_text(encoding="utf-8")
    file = folder / "gateway.toml"
    file.write_text(re.sub(r'(?m)^base_url = ".*"$', f'base_url = "{gateway}"', text), encoding="utf-8")
    return str(file)


def portal(database: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start another command of the portal."""
    command = [sys.executable, "-u", "-m", "portal", *arguments]
    given = environment(folder, database)
    return subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
