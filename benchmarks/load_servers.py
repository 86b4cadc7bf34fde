"""What is loaded: `portal serve` as an operator starts it, in front of a simulated gateway, and what it costs."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from portal import paths
from portal.demo import DEMO_OPERATOR, fill_demo

_TICK = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 120


@dataclass(frozen=True)
class Processes:
    """A process and those below it, read from the kernel's own books (Linux)."""

    top: int

    def all(self) -> list[int]:
        """The process and its children."""
        return [self.top, *self.children()]

    def children(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.top}/task/{self.top}/children").read_text().split()]

    def cpu_seconds(self) -> float:
        """User and system time of all of them, those that have ended included."""
        total = 0.0
        for pid in self.all():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except FileNotFoundError:  # ended meanwhile: it is in its parent's sum at the next reading
                continue
            total += sum(map(int, fields[11:15] if pid == self.top else fields[11:13])) / _TICK
        return total


@dataclass(frozen=True)
class Portal:
    """A running portal."""

    address: str
    processes: Processes
    workers: list[int]

    def memory(self) -> list[float]:
        """Resident megabytes of each worker."""
        statuses = (Path(f"/proc/{pid}/status").read_text() for pid in self.workers)
        return [int(found[1]) / 1024 for one in statuses if (found := re.search(r"VmRSS:\s+(\d+)", one))]


@contextmanager
def portal(workers: int, database: str, gateway: str, folder: Path) -> Iterator[Portal]:
    """Start it and wait until every worker has finished starting."""
    profile = folder / "load.toml"
    text = (paths.PRESETS / "tokenbay.toml").read_text(encoding="utf-8")
    profile.write_text(re.sub(r'(?m)^base_url = ".*"$', f'base_url = "{gateway}"', text, count=1), encoding="utf-8")
    settings = {
        "PORTAL_DATABASE_URL": database,
        "PORTAL_PROFILE": str(profile),
        "PORTAL_WORKERS": str(workers),
        "PORTAL_LOG_LEVEL": "warning",
        "PORTAL_SECRET_KEY": "a secret for the load only",
        "PORTAL_KEY_CHECKS_PER_MINUTE": "10000",
        "PORTAL_KEY_CHECKS_PER_MINUTE_IN_TOTAL": "1000000",
        "PORTAL_KEY_CHECKS_AT_ONCE": "1000",
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "portal", "serve", "--port", "0"],
        env=clean | settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout  # noqa: S101 - it is a pipe
    try:
        found = None
        while not found and (line := process.stdout.readline()):
            found = re.search(r"^Serving .* on (http://\S+)", line)
        if not found:
            raise SystemExit("The portal ended without serving.")
        processes = Processes(process.pid)
        pids = _started(processes, workers)
        httpx.get(f"{found[1]}/readyz", trust_env=False, timeout=60).raise_for_status()
        yield Portal(found[1], processes, pids)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _started(processes: Processes, workers: int) -> list[int]:
    """The workers, once they do nothing any more: a process that starts is busy until it waits for visitors."""
    deadline = time.monotonic() + _START_SECONDS
    quiet, before = 0, -1.0
    while quiet < 3:
        if time.monotonic() > deadline:
            raise SystemExit("The workers did not come to rest.")
        time.sleep(0.5)
        now = processes.cpu_seconds()
        settled = now - before < 0.03 and now > 0.5 * workers
        quiet, before = (quiet + 1 if settled else 0), now
    return processes.children() if workers > 1 else [processes.top]


def filled(address: str) -> str:
    """Make a database with half a year of visits; the password of its operator."""
    return asyncio.run(fill_demo(address, ZoneInfo("UTC"), now=time.time_ns() // 1_000_000))


def signed_in(address: str, password: str) -> str:
    """The `Cookie` header of an operator."""
    form = {"name": DEMO_OPERATOR, "password": password}
    headers = {"sec-fetch-site": "same-origin"}
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        if client.post("/admin/login", data=form, headers=headers).status_code != 303:
            raise SystemExit("The operator could not sign in.")
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())
