"""Runs a real Caddy with the project's own Caddyfile, on free ports, with certificates of its own making."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from tests.real_parts.parts import ROOT
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import free_port

CADDYFILE: Final = ROOT / "deploy" / "Caddyfile"
_START_SECONDS: Final = 30.0
_WITH_HOSTS: Final = 'mount --bind "$1" /etc/hosts; shift; exec "$@"'


@dataclass(frozen=True, slots=True)
class Caddy:
    """A Caddy that answers at `https://localhost:port`."""

    port: int
    http_port: int
    authority: Path
    """The certificate of the authority that signed its own."""

    def client(self, **options: Any) -> httpx.Client:
        """A client that believes its certificate."""
        context = ssl.create_default_context(cafile=self.authority)
        return httpx.Client(base_url=f"https://localhost:{self.port}", verify=context, trust_env=False, **options)


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """What Caddy gets: nothing of this process, and no folder of this user's."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), **variables}


@contextmanager
def running_caddy(
    folder: Path, upstream: str, upstream_port: int, hosts: Mapping[str, str] | None = None, **variables: str
) -> Iterator[Caddy]:
    """Caddy in front of `upstream`:`upstream_port`; `hosts` is address -> name, for a name with several addresses.

    `variables` are further ones of the Caddyfile.
    """
    port, http_port = free_port(), free_port()
    command = [str(real_part("caddy").path), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    if hosts:
        file = folder / "hosts"
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for address, name in hosts.items())]
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
        command = ["unshare", "--mount", "sh", "-c", _WITH_HOSTS, "sh", str(file), *command]
    env = environment(
        folder,
        SITE_ADDRESS=f"localhost:{port}",
        HTTP_PORT=str(http_port),
        UPSTREAM_NAME=upstream,
        UPSTREAM_PORT=str(upstream_port),
        **variables,
    )
    with (folder / "caddy.log").open("ab") as log:
        process = subprocess.Popen(command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    caddy = Caddy(port, http_port, folder / "data/caddy/pki/authorities/local/root.crt")
    try:
        _wait(caddy, process, folder)
        yield caddy
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


def _wait(caddy: Caddy, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError, httpx.TransportError), caddy.client() as client:
            client.get("/metrics")
            return
        time.sleep(0.05)
    raise AssertionError((folder / "caddy.log").read_text(encoding="utf-8")[-4000:])
