"""Load on the whole portal, absolute figures and ratios: `make bench-load [ARGS="--seconds 8 --markdown"]`.

Real `portal serve` processes over loopback, loaded by wrk, with 1, 2 and 4 workers: the guide from the cache, the part
of it that a choice swaps, a recorded event on SQLite and on PostgreSQL (with fsync), the operator's dashboard over half
a year of visits, and a key check with its calls to a simulated gateway in a process of its own. Then the memory of a
worker before and after 100,000 requests.

Processor time for each answer is read from the kernel and is the figure to plan with: other load on the machine changes
it little. Requests a second hold for this machine, which also runs the load generator, the database and the gateway.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.key_check import server
from benchmarks.load_servers import Portal, Processes, filled, portal, signed_in
from portal.db import Database
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from tests.real_parts import postgresql

QUERY = "/?os=linux&shell=bash"
MEMORY_REQUESTS = 100_000
MEMORY_GOAL = 1.05
_PLATFORMS = {"macos": ("zsh", "bash", "fish"), "linux": ("bash", "zsh", "fish"), "windows": ("powershell", "cmd")}
_ONE_OF_MANY = (
    'headers["X-Forwarded-For"] = '
    '"10." .. math.floor(n / 65536) % 256 .. "." .. math.floor(n / 256) % 256 .. "." .. n % 256'
)


@dataclass(frozen=True)
class Scenario:
    """What one kind of request is, for wrk: the body of `request()` in Lua, given a number `n` that grows."""

    name: str
    lua: str
    connections: int = 32
    database: str = "sqlite"


@dataclass(frozen=True)
class Measured:
    """What one scenario showed with so many workers. Times in milliseconds of processor or clock."""

    scenario: str
    workers: int
    per_second: float
    cpu_ms: float
    database_cpu_ms: float
    half_within_ms: float
    most_within_ms: float


def scenarios(cookie: str, run: str) -> tuple[Scenario, ...]:
    """Every kind of request; `run` makes the ids of events new."""
    event = f'"{{\\"events\\":[{{\\"id\\":\\"{run}" .. n .. "\\",\\"kind\\":\\"copied\\",\\"target\\":\\"apply\\"}}]}}"'
    post = 'headers["Content-Type"] = "application/json" return wrk.format("POST", "/journey", headers, ' + event + ")"
    key = DEMO_KEYS[Behaviour.GOOD]
    form = 'headers["Content-Type"] = "application/x-www-form-urlencoded" '
    region = 'headers["HX-Request"] = "true" headers["HX-Request-Type"] = "partial" '
    get = 'return wrk.format("GET", "{}", headers)'
    return (
        Scenario("guide from the cache", get.format(QUERY)),
        Scenario("snippet swap", region + get.format(QUERY)),
        Scenario("recorded event, SQLite", f"{_ONE_OF_MANY} {post}", 16),
        Scenario("recorded event, PostgreSQL", f"{_ONE_OF_MANY} {post}", 16, "postgresql"),
        Scenario("dashboard", f'headers["Cookie"] = "{cookie}" ' + get.format("/admin"), 4),
        Scenario(
            "key check", f'{_ONE_OF_MANY} {form} return wrk.format("POST", "/key-check", headers, "key={key}")', 4
        ),
    )


def mixed(run: str) -> Scenario:
    """What visitors do, for the memory: many pages and parts, and an event now and then."""
    pages = [f"/?os={system}&shell={shell}" for system, shells in _PLATFORMS.items() for shell in shells]
    names = ", ".join(f'"{page}"' for page in pages)
    event = scenarios("", run)[2].lua
    lua = (
        f"local pages = {{{names}}} if n % 50 == 0 then {event} end "
        'if n % 2 == 0 then headers["HX-Request"] = "true" headers["HX-Request-Type"] = "partial" end '
        'return wrk.format("GET", pages[n % #pages + 1], headers)'
    )
    return Scenario("mixed", lua)


def load(wrk: str, address: str, scenario: Scenario, seconds: int, first: int) -> tuple[int, float, float, float]:
    """Load it; how many requests were answered, how many in a second, and within what time half and 99 % of them."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            f"local n = {first}\nfunction request()\n  n = n + 1\n"
            '  local headers = {["Accept-Encoding"] = "gzip, br, zstd"}\n  ' + scenario.lua + "\nend\n"
        )
        script.flush()
        command = [wrk, "-t1", f"-c{scenario.connections}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
        output = subprocess.run(
            [*command, "-s", script.name, address], capture_output=True, text=True, check=True
        ).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"{scenario.name}: not every request was answered with success:\n{output}")
    count, rate = re.search(r"(\d+) requests in", output), re.search(r"Requests/sec:\s+([\d.]+)", output)
    if not count or not rate:
        raise SystemExit(output)
    return int(count[1]), float(rate[1]), _within(output, 50), _within(output, 99)


def _within(output: str, percent: int) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s|m)\b", output)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[found[2]] if found else float("nan")


