"""The entry in `.gitignore` beside entries of other people, and taking it back."""

from __future__ import annotations

import pytest

from portal.snippets.dialects import dialect_for
from portal.snippets.dialects.base import IGNORE_COMMENT
from portal.snippets.places import GITIGNORE_LINE
from portal.snippets.targets import Platform, Shell
from tests.snippets.shells.machine import Machine, describe, needs

pytestmark = pytest.mark.parametrize("shell", [needs(Shell.BASH), needs(Shell.ZSH), needs(Shell.FISH)])

_OURS = f"{IGNORE_COMMENT}\n{GITIGNORE_LINE}\n".encode()


def _ignore(machine: Machine, shell: Shell) -> None:
    answer = machine.run(shell, dialect_for(Platform.LINUX, shell).ignore(GITIGNORE_LINE))
    assert not answer.stderr


def _unignore(machine: Machine, shell: Shell) -> None:
    answer = machine.run(shell, dialect_for(Platform.LINUX, shell).unignore(GITIGNORE_LINE))
    assert not answer.stderr


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"build/\n",
        b"build/",
        b"build/\r\ndist/\r\n",
        b"\n\n",
        b"caf\xe9 100% \\ 'x'\n",
        f"!{GITIGNORE_LINE}\nx{GITIGNORE_LINE}\n".encode(),
        f"{GITIGNORE_LINE}x\n".encode(),
    ],
)
def test_entry_is_added_once_and_taken_back(machine: Machine, shell: Shell, content: bytes) -> None:
    path = machine.project / ".gitignore"
    path.write_bytes(content)
    path.chmod(0o664)
    ended = content if content.endswith(b"\n") or not content else content + b"\n"
    for _ in range(2):
        _ignore(machine, shell)
        assert describe(path) == ("file", 0o664, ended + _OURS)
    _unignore(machine, shell)
    if content:
        assert describe(path) == ("file", 0o664, ended)
    assert {entry.name for entry in machine.project.iterdir()} <= {".gitignore"}


def test_file_is_made_and_removed(machine: Machine, shell: Shell) -> None:
    _ignore(machine, shell)
    assert describe(machine.project / ".gitignore") == ("file", 0o644, _OURS)
    _unignore(machine, shell)
    assert not list(machine.project.iterdir())
    _unignore(machine, shell)
    assert not list(machine.project.iterdir())


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_entry_of_somebody_else_is_neither_doubled_nor_removed(machine: Machine, shell: Shell, end: str) -> None:
    content = f"a\r\n{GITIGNORE_LINE}{end}".encode()
    path = machine.project / ".gitignore"
    path.write_bytes(content)
    _ignore(machine, shell)
    assert path.read_bytes() == content
    _unignore(machine, shell)
    assert path.read_bytes() == content


def test_only_our_two_lines_are_taken_back(machine: Machine, shell: Shell) -> None:
    path = machine.project / ".gitignore"
    path.write_bytes(b"before\n" + _OURS.replace(b"\n", b"\r\n") + f"after\n{GITIGNORE_LINE}\n".encode())
    _unignore(machine, shell)
    assert path.read_bytes() == f"before\nafter\n{GITIGNORE_LINE}\n".encode()


def test_nothing_is_lost_when_the_disk_is_full(machine: Machine, shell: Shell) -> None:
    path = machine.project / ".gitignore"
    path.write_bytes(b"mine\n" + _OURS)
    before = describe(path)
    full = ("bash", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "full")
    machine.run(shell, dialect_for(Platform.LINUX, shell).unignore(GITIGNORE_LINE), launcher=full)
    assert describe(path) == before
    assert [entry.name for entry in machine.project.iterdir()] == [".gitignore"]
