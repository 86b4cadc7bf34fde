"""bash on macOS starts as a login shell and reads the first of three files that exists."""

from __future__ import annotations

import pytest

from portal.snippets.dialects.unix import BLOCK_BEGIN
from portal.snippets.targets import Platform, Scope, Shell, Target
from tests.snippets.samples import PLAIN
from tests.snippets.shells.machine import Machine, configure_text, undo_text

pytestmark = pytest.mark.real("bash")

_TARGET = Target(Platform.MACOS, Shell.BASH, Scope.STARTUP)
_FILES = (".bash_profile", ".bash_login", ".profile")


@pytest.mark.parametrize(
    ("there", "used"),
    [
        ((), ".bash_profile"),
        ((".profile",), ".profile"),
        ((".bash_login", ".profile"), ".bash_login"),
        (_FILES, ".bash_profile"),
    ],
)
def test_block_goes_where_a_new_terminal_reads_it(machine: Machine, there: tuple[str, ...], used: str) -> None:
    for name in there:
        (machine.home / name).write_text(": mine\n")
    before = machine.files()
    machine.run(_TARGET.shell, configure_text(machine, _TARGET, PLAIN))
    assert [name for name in _FILES if BLOCK_BEGIN in _read(machine, name)] == [used]
    assert machine.new_terminal(Platform.MACOS, Shell.BASH)["ANTHROPIC_BASE_URL"] == PLAIN.base_url
    machine.run(_TARGET.shell, undo_text(machine, _TARGET, PLAIN))
    assert machine.files() == before


def _read(machine: Machine, name: str) -> str:
    path = machine.home / name
    return path.read_text() if path.exists() else ""
