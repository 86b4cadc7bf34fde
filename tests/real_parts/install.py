"""`make real-parts`: gets every real part that this machine lacks; quick when nothing is missing.

Debian's packages come by apt-get (as root or by sudo), the rest goes into a cache outside the tree. Each part
succeeds or fails on its own; the exit code is 1 if one could not be had.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Final

from tests.real_parts import containers
from tests.real_parts.parts import (
    CLAUDE,
    CLAUDE_OLD,
    CONTAINER_BASE,
    CONTAINER_WHEELS,
    LITELLM,
    NODE_TOOLS,
    PARTS,
    ROOT,
    CachedPart,
    cache_folder,
)

_APT_OPTIONS: Final = ["-qq", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
_LOCK_WAIT_SECONDS: Final = 300
_KEEP_UNUSED_DAYS: Final = 14
_DEBIAN: Final = {
    "bash": ("bash",),
    "zsh": ("zsh",),
    "fish": ("fish",),
    "wine": ("wine", "wine64"),
    "postgresql": ("postgresql",),
    "redis": ("redis-server",),
    "caddy": ("caddy",),
    "buildah": ("buildah", "debootstrap"),
    "wrk": ("wrk",),
    "curl": ("curl",),
    "promtool": ("prometheus",),
    "faketime": ("libfaketime",),
    "chromium": ("chromium", "fonts-dejavu-core", "libatomic1"),  # the last for Playwright's own Node.js
}


class NotInstalled(Exception):  # noqa: N818 - the outcome's name
    """A part could not be had; the message says why and what to do."""


def main() -> int:
    """Get every part, say what happened to each, and give the exit code."""
    say(f"Real parts; large ones are kept in {cache_folder()}")
    jobs: list[tuple[str, Callable[[], str]]] = [
        *((name, partial(get_debian, name)) for name in _DEBIAN),
        ("node", get_node),
        ("claude", partial(get_npm, CLAUDE, "node_modules/.bin/claude")),
        ("claude-old", partial(get_npm, CLAUDE_OLD, "node_modules/.bin/claude")),
        ("node-tools", partial(get_npm, NODE_TOOLS, "node_modules/.bin/lighthouse")),
        ("litellm", get_litellm),
        ("container-base", get_container_base),
        ("container-wheels", get_container_wheels),
    ]
    failed = [name for name, job in jobs if not _carry_out(name, job)]
    if failed:
        say(f"Could not be had: {', '.join(failed)} (the reasons are above). The others are ready.")
        return 1
    say("All real parts are ready.")
    return 0


def say(line: str) -> None:
    """Print one line at once, so that a log shows the progress."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _carry_out(name: str, job: Callable[[], str]) -> bool:
    started = time.monotonic()
    try:
        outcome = job()
    except (NotInstalled, OSError, subprocess.SubprocessError) as error:
        say(f"  {name:<11} FAILED: {error}")
        return False
    say(f"  {name:<11} {outcome} ({time.monotonic() - started:.1f} s)")
    return True


# Debian's packages


def get_debian(name: str) -> str:
    """Make sure of a part that comes as Debian packages."""
    packages = _DEBIAN[name]
    found = PARTS[name].find()
    if found and not (_missing_packages(packages) and _privilege() is not None):
        return f"is here: {found}"
    _apt_install(packages)
    if not (found := PARTS[name].find()):
        raise NotInstalled(f"the packages {' '.join(packages)} are installed, but {name} does not run.")
    return f"installed: {found}"


def get_node() -> str:
    """Make sure of Node.js with npm, which get and run the parts below it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        _apt_install(tuple(package for package, found in (("nodejs", node), ("npm", npm)) if not found))
        node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        raise NotInstalled("the packages nodejs and npm are installed, but node and npm are not in the PATH.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"is here: {node} {version}"


def _missing_packages(packages: Sequence[str]) -> list[str]:
    """Those that dpkg does not know as installed; none on a system without dpkg."""
    if not shutil.which("dpkg-query"):
        return []
    return [package for package in packages if not _is_package_installed(package)]


def _is_package_installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


@cache
def _privilege() -> tuple[str, ...] | None:
    """What to put before a command to run it as root: nothing, sudo, or None when neither is possible."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return (sudo, "-n")
    return None


def _apt_install(packages: Sequence[str]) -> None:
    as_root = _privilege()
    if as_root is None:
        if shutil.which("apt-get"):
            raise NotInstalled(f"as root, run: apt-get install -y --no-install-recommends {' '.join(packages)}")
        raise NotInstalled(f"install it with your system's package manager (Debian calls it {' '.join(packages)}).")
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *_APT_OPTIONS]
    _refresh_package_lists(tuple(apt))
    _run_apt([*apt, "install", "--no-install-recommends", *packages])


