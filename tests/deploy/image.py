"""The portal's image, really built, and processes in it as an engine would start them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from tests.real_parts.containers import WHEELS_AT, buildah
from tests.real_parts.parts import ROOT
from tests.real_parts.plugin import real_part

BUILD_SECONDS: Final = 900
START_SECONDS: Final = 120.0
DATA: Final = "/var/lib/portal"
_TAG: Final = "onboarding-portal"

# An engine's `--read-only --tmpfs /tmp` with a volume and no capability: a root that is this folder, and process 1.
_START: Final = f"""
set -e
root=$1 data=$2 user=$3 path=$4
shift 4
mount --bind "$root" "$root"
cd "$root"
mount -o remount,bind,ro "$root"
mount -t tmpfs -o size=64m,mode=1777 tmpfs "$root/tmp"
mount --bind "$data" "$root{DATA}"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot --userspec="$user" --groups= "$root" /usr/bin/env "PATH=$path" "$@"
"""


@dataclass(frozen=True, slots=True)
class Image:
    """A built image: what it declares, and its files as they are mounted here."""

    root: Path
    declares: Mapping[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that it sets."""
        return dict(line.split("=", 1) for line in self.declares["Env"])

    @property
    def command(self) -> list[str]:
        """What it runs when nothing else is asked for."""
        return [*self.declares["Entrypoint"], *self.declares["Cmd"]]

    def files(self) -> Iterator[Path]:
        """Every file in it, as paths from its root."""
        for folder, _, names in os.walk(self.root):
            yield from (Path("/") / (Path(folder) / name).relative_to(self.root) for name in names)

    def start(self, *command: str, data: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a command in it, as its own user: nothing can be written but `data` and /tmp."""
        os.chown(data, *map(int, self.declares["User"].split(":")))
        isolate = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _START, "sh"]
        inside = {**self.environment, **(env or {})}
        return subprocess.Popen(
            [*isolate, str(self.root), str(data), self.declares["User"], inside["PATH"], *command],
            env={**inside, "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(
        self, *command: str, data: Path, env: Mapping[str, str] | None = None, seconds: float = 120
    ) -> tuple[int, str]:
        """Run a command in it to its end: the exit code and all that it said."""
        process = self.start(*command, data=data, env=env)
        said, _ = process.communicate(timeout=seconds)
        return process.returncode, said


@contextmanager
def built_image() -> Iterator[Image]:
    """The Dockerfile of this tree, built without a network on the stand-in base, and gone afterwards."""
    wheels = real_part("container-wheels").path
    base = real_part("container-base").path
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        store = Path(folder) / "store"
        options = ["--isolation", "chroot", "--pull-never", "--format", "docker", "--layers"]
        secret = ["--secret", f"id=pip,src={wheels}", "--volume", f"{wheels.parent}:{WHEELS_AT}:ro"]
        _call(buildah(store, "bud", *options, *secret, "--tag", _TAG, ROOT, images=base))
        _call(buildah(store, "from", "--pull-never", "--name", "it", _TAG, images=base))
        try:
            mounted = _call(buildah(store, "mount", "it", images=base)).strip()
            described = json.loads(_call(buildah(store, "inspect", "--type", "image", _TAG, images=base)))
            yield Image(Path(mounted), described["Docker"]["config"])
        finally:
            _unmount_below(store)


def first_process(process: subprocess.Popen[str]) -> int:
    """The number, outside, of what is process 1 inside."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + START_SECONDS
    while not (found := children.read_text(encoding="utf-8").split()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(found[0])


def stop(process: subprocess.Popen[str], how: str = "SIGTERM", *, seconds: float = 30) -> tuple[int, str]:
    """Stop process 1 as an engine does; the exit code and all that was said."""
    with suppress(ProcessLookupError, ValueError):
        os.kill(first_process(process), signal.Signals[how])
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, said


def wait_until_answering(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    """Wait for the first answer of whatever status."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            client.get("/healthz")
            return
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"the portal does not answer:\n{process.communicate()[0]}")


def _unmount_below(folder: Path) -> None:
    """What buildah mounted, its intermediate containers included: it leaves those that stand on another store."""
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    for mount in reversed(mounts):
        if Path(mount).is_relative_to(folder):
            subprocess.run(["umount", "--lazy", mount], check=True)


def _call(command: list[str | Path]) -> str:
    answer = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
    )
    assert answer.returncode == 0, answer.stdout[-4000:] + answer.stderr[-4000:]
    return answer.stdout
