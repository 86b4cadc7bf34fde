"""What the key check costs: `python -m benchmarks.key_check [--rounds 15] [--seconds 7]`.

1. A passing check through the portal, against the same calls made with httpx (goal: at most 1.15 times as long).
2. The slowest hundredth of the guide's answers while 200 checks hang, against none (goal: at most twice as slow).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
from starlette.types import ASGIApp

from portal.app import create_app
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.keycheck.admission import SHARES
from portal.profile.load import load_profile
from portal.profile.model import Endpoints, GatewayProfile
from portal.settings import LogLevel, Settings
from tests.real_parts.servers import free_port

OVERHEAD_GOAL = 1.15
SLOWDOWN_GOAL = 2.0
HANGING = 200
AT_ONCE = 3
_GATEWAY = "BENCHMARK_GATEWAY"
QUERY = "?os=linux&shell=bash"


def profile_for(gateway: str) -> GatewayProfile:
    return replace(load_profile("tokenbay"), base_url=gateway, endpoints=Endpoints())


async def ask_directly(client: httpx.AsyncClient, profile: GatewayProfile, key: str) -> None:
    """The calls of a passing check in the same order: one token, then the rest, three at a time."""
    headers = {"authorization": f"Bearer {key}", "anthropic-version": "2023-06-01"}
    slots = asyncio.Semaphore(AT_ONCE)
    address = f"{profile.base_url}/v1/messages?beta=true"

    async def message(model: str, *, stream: bool = False) -> None:
        body = {"model": model, "max_tokens": 64 if stream else 1, "messages": [{"role": "user", "content": "."}]}
        async with (
            slots,
            client.stream(
                "POST", address, headers=headers, content=json.dumps(body | ({"stream": True} if stream else {}))
            ) as answer,
        ):
            answer.raise_for_status()
            async for _ in answer.aiter_bytes():
                pass

    async def models() -> None:
        async with slots:
            (await client.get(f"{profile.base_url}/v1/models", headers=headers)).raise_for_status()

    first, *others = [profile.models[profile.default_tier].id, *(m.id for m in profile.models.values())]
    await message(first)
    rest = (message(model) for model in others if model != first)
    await asyncio.gather(message(first, stream=True), models(), *rest)


async def overhead(gateway: str, portal: str, rounds: int) -> float:
    """The ratio of medians; the two take turns."""
    key, profile = DEMO_KEYS[Behaviour.GOOD], profile_for(gateway)
    direct: list[float] = []
    checked: list[float] = []
    async with httpx.AsyncClient(timeout=60) as client:
        for number in range(rounds + 2):
            started = time.perf_counter()
            await ask_directly(client, profile, key)
            middle = time.perf_counter()
            answer = await client.post(f"{portal}/key-check", data={"key": key})
            ended = time.perf_counter()
            if 'data-verdict="accepted"' not in answer.text:
                raise SystemExit("The check did not pass.")
            if number >= 2:  # the first warm up
                direct.append(middle - started)
                checked.append(ended - middle)
    ratio = statistics.median(checked) / statistics.median(direct)
    print(f"passing check: {statistics.median(checked) * 1000:.0f} ms")
    print(f"the same calls directly: {statistics.median(direct) * 1000:.0f} ms")
    print(f"ratio {ratio:.3f} (goal: at most {OVERHEAD_GOAL})\n")
    return ratio


def slowest_hundredth(wrk: str, portal: str, seconds: int) -> float:
    """p99 of the guide in milliseconds, under a load that leaves the server room."""
    command = [wrk, "-t1", "-c4", f"-d{seconds}s", "--latency", "-H", "Accept-Encoding: gzip", f"{portal}/{QUERY}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
    if not found or "Non-2xx" in output:
        raise SystemExit(output)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


async def hang(portal: str) -> asyncio.StreamWriter:
    """One visitor whose check hangs; closing the connection ends it."""
    host, _, port = portal.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = f"key={DEMO_KEYS[Behaviour.SLOW]}".encode()
    head = (
        f"POST /key-check/live HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    writer.write(head.encode() + body)
    status = await reader.readline()
    if b" 200 " not in status:
        raise SystemExit(f"A check was refused: {status.decode().strip()}.")
    return writer


async def slowdown(portal: str, rounds: int, seconds: int) -> float:
    """The median of each round's ratio of p99: without and with hanging checks, one right after the other.

    Other load on the machine hits both halves of a round alike. The half with hanging checks lasts until after the
    moment at which those that found no connection give up, all at once.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("The benchmark needs the load generator wrk: apt install wrk, or brew install wrk.")
    free: list[float] = []
    busy: list[float] = []
    await asyncio.to_thread(slowest_hundredth, wrk, portal, 1)
    for _ in range(rounds):
        free.append(await asyncio.to_thread(slowest_hundredth, wrk, portal, seconds))
        visitors = await asyncio.gather(*(hang(portal) for _ in range(HANGING)))
        await asyncio.sleep(1)  # a check hangs when it waits for the gateway, not while it begins
        busy.append(await asyncio.to_thread(slowest_hundredth, wrk, portal, seconds))
        for visitor in visitors:
            visitor.close()
        await asyncio.sleep(2)
    ratios = [with_checks / without for with_checks, without in zip(busy, free, strict=True)]
    ratio = statistics.median(ratios)
    print("rounds:", ", ".join(f"{one:.2f}" for one in ratios))
    print(f"guide, 99 % of answers within: {statistics.median(free):.2f} ms")
    print(f"while {HANGING} checks hang: {statistics.median(busy):.2f} ms")
    print(f"ratio {ratio:.2f} (goal: at most {SLOWDOWN_GOAL})")
    return ratio


def create_gateway() -> ASGIApp:
    """The simulated gateway; a slow answer is slower than any benchmark."""
    return create_fake_gateway(slow_seconds=120)


def create_portal() -> ASGIApp:
    """The portal in front of it, with room for every hanging check."""
    settings = Settings(
        log_level=LogLevel.WARNING,
        key_checks_per_minute=10_000,
        key_checks_per_minute_in_total=100_000,
        key_checks_at_once=SHARES * HANGING,  # one client holds a share
    )
    return create_app(settings, profile_for(os.environ[_GATEWAY]), client=GatewayClient())


@contextmanager
def server(factory: str, environment: dict[str, str]) -> Iterator[str]:
    """One worker in a process of its own, as in production; yields its address."""
    port = free_port()
    command = ["uvicorn", "--factory", f"benchmarks.key_check:{factory}", "--port", str(port), "--no-access-log"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--log-level", "critical", "--timeout-graceful-shutdown", "1"],
        env={**os.environ, **environment},
    )
    try:
        for _ in range(400):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def main() -> None:
    """Measure both and say whether the goals are reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="passing checks that are timed")
    parser.add_argument("--seconds", type=int, default=7, help="how long the guide is loaded in each half of a round")
    arguments = parser.parse_args()
    with server("create_gateway", {}) as gateway, server("create_portal", {_GATEWAY: gateway}) as portal:
        longer = asyncio.run(overhead(gateway, portal, arguments.rounds))
        slower = asyncio.run(slowdown(portal, 5, arguments.seconds))
    sys.exit(longer > OVERHEAD_GOAL or slower > SLOWDOWN_GOAL)


if __name__ == "__main__":
    main()
