"""Every target of bash, zsh, fish and Git Bash, in its real shell: it arrives, it can be repeated, it can be undone."""

from __future__ import annotations

import json

import pytest

from portal.profile.model import GatewayProfile
from portal.snippets.places import GITIGNORE_LINE, Base, NewFile, managed_settings
from portal.snippets.settings_json import settings_files
from portal.snippets.targets import Platform, Scope, Shell, Target
from tests.snippets.samples import (
    HOSTILE,
    HOSTILE_KEY,
    KEYS,
    PLAIN,
    X_API_KEY,
    choose,
    expected_variables,
    fill,
    identify,
    on_linux,
    targets,
)
from tests.snippets.shells.machine import (
    FILE_SCOPES,
    REAL_PART,
    UNIX_SHELLS,
    Machine,
    configure_text,
    describe,
    undo_text,
)

_SHELLS = (*UNIX_SHELLS, Shell.GIT_BASH)
_EXISTS = "already exists. Nothing was changed."


def _every(*scopes: Scope) -> list[object]:
    return [
        pytest.param(target, marks=pytest.mark.real(REAL_PART[target.shell]), id=identify(target))
        for target in targets(*_SHELLS, scopes=scopes)
    ]


def _path_of(machine: Machine, file: NewFile, platform: Platform) -> str:
    if file.place.base is Base.SYSTEM:
        assert file.place == managed_settings(platform)
        path = machine.system / file.place.name
    else:
        path = (machine.home if file.place.base is Base.HOME else machine.project).joinpath(*file.place.parts)
    return path.relative_to(machine.root).as_posix()


def _assert_files_arrived(machine: Machine, target: Target, profile: GatewayProfile, key: str) -> None:
    """The files have the very bytes and modes, and together every variable."""
    choices = choose(target, profile)
    files = machine.files()
    seen: dict[str, str] = {}
    for file in settings_files(choices, profile):
        mode = 0o600 if file.private else 0o644
        content = fill(file.text, key).encode()
        assert files[_path_of(machine, file, target.platform)] == ("file", mode, content)
        seen |= json.loads(content)["env"]
    assert seen == expected_variables(choices, profile, key)


@pytest.mark.parametrize("target", _every(Scope.TERMINAL))
def test_this_terminal_gets_every_value_and_gives_it_back(machine: Machine, target: Target) -> None:
    expected = expected_variables(choose(target, HOSTILE), HOSTILE, HOSTILE_KEY)
    before = machine.files()
    left_over = {"ANTHROPIC_API_KEY": "sk-left-over", "ANTHROPIC_BASE_URL": "https://old.example.com"}
    seen, answer = machine.run_and_read(target.shell, configure_text(machine, target, HOSTILE), env=left_over)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    assert {name: seen.get(name) for name in expected} == expected
    assert seen["ANTHROPIC_API_KEY"] == ""
    both = f"{configure_text(machine, target, HOSTILE)}\n{undo_text(machine, target, HOSTILE)}"
    after, answer = machine.run_and_read(target.shell, both, env=left_over)
    assert not answer.stderr
    assert not after.keys() & expected.keys()
    assert not {name for name in after if name.startswith("MSYS2")}
    assert machine.files() == before


@pytest.mark.parametrize("target", _every(Scope.STARTUP))
def test_new_terminals_get_every_value(machine: Machine, target: Target) -> None:
    expected = expected_variables(choose(target, HOSTILE), HOSTILE, HOSTILE_KEY)
    left_over = {"ANTHROPIC_API_KEY": "sk-left-over"}
    now, answer = machine.run_and_read(target.shell, configure_text(machine, target, HOSTILE), env=left_over)
    assert not answer.stderr
    assert {name: now.get(name) for name in expected} == expected
    # fish: what a terminal inherits hides universal variables, see test_fish.py.
    inherited = {} if target.shell is Shell.FISH else left_over
    later = machine.new_terminal(target.platform, target.shell, env=inherited)
    assert {name: later.get(name) for name in expected} == expected


