"""A fresh computer account for one test: home, project and system folders, and the real shells to run texts in.

Declared differences from a visitor's machine: the folder of the managed settings is replaced in the text by one
below the test's own, and `sudo` is a stand-in that runs its arguments (and leaves a note that it was called).
"""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from portal.profile.model import GatewayProfile
from portal.snippets.configure import configure_section, undo_section
from portal.snippets.places import managed_settings
from portal.snippets.targets import Platform, Scope, Shell, Target
from tests.snippets.samples import HOSTILE_KEY, choose, fill

UNIX_SHELLS: Final = (Shell.BASH, Shell.ZSH, Shell.FISH)
FILE_SCOPES: Final = (Scope.USER, Scope.LOCAL, Scope.PROJECT, Scope.MANAGED)
REAL_PART: Final = {Shell.BASH: "bash", Shell.GIT_BASH: "bash", Shell.ZSH: "zsh", Shell.FISH: "fish", Shell.CMD: "wine"}

_CLEAN: Final[dict[str, Sequence[str]]] = {
    "bash": ("bash", "--norc", "--noprofile"),
    "zsh": ("zsh", "-f"),
    "fish": ("fish",),
}
_NEW_TERMINAL: Final[dict[str, Sequence[str]]] = {
    "bash": ("bash", "-i"),
    "zsh": ("zsh", "-i"),
    "fish": ("fish", "-i"),
}
_LOGIN_BASH: Final = ("bash", "-l", "-i")
_KEPT_BY_SHELLS: Final = frozenset({".config", ".local", ".cache", ".zcompdump"})

Entry = tuple[str, int, bytes]
"""A file: its kind, its mode, its content (or where a link leads)."""


def needs(shell: Shell, *values: object) -> object:
    """A parameter set of pytest that needs the shell's real part."""
    return pytest.param(shell, *values, marks=pytest.mark.real(REAL_PART[shell]), id=shell.value)


@dataclass(frozen=True, slots=True)
class Machine:
    """The account; every path of it lies below `root`."""

    root: Path
    home: Path
    project: Path
    system: Path

    @classmethod
    def at(cls, root: Path, home: str = "the home of you") -> Machine:
        """A new account whose home folder has this name."""
        machine = cls(root, root / home, root / "a project", root / "system" / "Claude Code")
        for folder in (machine.home, machine.project, machine.system.parent, root / "bin"):
            folder.mkdir(parents=True)
        sudo = root / "bin" / "sudo"
        sudo.write_text(f'#!/bin/sh\necho "$*" >> "{root}/sudo.log"\nexec "$@"\n')
        sudo.chmod(0o755)
        return machine

    def localise(self, text: str, platform: Platform) -> str:
        """The text with the folder of the managed settings below `root`."""
        folder = managed_settings(platform).parts[0]
        return text.replace(folder.replace("\\", "/"), str(self.system))

    def run(
        self,
        shell: Shell,
        text: str,
        *,
        env: Mapping[str, str] | None = None,
        before: str = "",
        launcher: Sequence[str] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run a pasted text in a clean shell, in the project's folder, with umask 022; `before` is run ahead of it."""
        script = self.root / "paste"
        script.write_text(f"{before}\n{text}\n" if before else f"{text}\n", "utf-8")
        return self._run([*launcher, *_CLEAN[REAL_PART[shell]], str(script)], env)

    def run_and_read(
        self, shell: Shell, text: str, env: Mapping[str, str] | None = None
    ) -> tuple[dict[str, str], subprocess.CompletedProcess[str]]:
        """Run a text and read the environment that its shell then gives to programs."""
        answer = self.run(shell, f"{text}\nenv -0 > '{self._read_back}'", env=env)
        return self._environment(), answer

    def new_terminal(self, platform: Platform, shell: Shell, env: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a program sees that is started from a new terminal: the start-up files have been read."""
        macos_bash = platform is Platform.MACOS and shell is Shell.BASH
        arguments = _LOGIN_BASH if macos_bash else _NEW_TERMINAL[REAL_PART[shell]]
        self._run([*arguments, "-c", f"env -0 > '{self._read_back}'"], env)
        return self._environment()

    def files(self) -> dict[str, Entry]:
        """Every file, folder and link of home, project and system, except what the shells keep for themselves."""
        found: dict[str, Entry] = {}
        for folder in (self.home, self.project, self.system.parent):
            for path in sorted(folder.rglob("*")):
                if not _KEPT_BY_SHELLS & set(path.relative_to(folder).parts):
                    found[path.relative_to(self.root).as_posix()] = describe(path)
        return found

    @property
    def _read_back(self) -> Path:
        return self.root / "environment"

    def _environment(self) -> dict[str, str]:
        lines = self._read_back.read_bytes().decode().split("\0")
        self._read_back.unlink()
        return dict(line.split("=", 1) for line in lines if line)

    def _run(self, arguments: Sequence[str], env: Mapping[str, str] | None) -> subprocess.CompletedProcess[str]:
        # A session of its own: an interactive shell would otherwise reach for the terminal that pytest runs in.
        return subprocess.run(
            arguments,
            env={**self.environment, **(env or {})},
            cwd=self.project,
            umask=0o022,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
            start_new_session=True,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which shells are started."""
        path = f"{self.root / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        return {"HOME": str(self.home), "PATH": path, "LC_ALL": "C.UTF-8", "TERM": "dumb"}


def describe(path: Path) -> Entry:
    """Kind, mode and content of a path, without following a link."""
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return "link", 0, str(path.readlink()).encode()
    if stat.S_ISDIR(status.st_mode):
        return "folder", mode, b""
    return "file", mode, path.read_bytes()


def configure_text(machine: Machine, target: Target, profile: GatewayProfile, key: str = HOSTILE_KEY) -> str:
    """The blocks of the configure section, one after the other, ready to run on this machine."""
    section = configure_section(choose(target, profile), profile)
    assert section.refusal is None
    return machine.localise(fill("\n".join(block.text for block in section.blocks), key), target.platform)


def undo_text(machine: Machine, target: Target, profile: GatewayProfile, key: str = HOSTILE_KEY) -> str:
    """The block of the undo section, ready to run on this machine."""
    section = undo_section(choose(target, profile), profile)
    assert section.refusal is None
    return machine.localise(fill("\n".join(block.text for block in section.blocks), key), target.platform)
