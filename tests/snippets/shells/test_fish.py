"""What is special about fish: universal variables, and globals of the same name."""

from __future__ import annotations

import pytest

from portal.snippets.configure import configure_section
from portal.snippets.guide import NoteKind
from portal.snippets.targets import Platform, Scope, Shell
from tests.snippets.samples import PLAIN, choose, on_linux
from tests.snippets.shells.machine import Machine, configure_text, undo_text

pytestmark = pytest.mark.real("fish")

_TARGET = on_linux(Shell.FISH, Scope.STARTUP)


def test_second_run_replaces_the_values(machine: Machine) -> None:
    machine.run(Shell.FISH, configure_text(machine, _TARGET, PLAIN, "old-key"))
    machine.run(Shell.FISH, configure_text(machine, _TARGET, PLAIN, "new-key"))
    assert machine.new_terminal(Platform.LINUX, Shell.FISH)["ANTHROPIC_AUTH_TOKEN"] == "new-key"
    kept = (machine.home / ".config" / "fish" / "fish_variables").read_text()
    assert kept.count("ANTHROPIC_AUTH_TOKEN") == 1
    assert "old" not in kept


def test_global_of_this_terminal_does_not_hide_the_new_value(machine: Machine) -> None:
    old = {"ANTHROPIC_API_KEY": "sk-left-over", "ANTHROPIC_BASE_URL": "https://old.example.com"}
    seen, _ = machine.run_and_read(Shell.FISH, configure_text(machine, _TARGET, PLAIN), env=old)
    assert (seen["ANTHROPIC_API_KEY"], seen["ANTHROPIC_BASE_URL"]) == ("", PLAIN.base_url)


def test_what_a_new_terminal_inherits_hides_the_value_and_the_guide_says_so(machine: Machine) -> None:
    machine.run(Shell.FISH, configure_text(machine, _TARGET, PLAIN))
    seen = machine.new_terminal(Platform.LINUX, Shell.FISH, env={"ANTHROPIC_API_KEY": "sk-left-over"})
    assert seen["ANTHROPIC_API_KEY"] == "sk-left-over"
    notes = configure_section(choose(_TARGET, PLAIN), PLAIN).notes
    assert any("outside fish" in str(note.text) for note in notes if note.kind is NoteKind.WARNING)


def test_undo_of_a_terminal_leaves_the_universal_variables(machine: Machine) -> None:
    machine.run(Shell.FISH, configure_text(machine, _TARGET, PLAIN, "kept-key"))
    terminal = on_linux(Shell.FISH, Scope.TERMINAL)
    both = f"{configure_text(machine, terminal, PLAIN, 'other-key')}\n{undo_text(machine, terminal, PLAIN)}"
    seen, _ = machine.run_and_read(Shell.FISH, both)
    assert seen["ANTHROPIC_AUTH_TOKEN"] == "kept-key"


def test_undo_removes_what_older_versions_keep_one_by_one(machine: Machine) -> None:
    """`set -e` of fish 3.1 takes one name (fish issue 7377)."""
    text = undo_text(machine, _TARGET, PLAIN)
    assert "set -eU $name" in text
    machine.run(Shell.FISH, configure_text(machine, _TARGET, PLAIN))
    machine.run(Shell.FISH, text)
    assert "ANTHROPIC" not in (machine.home / ".config" / "fish" / "fish_variables").read_text()


def test_other_universal_variables_stay(machine: Machine) -> None:
    machine.run(Shell.FISH, "set -Ux MINE 'a b'")
    machine.run(Shell.FISH, configure_text(machine, _TARGET, PLAIN))
    machine.run(Shell.FISH, undo_text(machine, _TARGET, PLAIN))
    assert machine.new_terminal(Platform.LINUX, Shell.FISH)["MINE"] == "a b"
