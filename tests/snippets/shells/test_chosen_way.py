"""A chosen header and region change every text as if they were the profile's own, for every target and script."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.profile.model import CredentialScheme, GatewayProfile, Region, base_url_for
from portal.scripts.commands import script_text
from portal.scripts.doctor import render_doctor_ps1, render_doctor_sh
from portal.scripts.plan import plan_for
from portal.snippets.choices import Choices
from portal.snippets.recipes import write_guide
from portal.snippets.script_lines import script_for
from portal.snippets.settings_json import downloadable_file
from portal.snippets.targets import Scope, Shell, Target, all_targets
from tests.snippets.samples import HOSTILE, HOSTILE_KEY, PLAIN, choose, fill, identify, on_linux
from tests.snippets.shells.machine import UNIX_SHELLS, Machine, needs

_EU = Region("eu", "Europe", "https://eu.example.com:8443/a!b$c&d'e(f)")
_REGIONAL = replace(HOSTILE, regions=(_EU, Region("us", "America", "https://us.example.com")))
_AS_CHOSEN = replace(_REGIONAL, base_url=_EU.base_url, credential=CredentialScheme.X_API_KEY)
every_target = pytest.mark.parametrize("target", all_targets(), ids=identify)


def _chosen(target: Target, profile: GatewayProfile = _REGIONAL) -> Choices:
    return replace(choose(target, profile), credential=CredentialScheme.X_API_KEY, region="eu")


@every_target
def test_guide_is_the_one_of_a_gateway_with_that_way(target: Target) -> None:
    found = write_guide(_chosen(target), _REGIONAL)
    expected = write_guide(choose(target, _AS_CHOSEN), _AS_CHOSEN)
    assert replace(found, choices=expected.choices) == expected
    usual = write_guide(choose(target, _REGIONAL), _REGIONAL)
    assert usual.verify != expected.verify


@every_target
def test_download_and_script_are_those_of_a_gateway_with_that_way(target: Target) -> None:
    chosen, own = _chosen(target), choose(target, _AS_CHOSEN)
    assert downloadable_file(chosen, _REGIONAL) == downloadable_file(own, _AS_CHOSEN)
    if target.scope is Scope.TERMINAL:
        return
    name = script_for(target)
    assert name is not None
    assert plan_for(chosen, _REGIONAL) == plan_for(own, _AS_CHOSEN)
    text = script_text(name, chosen, _REGIONAL, "https://portal.example.com/?x")
    assert text == script_text(name, own, _AS_CHOSEN, "https://portal.example.com/?x")
    assert text != script_text(name, choose(target, _REGIONAL), _REGIONAL, "https://portal.example.com/?x")


@pytest.mark.parametrize("render", [render_doctor_sh, render_doctor_ps1])
def test_doctor_looks_for_the_chosen_way(render: object) -> None:
    assert callable(render)
    assert render(_REGIONAL, "eu", CredentialScheme.X_API_KEY) == render(_AS_CHOSEN)
    assert render(_REGIONAL, "eu") != render(_REGIONAL)


@pytest.mark.parametrize("shell", [needs(shell) for shell in UNIX_SHELLS])
def test_new_terminal_has_the_chosen_way_and_no_other_credential(machine: Machine, shell: Shell) -> None:
    target = on_linux(shell, Scope.STARTUP)
    (block,) = write_guide(_chosen(target), _REGIONAL).configure.blocks
    answer = machine.run(shell, fill(block.text, HOSTILE_KEY), env={"ANTHROPIC_AUTH_TOKEN": "sk-left-over"})
    assert not answer.stderr
    seen = machine.new_terminal(target.platform, shell)
    assert (seen["ANTHROPIC_BASE_URL"], seen["ANTHROPIC_API_KEY"]) == (_EU.base_url, HOSTILE_KEY)
    assert seen["ANTHROPIC_AUTH_TOKEN"] == ""


def test_address_is_refused_when_the_profile_has_no_such_region() -> None:
    assert base_url_for(PLAIN, "") == PLAIN.base_url
    with pytest.raises(KeyError):
        base_url_for(PLAIN, "eu")
