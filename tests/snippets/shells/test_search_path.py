"""`add_to_path`: the launcher's folder is found now and later, once, and the visitor's lines stay whole."""

from __future__ import annotations

import pytest

from portal.snippets.dialects import dialect_for
from portal.snippets.targets import Platform, Shell
from tests.snippets.shells.machine import Machine, needs

_WITH_A_FILE = [needs(Shell.BASH), needs(Shell.ZSH), needs(Shell.GIT_BASH)]

_LINE = 'export PATH="$HOME/.local/bin:$PATH"'
_FILE = {Shell.BASH: ".bashrc", Shell.GIT_BASH: ".bashrc", Shell.ZSH: ".zshrc"}


def _text(shell: Shell) -> str:
    return dialect_for(Platform.WINDOWS if shell is Shell.GIT_BASH else Platform.LINUX, shell).add_to_path()


@pytest.mark.parametrize("shell", [*_WITH_A_FILE, needs(Shell.FISH)])
def test_folder_is_on_the_path_now_and_in_a_new_terminal(machine: Machine, shell: Shell) -> None:
    folder = machine.home / ".local" / "bin"
    folder.mkdir(parents=True)
    now, answer = machine.run_and_read(shell, f"{_text(shell)}\n{_text(shell)}")
    assert not answer.stderr
    assert str(folder) in now["PATH"].split(":")
    later = machine.new_terminal(Platform.LINUX, shell)["PATH"].split(":")
    assert later.count(str(folder)) == 1


@pytest.mark.parametrize("shell", _WITH_A_FILE)
@pytest.mark.parametrize("content", ["alias ll='ls -l'", "alias ll='ls -l'\n", ""])
def test_lines_of_the_visitor_stay_whole(machine: Machine, shell: Shell, content: str) -> None:
    startup = machine.home / _FILE[shell]
    startup.write_text(content)
    for _ in range(2):
        machine.run(shell, _text(shell))
        assert startup.read_text().splitlines() == [*content.splitlines(), _LINE]


@pytest.mark.parametrize("shell", _WITH_A_FILE)
def test_no_helper_variable_is_left_behind(machine: Machine, shell: Shell) -> None:
    assert machine.run(shell, f'{_text(shell)}\necho "${{rc-unset}}"').stdout == "unset\n"


@pytest.mark.real("bash")
def test_macos_adds_to_the_file_that_its_bash_reads(machine: Machine) -> None:
    (machine.home / ".profile").write_text(": mine")
    machine.run(Shell.BASH, dialect_for(Platform.MACOS, Shell.BASH).add_to_path())
    assert (machine.home / ".profile").read_text() == f": mine\n{_LINE}\n"
    assert str(machine.home / ".local" / "bin") in machine.new_terminal(Platform.MACOS, Shell.BASH)["PATH"]
