"""The scripts as text: pure, without a key, readable by their shells, whatever the values."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.profile.load import load_profile, preset_names
from portal.profile.model import GatewayProfile
from portal.scripts.apply import engine_text, render_apply_ps1, render_apply_sh
from portal.snippets.choices import recommended_choices
from portal.snippets.script_lines import ScriptName, script_for
from portal.snippets.targets import Scope, Target, all_targets
from tests.scripts.apply.machine import GUIDE, SHELLS, program

SERVED = [target for target in all_targets() if script_for(target)]


def render(target: Target, profile: GatewayProfile, guide: str = GUIDE) -> str:
    choices = replace(recommended_choices(profile, target.platform), target=target)
    if script_for(target) is ScriptName.PS1:
        return render_apply_ps1(choices, profile, guide)
    return render_apply_sh(choices, profile, guide)


@pytest.mark.parametrize("preset", preset_names())
def test_every_target_but_a_terminal_has_a_script_without_marks_left(preset: str) -> None:
    profile = load_profile(preset)
    for target in SERVED:
        text = render(target, profile)
        assert text == render(target, profile)
        assert not [line for line in text.splitlines() if line.strip().startswith(("#@", "#!!"))]
        assert text.endswith("\n")
    assert {target.scope for target in all_targets()} - {target.scope for target in SERVED} == {Scope.TERMINAL}


def test_file_that_the_guide_can_repair_leads_to_its_repair() -> None:
    profile = load_profile("tokenbay")
    for target in SERVED:
        named = [line for line in render(target, profile).splitlines() if "have the guide repair it" in line]
        assert named
        assert all("#fold-merge" in line for line in named)


def test_wrong_script_is_refused() -> None:
    profile = load_profile("tokenbay")
    for target in all_targets():
        choices = replace(recommended_choices(profile, target.platform), target=target)
        for name, renderer in ((ScriptName.SH, render_apply_sh), (ScriptName.PS1, render_apply_ps1)):
            if script_for(target) is not name:
                with pytest.raises(ValueError, match="does not serve"):
                    renderer(choices, profile, GUIDE)


def test_no_engine_breaks_out_of_its_here_document() -> None:
    for language in ("python", "javascript", "jq", "perl"):
        lines = engine_text(language).split("\n")
        assert "END_OF_ENGINE" not in lines
        assert lines[-1] == ""


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is missing on this machine")
@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.TERMINAL])
def test_shellcheck_finds_nothing(scope: Scope, tmp_path: Path) -> None:
    target = next(target for target in SERVED if target.scope is scope and script_for(target) is ScriptName.SH)
    path = tmp_path / "apply.sh"
    path.write_text(render(target, load_profile("tokenbay")))
    answer = subprocess.run(["shellcheck", path], capture_output=True, text=True, check=False)
    assert answer.stdout == ""


@pytest.mark.parametrize("shell", list(SHELLS))
def test_shell_reads_the_script(shell: str, tmp_path: Path) -> None:
    name, *flags = SHELLS[shell]
    path = tmp_path / "apply.sh"
    path.write_text(render(SERVED[0], load_profile("deepseek")))
    answer = subprocess.run([program(name), *flags, "-n", path], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")


@given(st.text(alphabet=st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40))
def test_any_value_arrives_in_the_shell_as_it_is(value: str) -> None:
    profile = replace(load_profile("tokenbay"), name=value)
    text = render(SERVED[0], profile, value)
    head = text[: text.index("# ---- The script")]
    program_text = head + 'printf "%s\\n%s\\n" "$gateway" "$guide"\n'
    answer = subprocess.run(["sh"], input=program_text.encode(), capture_output=True, check=True)
    assert answer.stdout.decode() == f"{value}\n{value}\n"