@cache
def _refresh_package_lists(apt: tuple[str, ...]) -> None:
    """Once in a run; old lists may still do, so a failure is only told."""
    try:
        _run_apt([*apt, "update"])
    except NotInstalled as problem:
        say(f"  apt-get update failed, going on with the lists that are there: {problem}")


def _run_apt(command: Sequence[str]) -> None:
    """Run apt-get, waiting for the locks that its own option does not cover (package lists, archives)."""
    deadline = time.monotonic() + _LOCK_WAIT_SECONDS
    while True:
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return
        if "lock" not in answer.stderr or time.monotonic() > deadline:
            raise NotInstalled(f"`{' '.join(command)}` said:\n{_excerpt(answer)}")
        say("  waiting for another apt-get to finish …")
        time.sleep(10)


# The cache


def get_npm(part: CachedPart, program: str) -> str:
    """Make sure of an npm part: exactly what its lock file says; `program` must then tell its version."""

    def fill(folder: Path) -> None:
        npm = shutil.which("npm")
        if not npm:
            raise NotInstalled("npm is missing (see node above).")
        for source in (part.lock, part.lock.with_name("package.json"), ROOT / ".npmrc"):
            shutil.copy(source, folder)
        _run([npm, "ci", "--no-progress", "--loglevel=error"], cwd=folder)
        _run([folder / program, "--version"])

    return _get_cached(part, fill)


def get_litellm() -> str:
    """Make sure of LiteLLM in a virtual environment of its own."""

    def fill(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", "--without-pip", folder])
        # By pip, which made .venv on this machine: it knows the certificates and the index that are set up here.
        pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
        _run([*pip, "install", "--quiet", "--no-input", "--require-hashes", "-r", LITELLM.lock], env={"PIP_USER": "0"})
        _run([folder / "bin" / "litellm", "--version"], env={"LITELLM_LOCAL_MODEL_COST_MAP": "True"})

    return _get_cached(LITELLM, fill)


def get_container_base() -> str:
    """Make sure of the stand-in for the image that the Dockerfile begins with: a minute and a half, 200 MB."""

    def fill(folder: Path) -> None:
        if not PARTS["buildah"].find():
            raise NotInstalled("it is made by buildah and debootstrap, as root (see buildah above).")
        for command in containers.base_commands(CONTAINER_BASE.lock, folder):
            _run(command)

    return _get_cached(CONTAINER_BASE, fill)


def get_container_wheels() -> str:
    """Make sure of the wheels that go into the portal's image, so that it is built without a network."""

    def fill(folder: Path) -> None:
        _run(containers.wheels_command(folder), env={"PIP_USER": "0"})
        containers.write_pip_configuration(folder)

    return _get_cached(CONTAINER_WHEELS, fill)


def _get_cached(part: CachedPart, fill: Callable[[Path], None]) -> str:
    """Fill the part's folder unless it is complete; one process at a time, and never half."""
    folder, mark = part.folder(), part.complete_mark()
    with _locked(part):
        if mark.is_file():
            mark.touch()
            return f"is here: {folder}"
        say(f"  {part.name:<11} installing …")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        fill(folder)
        mark.touch()
        _drop_unused(part)
    return f"installed: {folder}"


@contextlib.contextmanager
def _locked(part: CachedPart) -> Iterator[None]:
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / f"{part.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _drop_unused(part: CachedPart) -> None:
    """Remove other versions of the part that no run has asked for lately, finished or not."""
    oldest = time.time() - _KEEP_UNUSED_DAYS * 24 * 3600
    for other in cache_folder().glob(f"{part.name}-" + "[0-9a-f]" * 16):
        mark = other / ".complete"
        if (mark if mark.is_file() else other).stat().st_mtime < oldest:
            shutil.rmtree(other, ignore_errors=True)


def _run(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    answer = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise NotInstalled(f"`{' '.join(map(str, command))}` said:\n{_excerpt(answer)}")


def _excerpt(answer: subprocess.CompletedProcess[str]) -> str:
    """The beginning and the end of what a command said: npm tells the reason first, apt-get last."""
    lines = (answer.stdout + answer.stderr).splitlines()
    shown = lines if len(lines) <= 30 else [*lines[:15], "…", *lines[-15:]]
    return "\n".join(f"    {line}" for line in shown)


if __name__ == "__main__":
    sys.exit(main())
