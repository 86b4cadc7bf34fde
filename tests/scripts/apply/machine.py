"""A visitor's machine: a home, a folder of programs that are all there is, and the gateway on this machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from portal.profile.load import load_profile
from portal.scripts.apply import render_apply_sh
from portal.snippets.choices import Choices, recommended_choices
from portal.snippets.targets import Platform, Scope, Shell, Target

GUIDE: Final = "https://portal.example/?os=linux&shell=bash"
GOOD_KEY: Final = "sk-demo-good"
SHELLS: Final[Mapping[str, tuple[str, ...]]] = {
    "dash": ("dash",),
    "bash": ("bash", "--norc", "--noprofile"),
    "zsh": ("zsh", "--emulate", "sh", "-f"),
    "busybox": ("busybox", "sh"),
}
ENGINES: Final = ("python3", "node", "jq", "perl")
_BASE: Final = (
    *("cat", "head", "tail", "tr", "sed", "grep", "od", "wc", "cmp", "awk", "find", "ls", "env", "sh", "sleep", "date"),
    *("cp", "mv", "rm", "mkdir", "rmdir", "chmod", "readlink", "mktemp", "stty", "id", "curl", "git"),
)


def program(name: str) -> Path:
    """A program of this machine; skips the test by the program's name if there is none."""
    found = os.path.realpath(sys.executable) if name == "python3" else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is missing on this machine")
    return Path(found)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a script runs. `bin` is the whole PATH."""

    root: Path
    gateway: str

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def settings(self) -> Path:
        return self.home / ".claude" / "settings.json"

    @property
    def record(self) -> Path:
        return self.settings.with_name("settings.json.portal-undo")

    def install(self, *names: str) -> None:
        """Put programs of this machine on the PATH."""
        for name in names:
            (self.bin / name).symlink_to(program(name))

    def add_program(self, name: str, text: str) -> None:
        """Put a program of our own on the PATH, in the place of the one that is there."""
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def script(self, choices: Choices | None = None, replaced: Mapping[str, str] | None = None) -> Path:
        """The script for these choices, with the gateway of this test."""
        profile = replace(load_profile("tokenbay"), base_url=self.gateway)
        text = render_apply_sh(choices or choose(), profile, GUIDE)
        for old, new in (replaced or {}).items():
            assert old in text
            text = text.replace(old, new)
        path = self.root / "apply.sh"
        path.write_text(text)
        return path

    def environment(self, **more: str) -> dict[str, str]:
        temporary = self.root / "tmp"
        temporary.mkdir(exist_ok=True)
        return {"HOME": str(self.home), "PATH": str(self.bin), "TMPDIR": str(temporary), **more}

    def run(  # all optional, all by name
        self,
        *options: str,
        script: Path | None = None,
        shell: Sequence[str] = SHELLS["dash"],
        key: str = GOOD_KEY,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        user: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run the script without a terminal, with the key in a variable; it must leave nothing behind."""
        named = ["--key-env", "THE_KEY"] if key else []
        answer = subprocess.run(
            [program(shell[0]), *shell[1:], str(script or self.script()), *named, *options],
            env=self.environment(**({"THE_KEY": key} if key else {}), **(env or {})),
            cwd=cwd or self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            start_new_session=True,
            user=user,
        )
        assert not [path for path in (self.root / "tmp").iterdir() if not path.name.startswith("fish.")]
        if len(key) > 8:
            assert key not in answer.stdout + answer.stderr
        return answer

    def write_settings(self, data: bytes) -> None:
        self.settings.parent.mkdir(exist_ok=True)
        self.settings.write_bytes(data)


def make_machine(root: Path, gateway: str, engine: str | None = "perl") -> Machine:
    """A new machine with the usual programs and one engine."""
    machine = Machine(root, gateway)
    machine.home.mkdir(parents=True)
    machine.bin.mkdir()
    machine.install(*_BASE, *([engine] if engine else []))
    return machine


def choose(
    scope: Scope = Scope.USER,
    shell: Shell = Shell.BASH,
    platform: Platform = Platform.LINUX,
) -> Choices:
    """The recommended choices for this target."""
    return replace(recommended_choices(load_profile("tokenbay"), platform), target=Target(platform, shell, scope))


def tree(folder: Path) -> dict[str, str]:
    """Every path below the folder with its mode and a digest of its content or target."""
    found = {}
    for path in sorted(folder.rglob("*")):
        content = bytes(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        mode = oct(path.lstat().st_mode)
        found[str(path.relative_to(folder))] = f"{mode} {hashlib.sha256(content).hexdigest()}"
    return found