def measure(wrk: str, one: Portal, scenario: Scenario, seconds: int, database: Processes | None) -> Measured:
    """Load one scenario, after a second to warm up."""
    workers = len(one.workers)
    load(wrk, one.address, scenario, 1, 0)
    used, theirs = one.processes.cpu_seconds(), database.cpu_seconds() if database else 0.0
    count, rate, half, most = load(wrk, one.address, scenario, seconds, 10_000_000)
    used = (one.processes.cpu_seconds() - used) * 1000 / max(count, 1)
    theirs = ((database.cpu_seconds() if database else 0.0) - theirs) * 1000 / max(count, 1)
    return Measured(scenario.name, workers, rate, used, theirs, half, most)


def memory(wrk: str, one: Portal, requests: int, seconds: int) -> tuple[int, float, float]:
    """Requests, and the megabytes of the largest worker after the first tenth of them and after all."""
    answered, after_start = 0, 0.0
    while answered < requests * 1.1:
        answered += load(wrk, one.address, mixed(f"m{answered}x"), seconds, 0)[0]
        if not after_start and answered >= requests / 10:
            after_start = max(one.memory())
    return answered, after_start, max(one.memory())


def everything(
    wrk: str, workers: list[int], seconds: int, requests: int
) -> tuple[list[Measured], tuple[int, float, float]]:
    """Measure all scenarios with each number of workers, then the memory."""
    found: list[Measured] = []
    postgresql._SETTINGS["fsync"] = "on"  # noqa: SLF001 - the tests' server, as safe as in production
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        gateway = stack.enter_context(server("create_gateway", {}))
        postgres = stack.enter_context(postgresql.running_postgresql())
        sqlite = f"sqlite:///{folder / 'load.db'}"
        password = filled(sqlite)
        asyncio.run(_migrated(postgres.address()))
        assert postgres._process  # noqa: S101, SLF001 - it runs
        theirs = Processes(postgres._process.pid)  # noqa: SLF001
        for count in workers:
            for kind, database in {"sqlite": sqlite, "postgresql": postgres.address()}.items():
                with portal(count, database, gateway, folder) as one:
                    cookie = signed_in(one.address, password) if kind == "sqlite" else ""
                    for scenario in scenarios(cookie, f"w{count}x"):
                        if scenario.database == kind:
                            found.append(measure(wrk, one, scenario, seconds, theirs if kind != "sqlite" else None))
                            print(".", end="", file=sys.stderr, flush=True)
        with portal(1, sqlite, gateway, folder) as one:
            result = memory(wrk, one, requests, seconds)
    print(file=sys.stderr)
    return found, result


async def _migrated(address: str) -> None:
    database = Database(address)
    await database.migrate()
    await database.close()


def table(found: list[Measured], *, markdown: bool) -> str:
    """Rows of text, or of Markdown."""
    single = {one.scenario: one.per_second for one in found if one.workers == min(each.workers for each in found)}
    head = ["", "workers", "requests/s", "growth", "CPU ms each", "database’s", "for a core", "50 % ms", "99 % ms"]
    rows = [
        [
            one.scenario,
            str(one.workers),
            f"{one.per_second:,.0f}",
            f"{one.per_second / single[one.scenario]:.2f}",
            f"{one.cpu_ms:.2f}",
            f"{one.database_cpu_ms:.2f}" if one.database_cpu_ms else "",
            f"{1000 / one.cpu_ms:,.0f}/s" if one.cpu_ms else "",
            f"{one.half_within_ms:,.1f}",
            f"{one.most_within_ms:,.1f}",
        ]
        for one in found
    ]
    if markdown:
        lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
        return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
    widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]
    )


def main() -> None:
    """Measure, print, and fail when the memory grew."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=8, help="how long each scenario is loaded")
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    options.add_argument("--requests", type=int, default=MEMORY_REQUESTS, help="how many for the memory")
    options.add_argument("--markdown", action="store_true", help="print the part of docs/capacity.md")
    options.add_argument("--json", type=Path, help="write the figures to this file, too")
    given = options.parse_args()
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("The benchmark needs the load generator wrk: apt install wrk, or brew install wrk.")
    busy = os.getloadavg()[0]
    found, (requests, before, after) = everything(wrk, given.workers, given.seconds, given.requests)
    cores = os.cpu_count()
    print(f"{cores} cores ({platform.machine()}), Python {platform.python_version()}, load {busy:.1f} before.\n")
    print(table(found, markdown=given.markdown))
    growth = after / before - 1
    print(f"\nMemory of a worker: {before:.0f} MB, after {requests:,} requests {after:.0f} MB ({growth:+.1%}).")
    if given.json:
        figures = {"cores": cores, "load": busy, "found": [asdict(one) for one in found]}
        given.json.write_text(json.dumps(figures | {"memory": [requests, before, after]}, indent=1) + "\n")
    sys.exit(after > before * MEMORY_GOAL)


if __name__ == "__main__":
    main()
