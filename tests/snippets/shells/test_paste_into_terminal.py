"""Pasted into a real interactive shell, where history (`!`, `^`), comments and continuation lines are in play."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.snippets.settings_json import settings_files
from portal.snippets.targets import Platform, Scope, Shell
from tests.snippets.samples import HOSTILE, HOSTILE_KEY, choose, expected_variables, fill, on_linux
from tests.snippets.shells.machine import UNIX_SHELLS, Machine, configure_text, needs, undo_text
from tests.snippets.shells.terminal import Terminal, open_terminal

pytestmark = [
    pytest.mark.parametrize("shell", [needs(shell) for shell in UNIX_SHELLS]),
    pytest.mark.parametrize("way", [Terminal.paste, Terminal.type], ids=["pasted", "typed"]),
]
_Way = Callable[[Terminal, str], None]


def test_start_up_file_and_this_terminal(machine: Machine, shell: Shell, way: _Way) -> None:
    target = on_linux(shell, Scope.STARTUP)
    before = machine.files()
    expected = expected_variables(choose(target, HOSTILE), HOSTILE, HOSTILE_KEY)
    with open_terminal(machine, shell) as terminal:
        way(terminal, configure_text(machine, target, HOSTILE))
        now = terminal.environment()
        assert {name: now.get(name) for name in expected} == expected, terminal.screen
        later = machine.new_terminal(Platform.LINUX, shell)
        assert {name: later.get(name) for name in expected} == expected
        way(terminal, undo_text(machine, target, HOSTILE))
        assert not terminal.environment().keys() & expected.keys()
        assert machine.files() == before


def test_this_terminal_only(machine: Machine, shell: Shell, way: _Way) -> None:
    target = on_linux(shell, Scope.TERMINAL)
    expected = expected_variables(choose(target, HOSTILE), HOSTILE, HOSTILE_KEY)
    with open_terminal(machine, shell) as terminal:
        way(terminal, configure_text(machine, target, HOSTILE))
        now = terminal.environment()
        assert {name: now.get(name) for name in expected} == expected, terminal.screen


@pytest.mark.parametrize("scope", [Scope.USER, Scope.PROJECT])
def test_settings_files(machine: Machine, shell: Shell, way: _Way, scope: Scope) -> None:
    target = on_linux(shell, scope)
    before = machine.files()
    files = settings_files(choose(target, HOSTILE), HOSTILE)
    folder = machine.home if scope is Scope.USER else machine.project
    with open_terminal(machine, shell) as terminal:
        for _ in range(2):
            way(terminal, configure_text(machine, target, HOSTILE))
            terminal.environment()
            for file in files:
                path = folder.joinpath(*file.place.parts)
                assert path.read_bytes() == fill(file.text, HOSTILE_KEY).encode(), terminal.screen
        way(terminal, undo_text(machine, target, HOSTILE))
        terminal.environment()
        assert machine.files() == before, terminal.screen
