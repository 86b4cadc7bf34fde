"""Many prepared homes and one process of the launching shell that works through them, run after run.

A run of the script costs a tenth of a second and more, so nothing else may cost: the shell is started once for a
folder of homes, and what became of each home is looked at afterwards, in Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.scripts.apply.machine import GOOD_KEY, Machine, program

_POSIX: Final = """for home in "$HOMES"/*; do
    HOME=$home/home
    cd "$home/project" || exit 1
    {run} "$home/apply.sh" {options} >"$home/said" 2>&1
    echo $? >"$home/code"
done
"""
_FISH: Final = """for home in $HOMES/*
    set -x HOME $home/home
    cd $home/project; or exit 1
    cat $home/apply.sh | sh -s -- {options} >$home/said 2>&1
    echo $status >$home/code
end
"""
LAUNCHERS: Final[Mapping[str, tuple[str, ...]]] = {
    "dash": ("dash",),
    "bash": ("bash", "--norc", "--noprofile"),
    "zsh": ("zsh", "-f"),
    "fish": ("fish", "--no-config"),
}
"""By name, what starts each shell without start-up files. fish reads no POSIX script: people there run `… | sh`."""

APPLY: Final = ("--no-check", "--key-env", "THE_KEY")
UNDO: Final = ("--undo",)


@dataclass(frozen=True, slots=True)
class Home:
    """One visitor's home and project, and what the last run said there."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def script(self) -> Path:
        return self.folder / "apply.sh"

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8", errors="surrogateescape")

    @property
    def code(self) -> int:
        return int((self.folder / "code").read_text())

    def change_script(self, old: str, new: str) -> None:
        """Give this home a script of its own."""
        text = self.script.read_text()
        assert text.count(old) == 1
        self.script.unlink()
        self.script.write_text(text.replace(old, new))

    def state(self) -> dict[str, tuple[int, int, int, bytes]]:
        """Every file with its mode, its identity and the time of its last change, and its content."""
        found = {}
        for top in (self.home, self.project):
            for folder, _folders, names in os.walk(top):
                for name in names:
                    path = Path(folder, name)
                    seen = path.stat()
                    found[str(path)] = (seen.st_mode, seen.st_ino, seen.st_mtime_ns, path.read_bytes())
        return found


class Street:
    """Homes side by side on one machine; `run` lets the shell work through those that are left."""

    def __init__(self, machine: Machine, shell: str) -> None:
        self._machine = machine
        self._shell = shell
        self._homes = machine.root / "homes"
        self._homes.mkdir()

    def build(self, name: str, script: Path, repository: Path | None = None) -> Home:
        """A home without settings."""
        home = Home(self._homes / name)
        home.home.mkdir(parents=True)
        home.project.mkdir()
        home.script.symlink_to(script)
        if repository:
            shutil.copytree(repository, home.project / ".git")
        return home

    def leave(self, home: Home) -> None:
        """This home is done: no later run goes there."""
        shutil.rmtree(home.folder)

    def run(self, options: Sequence[str]) -> None:
        """Run the script in each home that is left, in the order of their names.

        Raises:
            AssertionError: something was left in the folder for temporary files, or the key was shown.
        """
        name, *flags = LAUNCHERS[self._shell]
        path = str(program(name))
        text = (_FISH if name == "fish" else _POSIX).format(run=" ".join([path, *flags]), options=" ".join(options))
        home = self._machine.root / "launcher"
        home.mkdir(exist_ok=True)
        environment = self._machine.environment(THE_KEY=GOOD_KEY, HOMES=str(self._homes)) | {"HOME": str(home)}
        count = len(list(self._homes.iterdir()))
        if not count:
            return
        subprocess.run(
            [path, *flags, "-c", text],
            env=environment,
            cwd=home,
            stdin=subprocess.DEVNULL,
            timeout=30 + 20 * count,
            check=True,
            start_new_session=True,
        )
        left = [path.name for path in (self._machine.root / "tmp").iterdir() if not path.name.startswith("fish.")]
        assert not left, left


def empty_repository(machine: Machine) -> Path:
    """A `.git` to copy: Git's own programs would be slower than the script."""
    folder = machine.root / "repository"
    command = [str(program("git")), "init", "-q", "--template=", str(folder)]
    subprocess.run(command, check=True, env={"HOME": str(machine.home), "PATH": "/usr/bin:/bin"})
    return folder / ".git"


def copies(path: Path) -> list[bytes]:
    """What the backups beside the file hold."""
    return [copy.read_bytes() for copy in sorted(path.parent.glob(f"{path.name}.backup-*"))]


def modes(paths: Iterable[Path]) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in paths}
