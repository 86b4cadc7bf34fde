"""Measure and print a table: `python -m benchmarks [--seconds 5] [--rounds 3]`."""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

CONTENDERS = ("bare", "constant", "cached", "uncached")
QUERY = "?os=linux&shell=bash"
CONNECTIONS = 32
GOAL = 0.7
"""The cached guide must reach this share of the constant page's requests a second."""


@contextmanager
def server() -> Iterator[str]:
    """One uvicorn worker with every contender; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["uvicorn", "--factory", "benchmarks.contenders:create_contenders", "--port", str(port)]
    process = subprocess.Popen([sys.executable, "-m", *command, "--no-access-log", "--log-level", "warning"])
    try:
        for _ in range(200):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def requests_per_second(wrk: str, address: str, seconds: int) -> float:
    """Load one address for a while, as a browser asks (compressed), and return how often it answered in a second."""
    command = [
        wrk,
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "20s",
        "-H",
        "Accept-Encoding: gzip, br, zstd",
        address,
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"{address} did not answer cleanly:\n{output}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if not found:
        raise SystemExit(output)
    return float(found[1])


def main() -> None:
    """Run the rounds, contenders in turn, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="how long each contender is loaded in a round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("The benchmark needs the load generator wrk: apt install wrk, or brew install wrk.")
    measured: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    with server() as address:
        for name in CONTENDERS:
            requests_per_second(wrk, f"{address}/{name}/{QUERY}", 1)
        for _ in range(arguments.rounds):
            for name in CONTENDERS:
                measured[name].append(requests_per_second(wrk, f"{address}/{name}/{QUERY}", arguments.seconds))
    medians = {name: statistics.median(values) for name, values in measured.items()}
    print(f"{'':10}{'requests/s':>12}{'of constant':>13}{'of bare':>10}")
    for name, value in medians.items():
        print(f"{name:10}{value:12,.0f}{value / medians['constant']:13.2f}{value / medians['bare']:10.2f}")
    ratio = medians["cached"] / medians["constant"]
    print(f"\ncached guide / constant page = {ratio:.2f} (goal: at least {GOAL})")
    sys.exit(ratio < GOAL)


if __name__ == "__main__":
    main()
