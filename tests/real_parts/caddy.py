"""Runs a real Caddy as the reverse proxy in front of portals on this machine; plain http."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from tests.real_parts.plugin import real_part
from tests.real_parts.servers import free_port

_READY_SECONDS: Final = 30.0
_CADDYFILE: Final = """\
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    reverse_proxy {portals} {{
        trusted_proxies 127.0.0.1/32
        lb_policy round_robin
        lb_try_duration 10s
        lb_try_interval 50ms
        fail_duration 1s
        health_uri /healthz
        health_interval 1s
        health_timeout 30s
    }}
}}
"""
"""A request that cannot be handed over goes to the other portal; a GET also when its portal ends in the middle."""


@contextmanager
def running_caddy(folder: Path, portals: Sequence[str]) -> Iterator[str]:
    """The proxy's address; `portals` are theirs."""
    caddy, port = real_part("caddy").path, free_port()
    file = folder / "Caddyfile"
    hosts = " ".join(portal.removeprefix("http://") for portal in portals)
    file.write_text(_CADDYFILE.format(port=port, portals=hosts), encoding="utf-8")
    command = [str(caddy), "run", "--config", str(file), "--adapter", "caddyfile"]
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    address = f"http://127.0.0.1:{port}"
    with (folder / "caddy.log").open("ab") as log, subprocess.Popen(command, env=home, stdout=log, stderr=log) as proxy:
        try:
            deadline = time.monotonic() + _READY_SECONDS
            while not _answers(address):
                if proxy.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((folder / "caddy.log").read_text(encoding="utf-8", errors="replace")[-4000:])
                time.sleep(0.05)
            yield address
        finally:
            proxy.terminate()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
