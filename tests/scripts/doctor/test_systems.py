"""The doctor on systems that are not here: their names, folders and programs are imitated."""

from __future__ import annotations

from pathlib import Path

from tests.scripts.doctor.homes import GOOD, OLD_KEY, Prepared, prepare, settings

USER = ".claude/settings.json"


def test_wsl_is_told_from_linux_and_a_windows_claude_is_named(tmp_path: Path) -> None:
    files = {USER: settings(), "/proc/version": "Linux version 5.15-microsoft-standard-WSL2"}
    answer = prepare(tmp_path / "h", Prepared(files)).ask()
    assert answer.report.single["os"] == "wsl"
    assert "127.0.0.1 is WSL itself" in answer.output


def test_macos_has_its_own_managed_folder_and_launchd(tmp_path: Path) -> None:
    folder = "Library/Application Support/ClaudeCode/managed-settings.json"
    house = prepare(tmp_path / "h", Prepared({f"/{folder}": settings()}, login_shell="/bin/zsh"))
    house.imitate("uname", "echo Darwin")
    house.imitate("launchctl", f'[ "$2" = ANTHROPIC_API_KEY ] && echo {OLD_KEY}')
    answer = house.ask()
    assert answer.report.single["os"] == "macos"
    assert answer.report.winner("ANTHROPIC_BASE_URL")[:2] == ("managed", f"/{folder} line 3")
    assert answer.first == ("left-over-key", "launchctl line 1")


def test_git_bash_reads_the_registry_of_windows(tmp_path: Path) -> None:
    house = prepare(tmp_path / "h", Prepared({"/c/Program Files/ClaudeCode/managed-settings.json": settings()}))
    house.imitate("uname", "echo MINGW64_NT-10.0")
    rows = f"\\r\\nHKEY_CURRENT_USER\\\\Environment\\r\\n    ANTHROPIC_API_KEY    REG_SZ    {OLD_KEY}\\r\\n"
    house.imitate("reg.exe", f"case $2 in HKCU*) printf '{rows}' ;; esac")
    answer = house.ask()
    assert answer.report.single["os"] == "git-bash"
    assert answer.report.winner("ANTHROPIC_BASE_URL")[1] == "C:/Program Files/ClaudeCode/managed-settings.json line 3"
    assert answer.first == ("left-over-key", "HKCU\\Environment")


def test_settings_of_a_project_may_have_models_of_their_own(tmp_path: Path) -> None:
    own = settings(**{**dict.fromkeys(GOOD), "ANTHROPIC_MODEL": "opus"})
    answer = prepare(tmp_path / "h", Prepared({USER: settings(), "./.claude/settings.json": own})).ask()
    assert answer.report.findings == []
    assert answer.report.winner("ANTHROPIC_MODEL") == ("project", "./.claude/settings.json line 3", "opus")


def test_home_as_the_current_folder_is_no_project(tmp_path: Path) -> None:
    house = prepare(tmp_path / "h", Prepared({USER: settings()}))
    house.project.rmdir()
    house.project.symlink_to(".")
    assert house.ask().report.findings == []
    moved = house.top / "moved"
    house.home.rename(moved)
    house.home.symlink_to(moved)
    answer = house.ask()
    assert answer.report.findings == []
    assert answer.report.winner("ANTHROPIC_BASE_URL")[:2] == ("user", "~/.claude/settings.json line 3")
