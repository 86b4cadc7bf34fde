"""The doctor for PowerShell: its grammar, its rules, and a run of it where there is a real PowerShell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.profile.load import load_profile, preset_names
from portal.scripts import doctor
from portal.scripts.doctor import FINDINGS, render_doctor_ps1, render_doctor_sh
from tests.profile.documents import read
from tests.scripts.doctor.homes import KEY, OLD_KEY, Prepared, prepare, settings
from tests.scripts.doctor.report import parse_report

SCRIPT = render_doctor_ps1(read())
SECRET_RULES = ["sk|pk|rk|ak|key|token|secret|bearer", "TOKEN|KEY|SECRET|PASS|PASSPHRASE|PASSWORD|HEADERS|BODY"]


def ids_in(text: str) -> set[str]:
    return set(re.findall(r"(?:\bfault\(|Add-Fault )[\"']([a-z0-9-]+)[\"']", text))


def test_both_scripts_find_what_the_catalogue_lists() -> None:
    shell = render_doctor_sh(read())
    ordered = {"sh": re.findall(r'ids = ("(?:[^\n]*\n)*?[^\n]*)\n +id_count', shell)[0]}
    assert tuple(re.findall(r"[a-z0-9-]+", re.sub(r'[\\"]', "", ordered["sh"]))) == FINDINGS
    listed = SCRIPT.split("$findingIds = @(")[1].split(")")[0]
    assert tuple(re.findall(r"'([a-z0-9-]+)'", listed)) == FINDINGS
    assert ids_in(shell) == set(FINDINGS)
    # A shell's own export and start-up files of another shell do not exist on Windows; nor does WSL inside it.
    assert set(FINDINGS) - ids_in(SCRIPT) == {"not-exported", "other-shell", "claude-windows"}


@pytest.mark.parametrize("preset", preset_names())
@pytest.mark.real("tree-sitter-powershell")
def test_script_parses_as_powershell(preset: str) -> None:
    import tree_sitter  # noqa: PLC0415
    import tree_sitter_powershell  # noqa: PLC0415

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    assert not parser.parse(render_doctor_ps1(load_profile(preset)).encode()).root_node.has_error


def test_script_is_plain_ascii_because_51_reads_it_in_any_code_page() -> None:
    assert (Path(doctor.__file__).parent / "doctor.ps1").read_text(encoding="utf-8").isascii()


@given(
    name=st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(" '’‘“”`$"), min_size=1, max_size=40)
)
def test_name_stays_one_quoted_text(name: str) -> None:
    if not isinstance(profile := _read_or_none(name.strip()), type(read())):
        return
    line = next(line for line in render_doctor_ps1(profile).splitlines() if line.startswith("$GATEWAY_NAME = "))
    inner = line.removeprefix("$GATEWAY_NAME = '").removesuffix("'")
    assert re.sub("([\u2018\u2019\u201a\u201b'])\\1", "\\1", inner) == profile.name
    assert not re.search(
        "(?<![\u2018\u2019\u201a\u201b'])[\u2018\u2019\u201a\u201b'](?![\u2018\u2019\u201a\u201b'])", inner
    )


def _read_or_none(name: str) -> object:
    try:
        return read(name=name)
    except AssertionError:
        return None


def test_values_reach_the_output_through_the_masking_functions_only() -> None:
    body = SCRIPT.split("# ---- The report for people")[1]
    assert ".Value" not in body
    advice = [line for line in SCRIPT.splitlines() if "Add-Fault '" in line]
    assert len(advice) > 50
    assert not [line for line in advice if re.search(r"\$(?:value|raw|url)\b|(?<!Show-Model \$record)\.Value", line)]


def test_both_scripts_mask_by_the_same_rules() -> None:
    shell = render_doctor_sh(read())
    for rule in SECRET_RULES:
        assert rule in shell
        assert rule in SCRIPT
    assert "length(value) < 16" in shell
    assert "$value.Length -lt 16" in SCRIPT


def test_script_does_not_write_or_close_the_window() -> None:
    commands = re.findall(
        r"\b(?:Set|Add|Out|New|Remove|Clear|Copy|Move|Rename)-(?:Content|Item|File|ItemProperty)\b[^\n]*", SCRIPT
    )
    assert all("$aside" in command for command in commands)
    assert not re.search(r"SetEnvironmentVariable|WriteAll|\.SetValue|Invoke-Expression|Start-Process", SCRIPT)
    assert [
        line for line in SCRIPT.splitlines() if re.search(r"\bexit\b(?! code)", line) and not line.startswith("#")
    ] == ["if ($PSCommandPath) { exit $global:LASTEXITCODE }"]


def test_real_powershell_names_the_source(tmp_path: Path) -> None:
    program = shutil.which("pwsh") or shutil.which("powershell")
    if not program or (os.name != "nt" and program.endswith("powershell")):
        pytest.skip("the real part 'powershell' is missing; to get it: install PowerShell 7 (pwsh)")
    house = prepare(tmp_path / "h", Prepared({".claude/settings.json": settings(ANTHROPIC_API_KEY=OLD_KEY)}))
    path = house.top / "doctor.ps1"
    path.write_text(SCRIPT)
    command = [program, "-NoProfile", "-File", str(path), "--offline"]
    env = {**os.environ, **house.environment()}
    result = subprocess.run(command, env=env, cwd=house.project, capture_output=True, text=True, check=False)
    report = parse_report(result.stdout)
    assert (report.ids, result.returncode) == (["left-over-key"], 1)
    assert report.findings[0].place == "~/.claude/settings.json line 9"
    assert KEY not in result.stdout
    assert OLD_KEY not in result.stdout
