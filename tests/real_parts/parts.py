"""Owns the table of real parts: what each is called, where it is found, how to get it. Knows nothing of pytest.

Imports the standard library only, because the installer runs it too.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class RealPart:
    """One real thing that tests run against.

    `find` gives the path to use, or None when this machine does not have it. A part that is not `required` may be
    missing even in CI: its tests are then skipped there, too.
    """

    name: str
    find: Callable[[], Path | None]
    how_to_get: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class CachedPart:
    """A part that lives in the cache, in a folder named by the content of its lock file and by this machine's kind."""

    name: str
    lock: Path
    made_with: str = ""

    def folder(self) -> Path:
        """Where this very version belongs; a changed lock file means another folder."""
        identity = f"{sys.platform} {platform.machine()} {self.made_with}".encode()
        return cache_folder() / f"{self.name}-{hashlib.sha256(identity + self.lock.read_bytes()).hexdigest()[:16]}"

    def complete_mark(self) -> Path:
        """The file that says that the folder was installed to the end."""
        return self.folder() / ".complete"

    def find(self, inside: str) -> Path | None:
        """The path of something in the folder, or None if the folder is not complete."""
        path = self.folder() / inside
        return path if self.complete_mark().is_file() and path.exists() else None


CLAUDE: Final = CachedPart("claude", _HERE / "claude-code" / "package-lock.json")
CLAUDE_OLD: Final = CachedPart("claude-old", _HERE / "claude-code-old" / "package-lock.json")
NODE_TOOLS: Final = CachedPart("node", _HERE / "node" / "package-lock.json")
LITELLM: Final = CachedPart(
    "litellm",
    _HERE / "litellm-requirements.txt",
    made_with=f"{sys.version} {sys.base_prefix}",
)

CONTAINER_BASE: Final = CachedPart("container-base", _HERE / "container-base.sh")
CONTAINER_WHEELS: Final = CachedPart(
    "container-wheels",
    ROOT / "requirements.txt",
    made_with=(ROOT / "requirements-build.txt").read_text(encoding="utf-8"),
)


def cache_folder() -> Path:
    """Where large parts are kept, outside the tree: `ONBOARDING_CACHE`, else the user's cache folder."""
    given = os.environ.get("ONBOARDING_CACHE")
    if given:
        return Path(given).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "onboarding-portal"


def _program(*names: str) -> Callable[[], Path | None]:
    def find() -> Path | None:
        found = next(filter(None, map(shutil.which, names)), None)
        return Path(found) if found else None

    return find


def _as_root(name: str) -> Callable[[], Path | None]:
    """A program that is of use to root only: it mounts file systems."""
    find = _program(name)
    return lambda: find() if sys.platform == "linux" and os.geteuid() == 0 else None


def _find_postgresql() -> Path | None:
    """The server's own program; Debian keeps it out of the PATH, one folder for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    found = shutil.which("postgres")
    return versions[-1] if versions else Path(found).resolve() if found else None


def _find_wine() -> Path | None:
    """Wine only counts if it starts: Debian's `wine` is a script that fails without a loader such as `wine64`."""
    wine = shutil.which("wine")
    if not wine:
        return None
    answer = subprocess.run([wine, "--version"], capture_output=True, timeout=30, check=False)
    return Path(wine) if answer.returncode == 0 else None


def _find_faketime() -> Path | None:
    """The library that is loaded before a program to set its clock; Debian has a folder for each architecture."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def _cached(part: CachedPart, inside: str) -> Callable[[], Path | None]:
    return lambda: part.find(inside)


def _find_powershell_grammar() -> Path | None:
    spec = importlib.util.find_spec("tree_sitter_powershell")
    return Path(spec.origin) if spec and spec.origin else None


def _find_shared_facts() -> Path | None:
    folder = ROOT.parent / "shared"
    return folder if (folder / "schema").is_dir() else None


@cache
def _find_package_index() -> Path | None:
    """The pip that can reach a package index; asked once, by getting one small package that the lock file names."""
    with tempfile.TemporaryDirectory() as folder:
        line = next(line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if "iniconfig==" in line)
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--retries", "0"]
        answer = subprocess.run(
            [*download, "--timeout", "15", "--dest", folder, line.split()[0]],
            capture_output=True,
            check=False,
        )
    return Path(sys.executable) if answer.returncode == 0 else None


def _find_advisories() -> Path | None:
    from tests.real_parts.advisories import find_source  # noqa: PLC0415 - the installer has no use for it

    return Path(sys.executable) if find_source() else None


def _debian(packages: str) -> str:
    return f"make real-parts (Debian: apt-get install {packages})"


_MAKE: Final = "make real-parts"

PARTS: Final[dict[str, RealPart]] = {
    part.name: part
    for part in (
        RealPart("bash", _program("bash"), "install bash with your system's package manager"),
        RealPart("zsh", _program("zsh"), _debian("zsh")),
        RealPart("fish", _program("fish"), _debian("fish")),
        RealPart("wine", _find_wine, _debian("wine wine64")),
        RealPart("postgresql", _find_postgresql, _debian("postgresql")),
        RealPart("redis", _program("redis-server"), _debian("redis-server")),
        RealPart("caddy", _program("caddy"), _debian("caddy")),
        RealPart("buildah", _as_root("buildah"), _debian("buildah debootstrap")),
        RealPart("container-base", _cached(CONTAINER_BASE, "store"), _MAKE),
        RealPart("container-wheels", _cached(CONTAINER_WHEELS, "pip.conf"), _MAKE),
        RealPart("wrk", _program("wrk"), _debian("wrk")),
        RealPart("curl", _program("curl"), _debian("curl")),
        RealPart("promtool", _program("promtool"), _debian("prometheus")),
        RealPart("faketime", _find_faketime, _debian("libfaketime")),
        RealPart(
            "chromium",
            _program("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"),
            _debian("chromium fonts-dejavu-core libatomic1"),
        ),
        RealPart("claude", _cached(CLAUDE, "node_modules/.bin/claude"), _MAKE),
        RealPart("claude-old", _cached(CLAUDE_OLD, "node_modules/.bin/claude"), _MAKE),
        RealPart("litellm", _cached(LITELLM, "bin/litellm"), _MAKE),
        RealPart("axe", _cached(NODE_TOOLS, "node_modules/axe-core/axe.min.js"), _MAKE),
        RealPart("html-validate", _cached(NODE_TOOLS, "node_modules/.bin/html-validate"), _MAKE),
        RealPart("csp-evaluator", _cached(NODE_TOOLS, "node_modules/csp_evaluator"), _MAKE),
        RealPart("lighthouse", _cached(NODE_TOOLS, "node_modules/.bin/lighthouse"), _MAKE),
        RealPart("tree-sitter-powershell", _find_powershell_grammar, "make test installs it"),
        RealPart("package-index", _find_package_index, "a network in which pip can download packages"),
        RealPart("advisories", _find_advisories, "a network with a source of advisories (pypi or osv)", required=False),
        RealPart("shared-facts", _find_shared_facts, "a folder `shared` beside the tree", required=False),
    )
}
