from __future__ import annotations

from pathlib import Path

from tests.real_parts.wine import Wine


def test_cmd_gives_output_and_exit_code(wine: Wine) -> None:
    answer = wine.run_cmd("@echo off\necho out ä\necho err 1>&2\nexit /b 3\n")
    assert (answer.returncode, answer.stdout.strip(), answer.stderr.strip()) == (3, "out ä", "err")


def test_cmd_sees_only_the_given_environment(wine: Wine) -> None:
    answer = wine.run_cmd("@echo off\nset", env={"GREETING": "hello & bye"})
    names = dict(line.split("=", 1) for line in answer.stdout.splitlines() if "=" in line)
    assert names["GREETING"] == "hello & bye"
    assert names["USERPROFILE"].startswith("C:\\users\\")
    assert not {name for name in names if name.startswith(("PIP_", "PYTEST_"))}


def test_registry_keeps_what_reg_adds_and_a_new_cmd_sees_it(wine: Wine) -> None:
    wine.run_cmd('@reg add HKCU\\Environment /v GREETING /t REG_SZ /d "hello you" /f')
    try:
        assert wine.user_environment()["GREETING"] == "hello you"
        assert wine.run_cmd("@echo %GREETING%").stdout.strip() == "hello you"
    finally:
        wine.run_cmd("@reg delete HKCU\\Environment /v GREETING /f")
    assert "GREETING" not in wine.user_environment()


def test_files_land_in_the_users_folder(wine: Wine, tmp_path: Path) -> None:
    wine.run_cmd('@mkdir "%USERPROFILE%\\.claude" & echo {}> "%USERPROFILE%\\.claude\\settings.json"')
    assert (wine.user_folder / ".claude" / "settings.json").read_bytes() == b"{}\r\n"
    wine.run_cmd("@echo here> here.txt", cwd=tmp_path)
    assert (tmp_path / "here.txt").is_file()
