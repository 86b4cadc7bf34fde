"""What the script says beside what it does: what wins over it, who can read the key, where copies are, what next."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from portal.snippets.targets import Platform, Scope, Shell
from tests.scripts.apply.machine import GOOD_KEY, Machine, choose
from tests.scripts.apply.test_shells import PROMPT, answer_of, start

SETTINGS = b'{"permissions": {}, "env": {"ANTHROPIC_MODEL": "opus", "ANTHROPIC_BASE_URL": "https://old.example"}}'


@pytest.fixture
def project(machine: Machine) -> Path:
    folder = machine.root / "project"
    (folder / ".claude").mkdir(parents=True)
    return folder


@pytest.mark.parametrize("engine", ["perl", "python3", "node", "jq"])
def test_startup_file_stops_when_settings_win_over_it(machine: Machine, project: Path, engine: str) -> None:
    (machine.bin / "perl").unlink()
    machine.install(engine)
    machine.write_settings(SETTINGS)
    local = project / ".claude/settings.local.json"
    local.write_text('{"env": {"PATH": "x", "ANTHROPIC_AUTH_TOKEN": "sk-old"}}')
    script = machine.script(choose(Scope.STARTUP))
    answer = machine.run("--no-check", script=script, cwd=project)
    assert answer.returncode == 12
    assert f"{machine.settings} sets ANTHROPIC_BASE_URL ANTHROPIC_MODEL" in answer.stdout
    assert f"{local} sets ANTHROPIC_AUTH_TOKEN" in answer.stdout
    assert not (machine.home / ".bashrc").exists()

    assert "sets ANTHROPIC_MODEL" not in machine.run("--undo", script=script, cwd=project).stdout
    meant = machine.run("--no-check", "--yes", script=script, cwd=project)
    assert meant.returncode == 0
    assert f"{machine.settings} sets ANTHROPIC_BASE_URL ANTHROPIC_MODEL" in meant.stdout
    assert (machine.home / ".bashrc").exists()


@pytest.mark.parametrize("data", [b"{", b"[]", b"", b'{"env": {"PATH": "x"}}', b'{"x": "ANTHROPIC_MODEL"}'])
def test_startup_file_is_written_without_a_question_when_nothing_wins(machine: Machine, data: bytes) -> None:
    machine.write_settings(data)
    answer = machine.run("--no-check", script=machine.script(choose(Scope.STARTUP)), cwd=machine.home)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "sets " not in answer.stdout


def test_startup_file_needs_no_engine(machine: Machine) -> None:
    (machine.bin / "perl").unlink()
    machine.write_settings(SETTINGS)
    answer = machine.run("--no-check", script=machine.script(choose(Scope.STARTUP)))
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.real("fish")
def test_variables_of_fish_stop_when_settings_win_over_them(machine: Machine) -> None:
    machine.install("fish")
    machine.write_settings(SETTINGS)
    answer = machine.run("--no-check", script=machine.script(choose(Scope.STARTUP, Shell.FISH)))
    assert answer.returncode == 12
    assert "sets ANTHROPIC_BASE_URL ANTHROPIC_MODEL" in answer.stdout


def test_undo_of_a_startup_file_names_its_copies(machine: Machine) -> None:
    (machine.home / ".bashrc").write_text("alias ll='ls -l'\n")
    script = machine.script(choose(Scope.STARTUP))
    assert machine.run("--no-check", script=script).returncode == 0
    (copy,) = machine.home.glob(".bashrc.backup-*")
    assert f"  {copy}" in machine.run("--undo", script=script).stdout.split("\n")


def test_undo_speaks_of_copies_only_when_there_are_some(machine: Machine) -> None:
    assert machine.run("--no-check").returncode == 0
    assert "Copies from" not in machine.run("--undo").stdout
    machine.write_settings(b'{"a": 1}')
    assert machine.run("--no-check").returncode == 0
    (copy,) = machine.settings.parent.glob("*.backup-*")
    answer = machine.run("--undo")
    assert "Copies from before stay" in answer.stdout
    assert f"  {copy}" in answer.stdout.split("\n")


@pytest.mark.parametrize(("reply", "mode"), [("y", 0o600), ("n", 0o644)])
def test_file_that_others_can_read_is_closed_when_that_is_wanted(machine: Machine, reply: str, mode: int) -> None:
    machine.write_settings(b"{}")
    machine.settings.chmod(0o644)
    child = start(machine, machine.script(), "dash", "--no-check")
    child.expect(PROMPT)
    child.waitnoecho(5)
    child.sendline(GOOD_KEY)
    child.expect("Let only you read it")
    assert b"ANTHROPIC" not in machine.settings.read_bytes(), "the question comes before the key is written"
    child.sendline(reply)
    shown = answer_of(child)
    assert child.exitstatus == 0
    assert stat.S_IMODE(machine.settings.stat().st_mode) == mode
    assert (f"chmod 600 '{machine.settings}'" in shown) is (reply == "n")


@pytest.mark.parametrize("options", [["--yes"], []])
def test_mode_is_kept_without_an_answer_and_the_command_is_shown(machine: Machine, options: list[str]) -> None:
    machine.write_settings(b"{}")
    machine.settings.chmod(0o644)
    answer = machine.run("--no-check", *options)
    assert stat.S_IMODE(machine.settings.stat().st_mode) == 0o644
    lines = answer.stdout.split("\n")
    assert f"  chmod 600 '{machine.settings}'" in lines
    assert "Others on this machine can read your key" in answer.stdout


@pytest.mark.parametrize(
    ("home", "folder", "file"), [(0o700, 0o755, 0o644), (0o755, 0o700, 0o644), (0o755, 0o755, 0o600)]
)
def test_nothing_is_said_about_readers_when_there_are_none(machine: Machine, home: int, folder: int, file: int) -> None:
    machine.write_settings(b"{}")
    for path, mode in ((machine.home, home), (machine.settings.parent, folder), (machine.settings, file)):
        path.chmod(mode)
    assert "Others on this machine" not in machine.run("--no-check").stdout


def test_startup_file_that_others_can_read_is_named(machine: Machine) -> None:
    path = machine.home / ".zshrc"
    path.write_text("")
    path.chmod(0o644)
    script = machine.script(choose(Scope.STARTUP, Shell.ZSH, Platform.MACOS))
    answer = machine.run("--no-check", script=script)
    assert f"  chmod 600 '{path}'" in answer.stdout.split("\n")


@pytest.mark.parametrize("shell", [Shell.BASH, Shell.FISH])
def test_undo_command_can_be_pasted(machine: Machine, shell: Shell) -> None:
    child = start(machine, machine.script(choose(shell=shell)), "dash", "--no-check")
    child.expect(PROMPT)
    child.waitnoecho(5)
    child.sendline(GOOD_KEY)
    (line,) = [line for line in answer_of(child).splitlines() if line.startswith("To take it back:  ")]
    address = "https://portal.example/apply.sh?os=linux&shell=bash"
    assert line == f"To take it back:  curl -fsSL '{address}' | sh -s -- --undo"


def test_undo_command_of_a_saved_script_quotes_its_path(machine: Machine) -> None:
    folder = machine.root / "my scripts"
    folder.mkdir()
    script = machine.script().rename(folder / "apply.sh")
    answer = machine.run("--no-check", script=script)
    assert f"To take it back:  sh '{script}' --undo" in answer.stdout


def test_quoted_answer_holds_nothing_that_moves_a_terminal(machine: Machine) -> None:
    body = json.dumps(
        {"error": {"message": "one\u009b31m\u0085two \u202eeerht\u2066 \u200ffour \x1b[2Jé 漢"}}, ensure_ascii=False
    )
    (machine.root / "body").write_text(body.replace("\\u001b", "\x1b"))
    machine.add_program(
        "curl",
        "#!/bin/sh\ncat >/dev/null\n"
        'while [ "$1" != -o ]; do shift; done\n'
        f"cat '{machine.root}/body' >\"$2\"\nprintf 418\n",
    )
    answer = machine.run()
    assert "not as expected (HTTP 418)" in answer.stdout
    assert "é 漢" in answer.stdout
    assert not [char for char in answer.stdout if ord(char) in {*range(0x80, 0xA0), 0x1B, 0x200F, 0x202E, 0x2066}]