@pytest.mark.parametrize("target", _every(Scope.STARTUP))
def test_start_up_scope_can_be_repeated_and_undone(machine: Machine, target: Target) -> None:
    before = machine.files()
    untouched = machine.new_terminal(target.platform, target.shell)
    text = configure_text(machine, target, HOSTILE)
    machine.run(target.shell, text)
    first = machine.files()
    again = machine.run(target.shell, text)
    assert not again.stderr
    assert machine.files() == first
    assert [entry[1] for name, entry in first.items() if name not in before] == (
        [] if target.shell is Shell.FISH else [0o600]
    )
    seen, answer = machine.run_and_read(target.shell, f"{text}\n{undo_text(machine, target, HOSTILE)}")
    assert not answer.stderr
    assert not seen.keys() & expected_variables(choose(target, HOSTILE), HOSTILE, HOSTILE_KEY).keys()
    assert machine.files() == before
    assert machine.new_terminal(target.platform, target.shell) == untouched


@pytest.mark.parametrize("target", _every(*FILE_SCOPES))
def test_files_arrive_byte_for_byte_and_are_undone(machine: Machine, target: Target) -> None:
    before = machine.files()
    text = configure_text(machine, target, HOSTILE)
    seen, answer = machine.run_and_read(target.shell, text)
    assert not answer.stderr
    assert answer.stdout.count("Wrote ") == len(settings_files(choose(target, HOSTILE), HOSTILE))
    assert seen["HOME"] == str(machine.home)
    _assert_files_arrived(machine, target, HOSTILE, HOSTILE_KEY)

    first = machine.files()
    again = machine.run(target.shell, text)
    assert not again.stderr
    assert again.stdout.count(_EXISTS) == len(settings_files(choose(target, HOSTILE), HOSTILE))
    assert "Wrote" not in again.stdout
    assert machine.files() == first

    undone = machine.run(target.shell, undo_text(machine, target, HOSTILE))
    assert not undone.stderr
    assert undone.stdout.count("Removed ") == len(settings_files(choose(target, HOSTILE), HOSTILE))
    assert machine.files() == before


@pytest.mark.parametrize("target", _every(Scope.LOCAL, Scope.PROJECT))
def test_key_in_a_project_is_kept_out_of_git(machine: Machine, target: Target) -> None:
    for _ in range(2):
        machine.run(target.shell, configure_text(machine, target, PLAIN))
        lines = (machine.project / ".gitignore").read_text().splitlines()
        assert lines.count(GITIGNORE_LINE) == 1
        assert len(lines) == 2


@pytest.mark.parametrize("target", _every(Scope.MANAGED))
def test_only_the_machines_file_needs_an_administrator(machine: Machine, target: Target) -> None:
    machine.run(target.shell, configure_text(machine, target, PLAIN))
    log = machine.root / "sudo.log"
    if target.shell is Shell.GIT_BASH:
        assert not log.exists()
        return
    assert all(str(machine.system) in line for line in log.read_text().splitlines())
    assert HOSTILE_KEY not in log.read_text()


@pytest.mark.parametrize("shell", [pytest.param(shell, marks=pytest.mark.real(shell.value)) for shell in UNIX_SHELLS])
@pytest.mark.parametrize("umask", ["077", "027", "002"])
def test_managed_file_can_be_read_by_everybody_when_the_administrator_is_secretive(
    machine: Machine, shell: Shell, umask: str
) -> None:
    target = on_linux(shell, Scope.MANAGED)
    machine.run(shell, configure_text(machine, target, PLAIN), before=f"umask {umask}")
    place = machine.system / managed_settings(target.platform).name
    assert describe(machine.system)[:2] == ("folder", 0o755)
    assert describe(place)[:2] == ("file", 0o644)
    assert describe(machine.home / ".claude" / "settings.json")[:2] == ("file", 0o600)


@pytest.mark.parametrize("shell", [pytest.param(shell, marks=pytest.mark.real(shell.value)) for shell in UNIX_SHELLS])
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_every_legal_key_arrives(machine: Machine, shell: Shell, key: str) -> None:
    expected = {"ANTHROPIC_AUTH_TOKEN": "", "ANTHROPIC_API_KEY": key}
    startup = configure_text(machine, on_linux(shell, Scope.STARTUP), X_API_KEY, key)
    user = on_linux(shell, Scope.USER)
    seen, _ = machine.run_and_read(shell, f"{startup}\n{configure_text(machine, user, X_API_KEY, key)}")
    assert {name: seen[name] for name in expected} == expected
    later = machine.new_terminal(Platform.LINUX, shell)
    assert {name: later[name] for name in expected} == expected
    _assert_files_arrived(machine, user, X_API_KEY, key)
