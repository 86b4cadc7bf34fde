"""The steps' commands for PowerShell (by its grammar) and for the Command Prompt (by Wine's cmd.exe, line by line).

Declared stand-ins on cmd: every program that a line starts does nothing; what is tried is that cmd reads the line.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from portal.snippets.targets import Shell
from tests.diagnosis.samples import PROFILES, every_step
from tests.real_parts.wine import Wine
from tests.snippets.probes.grammar import syntax_errors

_PROGRAMS: Final = (
    *("claude", "npm", "node", "curl", "winget", "powershell", "notepad", "nslookup", "where", "git", "setx", "reg"),
    *("install", "brew"),
)


def _commands(name: str, shell: Shell) -> list[str]:
    found: dict[str, None] = {}
    for _, _, shown in every_step(name, shell):
        found.update(dict.fromkeys(block.text for block in (*shown.blocks, *shown.undo_blocks) if block.shell))
    return list(found)


@pytest.mark.real("tree-sitter-powershell")
@pytest.mark.parametrize("name", PROFILES)
def test_powershell_reads_every_command(name: str) -> None:
    texts = _commands(name, Shell.POWERSHELL)
    assert len(texts) > 40
    # The grammar does not know typographic quotes as quotes.
    assert not [
        (text, errors) for text in texts if not re.search("[\u2018-\u201e]", text) and (errors := syntax_errors(text))
    ]


@pytest.mark.real("tree-sitter-powershell")
@pytest.mark.parametrize("shell", [Shell.CMD, Shell.GIT_BASH])
def test_powershell_reads_what_other_shells_hand_on(shell: Shell) -> None:
    handed_on = [
        match[1].replace("'\\''", "'")
        for text in _commands("plain", shell)
        for match in re.finditer(r"powershell(?:\.exe)? -NoProfile -Command [\"'](.*)[\"']$", text, re.MULTILINE)
    ]
    assert len(handed_on) > 3
    assert not [(text, errors) for text in handed_on if (errors := syntax_errors(text))]


@pytest.fixture
def stand_ins(wine: Wine, tmp_path: Path) -> Path:
    """A folder with programs that do nothing; cmd looks into the current folder first."""
    for name in _PROGRAMS:
        (tmp_path / f"{name}.cmd").write_text("@rem\n")
    return tmp_path


@pytest.mark.real("wine")
def test_command_prompt_reads_every_line(wine: Wine, stand_ins: Path) -> None:
    lines = sorted({line for text in _commands("plain", Shell.CMD) for line in text.splitlines()})
    assert len(lines) > 40
    script = ["@echo off"]
    for number, line in enumerate(lines):
        # Each line in a file of its own: a program that is a script ends the file that starts it.
        (stand_ins / f"line-{number}.cmd").write_bytes(f"{line}\r\n".encode("cp437"))
        script += [f"call line-{number}.cmd", f"echo [{number}]"]
    answer = wine.run_cmd("\n".join(script), cwd=stand_ins, timeout=120)
    shutil.rmtree(wine.user_folder / ".claude", ignore_errors=True)
    done = {int(number) for number in re.findall(r"^\[(\d+)\]", answer.stdout, re.MULTILINE)}
    assert [line for number, line in enumerate(lines) if number not in done] == []
    assert not answer.stderr.strip()
    assert "syntax" not in answer.stdout.lower()
