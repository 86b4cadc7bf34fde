r"""cmd.exe through Wine. Declared stand-ins, because Wine's own are stubs that succeed and do nothing: `setx` is never
asserted on, and where a file must differ, `fc` becomes a script that says so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.snippets.configure import configure_section, undo_section
from portal.snippets.dialects import dialect_for
from portal.snippets.dialects.base import IGNORE_COMMENT
from portal.snippets.places import GITIGNORE_LINE, Base, NewFile
from portal.snippets.settings_json import settings_files
from portal.snippets.targets import Platform, Scope, Shell, Target
from tests.real_parts.wine import Wine
from tests.snippets.samples import HOSTILE_KEY, HOSTILE_ON_CMD, KEYS, PLAIN, choose, expected_variables, fill
from tests.snippets.shells.machine import FILE_SCOPES

_EXISTS = "already exists. Nothing was changed."
_KEPT = "is not what this page writes for this key and these choices. Nothing was removed."
_DIFFERENT = ("fc /b", "call C:\\different.cmd")
_LEFT_OVER = {"ANTHROPIC_API_KEY": "sk-left-over", "ANTHROPIC_BASE_URL": "https://old.example.com"}


def _target(scope: Scope) -> Target:
    return Target(Platform.WINDOWS, Shell.CMD, scope)


def _configure(scope: Scope, key: str = HOSTILE_KEY) -> str:
    section = configure_section(choose(_target(scope), HOSTILE_ON_CMD), HOSTILE_ON_CMD)
    assert section.refusal is None
    return fill("\n".join(block.text for block in section.blocks), key)


def _undo(scope: Scope, key: str = HOSTILE_KEY) -> str:
    (block,) = undo_section(choose(_target(scope), HOSTILE_ON_CMD), HOSTILE_ON_CMD).blocks
    return fill(block.text, key)


@pytest.fixture
def project(wine: Wine, tmp_path: Path) -> Iterator[Path]:
    """An empty folder, and a Windows in which no earlier test left anything."""
    names = expected_variables(choose(_target(Scope.STARTUP), HOSTILE_ON_CMD), HOSTILE_ON_CMD, "")
    yield tmp_path
    shutil.rmtree(wine.user_folder / ".claude", ignore_errors=True)
    shutil.rmtree(_managed_folder(wine), ignore_errors=True)
    kept = wine.user_environment().keys() & names.keys()
    wine.run_cmd("\n".join(f"@reg delete HKCU\\Environment /v {name} /f" for name in kept))


def _managed_folder(wine: Wine) -> Path:
    return wine.prefix / "drive_c" / "Program Files" / "ClaudeCode"


def _path_of(wine: Wine, project: Path, file: NewFile) -> Path:
    match file.place.base:
        case Base.HOME:
            return wine.user_folder.joinpath(*file.place.parts)
        case Base.PROJECT:
            return project.joinpath(*file.place.parts)
        case Base.SYSTEM:
            return _managed_folder(wine) / file.place.name


def _run(wine: Wine, project: Path, text: str, env: dict[str, str] | None = None) -> list[str]:
    answer = wine.run_cmd(f"@echo off\n{text}", cwd=project, env=env)
    assert not answer.stderr.strip()
    return answer.stdout.splitlines()


def _seen(wine: Wine, project: Path, text: str = "", env: dict[str, str] | None = None) -> dict[str, str]:
    """What a program sees that is started after the text, in a new cmd.exe."""
    lines = _run(wine, project, f"{text}\ncmd /d /c set", env)
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _expected(key: str = HOSTILE_KEY) -> tuple[dict[str, str], set[str]]:
    """The variables with a value, and the names that must be gone."""
    every = expected_variables(choose(_target(Scope.STARTUP), HOSTILE_ON_CMD), HOSTILE_ON_CMD, key)
    return {name: value for name, value in every.items() if value}, {name for name in every if not every[name]}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_this_window_gets_every_value(wine: Wine, project: Path, key: str) -> None:
    expected, gone = _expected(key)
    seen = _seen(wine, project, _configure(Scope.TERMINAL, key), _LEFT_OVER)
    assert {name: seen.get(name) for name in expected} == expected
    assert gone == {"ANTHROPIC_API_KEY"}
    assert not gone & seen.keys()


def test_this_window_gives_every_value_back(wine: Wine, project: Path) -> None:
    both = f"{_configure(Scope.TERMINAL)}\n{_undo(Scope.TERMINAL)}"
    expected, gone = _expected()
    assert not (expected.keys() | gone) & _seen(wine, project, both, _LEFT_OVER).keys()


def test_user_environment_gets_every_value_and_gives_it_back(wine: Wine, project: Path) -> None:
    expected, gone = _expected()
    before = wine.user_environment()
    wine.run_cmd("@reg add HKCU\\Environment /v ANTHROPIC_API_KEY /t REG_SZ /d sk-left-over /f")
    _run(wine, project, _configure(Scope.STARTUP, "the-key-of-the-first-run"))
    now = _seen(wine, project, _configure(Scope.STARTUP), _LEFT_OVER)
    for place in (now, wine.user_environment(), _seen(wine, project)):
        assert {name: place.get(name) for name in expected} == expected
        assert not gone & place.keys()
    after = _seen(wine, project, _undo(Scope.STARTUP))
    assert not (expected.keys() | gone) & after.keys()
    assert wine.user_environment() == before


@pytest.mark.parametrize("scope", FILE_SCOPES)
def test_files_arrive_and_are_undone(wine: Wine, project: Path, scope: Scope) -> None:
    files = settings_files(choose(_target(scope), HOSTILE_ON_CMD), HOSTILE_ON_CMD)
    paths = [_path_of(wine, project, file) for file in files]
    lines = _run(wine, project, _configure(scope))
    assert sum(line.startswith("Wrote ") for line in lines) == len(files)
    seen: dict[str, str] = {}
    for file, path in zip(files, paths, strict=True):
        assert path.read_bytes() == fill(file.text, HOSTILE_KEY).replace("\n", "\r\n").encode()
        seen |= json.loads(path.read_bytes())["env"]
    assert seen == expected_variables(choose(_target(scope), HOSTILE_ON_CMD), HOSTILE_ON_CMD, HOSTILE_KEY)

    again = _run(wine, project, _configure(scope))
    assert sum(line.endswith(_EXISTS) for line in again) == len(files)
    assert not any(line.startswith("Wrote ") for line in again)

    kept = _run(wine, project, _different(wine, _undo(scope)))
    assert sum(line.endswith(_KEPT) for line in kept) == len(files)
    assert all(path.is_file() for path in paths)

    undone = _run(wine, project, _undo(scope))
    assert sum(line.startswith("Removed ") for line in undone) == len(files)
    assert not any(path.parent.exists() for path in paths)
    temporary = wine.prefix / "drive_c"
    assert not list(temporary.rglob("claude-settings-undo.json"))


@pytest.mark.parametrize("scope", FILE_SCOPES)
def test_what_is_there_stays_as_it_is(wine: Wine, project: Path, scope: Scope) -> None:
    (file, *_) = settings_files(choose(_target(scope), HOSTILE_ON_CMD), HOSTILE_ON_CMD)
    path = _path_of(wine, project, file)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine\n")
    lines = _run(wine, project, _configure(scope))
    assert any(file.place.name in line and line.endswith(_EXISTS) for line in lines)
    _run(wine, project, _different(wine, _undo(scope)))
    assert path.read_bytes() == b"mine\n"


def test_nothing_is_claimed_when_the_folder_cannot_be_made(wine: Wine, project: Path) -> None:
    (project / ".claude").write_bytes(b"a file\n")
    answer = wine.run_cmd(f"@echo off\n{_configure(Scope.LOCAL)}", cwd=project)
    assert "Wrote" not in answer.stdout
    assert (project / ".claude").read_bytes() == b"a file\n"


def test_name_of_the_users_folder_may_have_a_parenthesis(wine: Wine, project: Path) -> None:
    folder = wine.prefix / "drive_c" / "users" / "You (work) & co"
    folder.mkdir()
    env = {"HOMEDIR": "C:\\users\\You (work) & co"}
    renamed = _configure(Scope.USER).replace("%USERPROFILE%", "%HOMEDIR%")  # Wine gives USERPROFILE itself
    for said in ("Wrote ", "already exists"):
        assert any(said in line for line in _run(wine, project, renamed, env))
    undo = _undo(Scope.USER).replace("%USERPROFILE%", "%HOMEDIR%")
    assert any("Removed " in line for line in _run(wine, project, undo, env))
    assert not list(folder.iterdir())
    folder.rmdir()


@pytest.mark.parametrize("content", [b"", b"build/\r\n", b"build/\n", b"build/"])
def test_entry_in_gitignore_is_added_once(wine: Wine, project: Path, content: bytes) -> None:
    (project / ".gitignore").write_bytes(content)
    for _ in range(2):
        _run(wine, project, dialect_for(Platform.WINDOWS, Shell.CMD).ignore(GITIGNORE_LINE))
        now = (project / ".gitignore").read_bytes()
        assert now.startswith(content)
        lines = now.decode().splitlines()
        assert (lines.count(GITIGNORE_LINE), lines.count(IGNORE_COMMENT)) == (1, 1)
        assert lines[: len(content.splitlines())] == content.decode().splitlines()


def test_launchers_folder_is_put_on_the_path(wine: Wine, project: Path) -> None:
    lines = _run(wine, project, f"{dialect_for(Platform.WINDOWS, Shell.CMD).add_to_path()}\necho %PATH%")
    assert lines[-1].endswith("\\.local\\bin")


def _different(wine: Wine, text: str) -> str:
    (wine.prefix / "drive_c" / "different.cmd").write_bytes(b"@exit /b 1\r\n")
    assert _DIFFERENT[0] in text
    return text.replace(*_DIFFERENT)


def test_plain_gateway_needs_no_refusal() -> None:
    for scope in Scope:
        assert configure_section(choose(_target(scope), PLAIN), PLAIN).refusal is None
