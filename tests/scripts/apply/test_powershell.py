"""`apply.ps1` without a PowerShell: it parses, its values arrive, its rules are those of the other scripts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal.keys
import portal.scripts.apply
from portal.profile.load import load_profile, preset_names
from portal.scripts.apply import render_apply_ps1
from portal.scripts.engines import scan
from portal.scripts.plan import plan_for
from portal.snippets.choices import recommended_choices
from portal.snippets.script_lines import ScriptName, script_for
from portal.snippets.targets import Target, all_targets
from tests.scripts.apply.documents import document
from tests.scripts.apply.machine import GUIDE, choose
from tests.scripts.apply.reference import apply_merge

SCRIPT: Final = Path(portal.scripts.apply.__file__).with_name("apply.ps1").read_text(encoding="utf-8")
TARGETS: Final = [target for target in all_targets() if script_for(target) is ScriptName.PS1]
_QUOTE: Final = "'\u2018\u2019\u201a\u201b"


def render(target: Target, preset: str = "tokenbay", name: str = "") -> str:
    profile = load_profile(preset)
    profile = replace(profile, name=name or profile.name)
    choices = replace(recommended_choices(profile, target.platform), target=target)
    return render_apply_ps1(choices, profile, GUIDE)


@cache
def parser() -> Any:
    import tree_sitter  # noqa: PLC0415 - optional parts are imported by the tests that need them
    import tree_sitter_powershell  # noqa: PLC0415

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def mistakes(text: str) -> list[str]:
    """What the grammar cannot read."""
    found, waiting = [], [parser().parse(text.encode()).root_node]
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR" or node.is_missing:
            found.append(f"line {node.start_point[0] + 1}: {node.text.decode()[:80]}")
        waiting += node.children
    return found


def unquote(expression: str) -> str:
    """What PowerShell makes of a quoted word: every pair of single quotes of any kind is one of them."""
    assert expression[0] in _QUOTE
    assert expression[-1] in _QUOTE
    inner = expression[1:-1]
    assert not re.search(f"[{_QUOTE}]", re.sub(rf"([{_QUOTE}])\1", "", inner))
    return re.sub(rf"([{_QUOTE}])\1", r"\1", inner)


@pytest.mark.real("tree-sitter-powershell")
@pytest.mark.parametrize("preset", preset_names())
def test_script_parses(preset: str) -> None:
    for target in TARGETS:
        assert mistakes(render(target, preset)) == []


@pytest.mark.real("tree-sitter-powershell")
@given(st.text(alphabet=st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30))
def test_any_value_arrives_as_it_is(value: str) -> None:
    text = render(TARGETS[0], name=value)
    (line,) = [line for line in text.split("\n") if line.startswith("    gateway = ")]
    assert unquote(line.removeprefix("    gateway = ")) == value


def test_template_is_ascii_because_windows_powershell_reads_files_in_the_code_page() -> None:
    assert SCRIPT.isascii()


def test_documents_never_pass_through_the_json_of_powershell() -> None:
    code = "\n".join(line for line in SCRIPT.split("\n") if not line.lstrip().startswith("#"))
    assert not re.search(r"ConvertTo-Json\b|ConvertFrom-Json\b|Set-Content|Out-File|Add-Content", code)


def test_nothing_newer_than_windows_powershell_5_is_used() -> None:
    code = "\n".join(line for line in SCRIPT.split("\n") if not line.lstrip().startswith("#"))
    assert not re.search(r"\?\?|\s&&\s|\s\|\|\s|\?\.\w|-AsHashtable|-SkipHttpErrorCheck|-AsPlainText", code)


def test_tokens_are_those_of_the_reference() -> None:
    match = re.search(r"\$tokenPattern = '(.*)' \+\n\s+'(.*)'\n", SCRIPT)
    assert match
    assert match[1] + match[2] == scan._TOKEN.pattern.replace(r"[^ \t\n\f]", r"[^ \t\r\n]")


def test_paste_rules_are_those_of_the_portal() -> None:
    invisible = re.search(r"\$invisible = '\[(.*)\]'", SCRIPT)
    assert invisible
    ours = {chr(code) for code in range(0x10000) if re.match(f"[{invisible[1]}]", chr(code))}
    assert ours == {chr(code) for code in range(0x10000) if portal.keys._INVISIBLE.match(chr(code))}


def test_every_exit_code_is_in_the_help() -> None:
    used = set(re.findall(r"Stop-Setup (\d+)", SCRIPT))
    shown = SCRIPT.split("Exit codes")[1].split("'@")[0]
    assert used == {"1", "2", "3", "4", "5", "7", "8", "9", "10", "11"}
    assert not [code for code in used if f"\n  {code:>2}  " not in shown]


@pytest.mark.skipif(
    not (shutil.which("pwsh") or shutil.which("powershell")), reason="a real PowerShell is missing on this machine"
)
def test_real_powershell_writes_the_bytes_of_the_reference(tmp_path: Path) -> None:
    shell = shutil.which("pwsh") or shutil.which("powershell") or ""
    script, settings = tmp_path / "apply.ps1", tmp_path / ".claude" / "settings.json"
    script.write_text(render(TARGETS[0]), encoding="utf-8")
    target = choose(shell=TARGETS[0].shell, platform=TARGETS[0].platform)
    orders = [order.line for order in plan_for(target, load_profile("tokenbay")).files[0].orders]
    env = {**os.environ, "USERPROFILE": str(tmp_path), "THE_KEY": "sk-demo-good", "CLAUDE_CONFIG_DIR": ""}
    settings.parent.mkdir()
    for number in range(0, 300, 10):
        settings.write_bytes(document(number))
        expected = apply_merge(document(number), [order.replace("YOUR-API-KEY", "sk-demo-good") for order in orders])
        for options in (["--no-check", "--key-env", "THE_KEY"], ["--undo"]):
            command = [shell, "-NoProfile", "-File", str(script), *options]
            answer = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, check=False, timeout=120)
            if options == ["--undo"]:
                assert answer.returncode == (0 if expected.changed else 11), number
            else:
                assert answer.returncode == (5 if expected.problem else 0), number
                assert settings.read_bytes() == expected.data, number


def test_key_is_only_a_placeholder() -> None:
    text = render_apply_ps1(
        choose(shell=TARGETS[0].shell, platform=TARGETS[0].platform), load_profile("tokenbay"), GUIDE
    )
    assert "YOUR-API-KEY" in text
    assert "sk-demo" not in text
