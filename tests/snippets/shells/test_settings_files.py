"""Files that are there already, that were edited, or that cannot be written: nothing of the visitor's is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.snippets.targets import Scope, Shell
from tests.snippets.samples import HOSTILE, PLAIN, on_linux
from tests.snippets.shells.machine import FILE_SCOPES, Machine, configure_text, describe, needs, undo_text

pytestmark = pytest.mark.parametrize("shell", [needs(Shell.BASH), needs(Shell.ZSH), needs(Shell.FISH)])

_EXISTS = "already exists. Nothing was changed."
_KEPT = "is not what this page writes for this key and these choices. Nothing was removed."

_HABITS = {
    Shell.BASH: (
        "shopt -s expand_aliases\n"
        "alias rm='rm -i' cp='cp -i' mv='mv -i' cat='cat -n' grep='grep --color=always'\nset -C; set -u"
    ),
    Shell.ZSH: "alias rm='rm -i' cp='cp -i' mv='mv -i' cat='cat -n' grep='grep --color=always'\nset -C; set -u",
    Shell.FISH: "\n".join(f"function {name}; command {name} -i $argv; end" for name in ("rm", "cp", "mv", "grep")),
}


def _file_of(machine: Machine, scope: Scope) -> Path:
    return {
        Scope.USER: machine.home / ".claude" / "settings.json",
        Scope.LOCAL: machine.project / ".claude" / "settings.local.json",
        Scope.PROJECT: machine.project / ".claude" / "settings.json",
        Scope.MANAGED: machine.system / "managed-settings.json",
    }[scope]


def _write(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


_THERE: dict[str, Callable[[Path], object]] = {
    "settings": _write(b'{"model": "opus"}\n'),
    "empty": _write(b""),
    "broken": _write(b"\xff\xfe{\0"),
    "folder": Path.mkdir,
    "link": lambda path: path.symlink_to("other.json"),
    "link-to-nowhere": lambda path: path.symlink_to("/no/such/folder/x"),
    "link-to-itself": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("make", _THERE.values(), ids=_THERE.keys())
@pytest.mark.parametrize("scope", FILE_SCOPES)
def test_what_is_there_stays_as_it_is(
    machine: Machine, shell: Shell, scope: Scope, make: Callable[[Path], object]
) -> None:
    path = _file_of(machine, scope)
    path.parent.mkdir(parents=True)
    make(path)
    before = describe(path)
    answer = machine.run(shell, configure_text(machine, on_linux(shell, scope), PLAIN))
    assert not answer.stderr
    assert f"{path.name} {_EXISTS}" in answer.stdout
    assert describe(path) == before
    undone = machine.run(shell, undo_text(machine, on_linux(shell, scope), PLAIN))
    assert f"{path.name} {_KEPT}" in undone.stdout
    assert describe(path) == before
    assert not (path.parent / "other.json").exists()


@pytest.mark.parametrize("scope", [Scope.USER, Scope.PROJECT])
def test_folder_of_the_client_stays_with_what_is_in_it(machine: Machine, shell: Shell, scope: Scope) -> None:
    other = _file_of(machine, scope).parent / "CLAUDE.md"
    other.parent.mkdir(mode=0o700)
    other.write_text("mine\n")
    before = machine.files()
    machine.run(shell, configure_text(machine, on_linux(shell, scope), HOSTILE))
    machine.run(shell, undo_text(machine, on_linux(shell, scope), HOSTILE))
    assert machine.files() == before


@pytest.mark.parametrize("change", [b"\n", b" ", b"x", b"\0"])
@pytest.mark.parametrize("scope", FILE_SCOPES)
def test_undo_keeps_an_edited_file_and_says_so(machine: Machine, shell: Shell, scope: Scope, change: bytes) -> None:
    target = on_linux(shell, scope)
    machine.run(shell, configure_text(machine, target, PLAIN))
    path = _file_of(machine, scope)
    path.write_bytes(path.read_bytes() + change)
    edited = describe(path)
    answer = machine.run(shell, undo_text(machine, target, PLAIN))
    assert f"{path.name} {_KEPT}" in answer.stdout
    assert describe(path) == edited


def test_undo_keeps_the_file_of_another_key(machine: Machine, shell: Shell) -> None:
    target = on_linux(shell, Scope.USER)
    machine.run(shell, configure_text(machine, target, PLAIN, "one-key"))
    answer = machine.run(shell, undo_text(machine, target, PLAIN, "other-key"))
    assert _KEPT in answer.stdout
    assert _file_of(machine, Scope.USER).is_file()


def test_project_keeps_one_of_two_files(machine: Machine, shell: Shell) -> None:
    target = on_linux(shell, Scope.PROJECT)
    machine.run(shell, configure_text(machine, target, PLAIN))
    path = _file_of(machine, Scope.PROJECT)
    path.write_text("{}\n")
    answer = machine.run(shell, undo_text(machine, target, PLAIN))
    assert answer.stdout.count("Removed ") == answer.stdout.count(_KEPT) == 1
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("scope", FILE_SCOPES)
def test_folder_that_cannot_be_made_is_reported(machine: Machine, shell: Shell, scope: Scope) -> None:
    in_the_way = _file_of(machine, scope).parent
    in_the_way.write_text("a file\n")
    target = on_linux(shell, scope)
    answer = machine.run(shell, configure_text(machine, target, PLAIN))
    assert answer.stderr
    assert f"Wrote {in_the_way.parent.name}" not in answer.stdout
    assert not {line for line in answer.stdout.splitlines() if "Wrote" in line and "managed" in line}
    assert in_the_way.read_text() == "a file\n"


@pytest.mark.parametrize("scope", [Scope.USER, Scope.LOCAL])
def test_no_half_file_is_left_when_the_disk_is_full(machine: Machine, shell: Shell, scope: Scope) -> None:
    path = _file_of(machine, scope)
    # A limit on the size of files stands in for the full disk: writing fails in the same way.
    full = ("bash", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "full")
    answer = machine.run(shell, configure_text(machine, on_linux(shell, scope), PLAIN), launcher=full)
    assert "Wrote" not in answer.stdout
    assert not path.exists() or shell is Shell.ZSH
    if shell is not Shell.ZSH:  # which dies of the stand-in's signal in a subshell
        assert answer.stderr


@pytest.mark.parametrize("scope", FILE_SCOPES)
def test_habits_of_an_interactive_shell_do_not_matter(machine: Machine, shell: Shell, scope: Scope) -> None:
    target = on_linux(shell, scope)
    (machine.project / ".gitignore").write_text("mine\n")
    before = machine.files()
    wrote = machine.run(shell, configure_text(machine, target, PLAIN), before=_HABITS[shell])
    assert not wrote.stderr
    assert "Wrote" in wrote.stdout
    undone = machine.run(shell, undo_text(machine, target, PLAIN), before=_HABITS[shell])
    assert not undone.stderr
    assert machine.files() == before


@pytest.mark.parametrize("scope", FILE_SCOPES)
def test_umask_and_options_are_as_before(machine: Machine, shell: Shell, scope: Scope) -> None:
    target = on_linux(shell, scope)
    text = configure_text(machine, target, PLAIN)
    probe = "umask; echo x > probe; echo y > probe; cat probe"
    answer = machine.run(shell, f"{text}\n{probe}", before="umask 027")
    assert answer.stdout.splitlines()[-2:] == ["027" if shell is Shell.ZSH else "0027", "y"]
