"""The probes of cmd.exe through Wine. Declared stand-in: where a text starts PowerShell, `echo` shows what arrives."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from portal.keys import PLACEHOLDER
from portal.snippets.dialects import CannotCarry
from portal.snippets.places import USER_SETTINGS
from portal.snippets.probes import ApiCall, KeySource, probe_for
from portal.snippets.targets import Platform, Shell
from tests.real_parts.wine import Wine
from tests.snippets.samples import variables

_PROBE: Final = probe_for(Platform.WINDOWS, Shell.CMD)
_POWERSHELL: Final = probe_for(Platform.WINDOWS, Shell.POWERSHELL)
_NAMES: Final = ("ANTHROPIC_*", "HTTPS_PROXY")


def _call(url: str) -> ApiCall:
    headers = (("Authorization", f"Bearer {PLACEHOLDER}"), ("x-team", "a&b|c<d>e^f"))
    return ApiCall(url, headers, {"model": "m"}, KeySource.PROMPT, "ANTHROPIC_AUTH_TOKEN")


def _run(wine: Wine, text: str, env: dict[str, str] | None = None) -> list[str]:
    answer = wine.run_cmd(f"@echo off\n{text}", env=env)
    assert not answer.stderr.strip()
    return answer.stdout.splitlines()


@pytest.mark.real("wine")
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (_PROBE.variables(_NAMES), _POWERSHELL.variables(_NAMES)),
        (_PROBE.find(["ANTHROPIC_API_KEY"]), _POWERSHELL.find(["ANTHROPIC_API_KEY"])),
        (_PROBE.read(USER_SETTINGS), _POWERSHELL.read(USER_SETTINGS)),
        (_PROBE.call(_call("https://x.example.com/a?b=c&d")), _POWERSHELL.call(_call("https://x.example.com/a?b=c&d"))),
    ],
    ids=["variables", "find", "read", "call"],
)
def test_powershell_gets_the_text_unchanged(wine: Wine, ours: str, theirs: str) -> None:
    program = "powershell -NoProfile -Command "
    assert ours.startswith(program)
    assert _run(wine, f"echo {ours.removeprefix(program)}") == [f'"{theirs}"']


@pytest.mark.real("wine")
def test_program_runs_with_variables_for_one_call(wine: Wine) -> None:
    (wine.user_folder / "claude.cmd").write_text("@echo %CLAUDE_CODE_MAX_RETRIES%-%HTTPS_PROXY%- %*\n")
    given = variables(CLAUDE_CODE_MAX_RETRIES="0", HTTPS_PROXY="", NODE_EXTRA_CA_CERTS="/full path/to/x.pem")
    text = _PROBE.run_with(given, "claude", ["-p", "Reply with one word: connected"])
    lines = _run(wine, f"{text}\necho [%CLAUDE_CODE_MAX_RETRIES%][%HTTPS_PROXY%]", {"HTTPS_PROXY": "http://p"})
    assert lines == ['0-- -p "Reply with one word: connected"', "[][http://p]"]


@pytest.mark.real("wine")
def test_editor_opens_a_file_in_a_folder_that_is_there(wine: Wine) -> None:
    text = _PROBE.edit(USER_SETTINGS, create=True, private=True).replace("notepad", "echo")
    folder: Path = wine.user_folder / ".claude"
    shutil.rmtree(folder, ignore_errors=True)  # other tests of this Windows write there, too
    (shown,) = _run(wine, text)
    assert shown.endswith('\\.claude\\settings.json"')
    assert folder.is_dir()


@pytest.mark.real("wine")
def test_forgotten_variables_are_gone(wine: Wine) -> None:
    _run(wine, "reg add HKCU\\Environment /v ANTHROPIC_API_KEY /t REG_SZ /d old /f >nul")
    lines = _run(
        wine, f"{_PROBE.forget(['ANTHROPIC_API_KEY'])}\necho [%ANTHROPIC_API_KEY%]", {"ANTHROPIC_API_KEY": "x"}
    )
    assert lines[-1] == "[]"
    assert "ANTHROPIC_API_KEY" not in wine.user_environment()


def test_what_cmd_would_change_is_refused() -> None:
    with pytest.raises(CannotCarry):
        _PROBE.call(_call("https://x.example.com/a%20b"))
