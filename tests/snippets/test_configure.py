"""What the configure and undo sections say beside their texts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.profile.model import CredentialScheme, Toggle
from portal.snippets.choices import recommended_choices
from portal.snippets.configure import configure_section, needs_anthropic_on_first_run, startup_file, undo_section
from portal.snippets.guide import Section
from portal.snippets.targets import Platform, Scope, Shell, Target, all_targets
from portal.snippets.variables import TOGGLE_VARIABLES
from tests.snippets.samples import HOSTILE, PLAIN, X_API_KEY, choose


def _notes(section: Section) -> str:
    return "\n".join(str(note.text) for note in section.notes)


def _configure(target: Target, *toggles: Toggle) -> Section:
    return configure_section(replace(choose(target, PLAIN), toggles=frozenset(toggles)), PLAIN)


@pytest.mark.parametrize("target", all_targets(), ids=str)
def test_notes_belong_to_the_target(target: Target) -> None:
    said = _notes(_configure(target))
    assert ("wins over these variables" in said) is (target.scope in {Scope.TERMINAL, Scope.STARTUP})
    assert ("after you trust the folder" in said) is (target.scope in {Scope.LOCAL, Scope.PROJECT})
    assert ("Commit `.claude/settings.json` only" in said) is (target.scope is Scope.PROJECT)
    assert ("outside fish" in said) is (target.shell is Shell.FISH and target.scope is Scope.STARTUP)
    windows = target.shell in {Shell.POWERSHELL, Shell.CMD}
    assert ("`ANTHROPIC_API_KEY` is removed" in said) is (windows and target.scope is Scope.STARTUP)
    assert ("Run as administrator" in said) is (target.platform is Platform.WINDOWS and target.scope is Scope.MANAGED)


@pytest.mark.parametrize(
    ("toggles", "said"),
    [
        ((Toggle.NO_AUTO_MODE,), "“Auto mode off” exists only"),
        ((Toggle.NO_WEBFETCH_CHECK,), "“No WebFetch check” exists only"),
        ((Toggle.NO_AUTO_MODE, Toggle.NO_WEBFETCH_CHECK), "Two of your options exist only"),
        (tuple(TOGGLE_VARIABLES), ""),
    ],
)
@pytest.mark.parametrize("scope", list(Scope))
def test_options_that_a_shell_cannot_carry_are_named(scope: Scope, toggles: tuple[Toggle, ...], said: str) -> None:
    notes = _notes(_configure(Target(Platform.LINUX, Shell.BASH, scope), *toggles))
    if said and scope in {Scope.TERMINAL, Scope.STARTUP}:
        assert said in notes
    else:
        assert "only in a settings.json" not in notes


@pytest.mark.parametrize(
    ("platform", "shell", "path"),
    [
        (Platform.MACOS, Shell.BASH, "~/.bash_profile"),
        (Platform.LINUX, Shell.BASH, "~/.bashrc"),
        (Platform.MACOS, Shell.ZSH, "~/.zshrc"),
        (Platform.WINDOWS, Shell.GIT_BASH, "~/.bashrc"),
        (Platform.LINUX, Shell.FISH, ""),
        (Platform.WINDOWS, Shell.CMD, ""),
        (Platform.WINDOWS, Shell.POWERSHELL, ""),
    ],
)
def test_start_up_file_is_named_where_there_is_one(platform: Platform, shell: Shell, path: str) -> None:
    assert startup_file(Target(platform, shell, Scope.STARTUP)) == path


@pytest.mark.parametrize("scope", [Scope.LOCAL, Scope.PROJECT])
def test_cmd_says_that_the_entry_in_gitignore_stays(scope: Scope) -> None:
    for shell in (Shell.CMD, Shell.POWERSHELL):
        target = Target(Platform.WINDOWS, shell, scope)
        said = _notes(undo_section(choose(target, PLAIN), PLAIN))
        assert ("`.gitignore` stays" in said) is (shell is Shell.CMD)


@pytest.mark.parametrize("scope", list(Scope))
def test_refusal_on_cmd_points_to_what_works(scope: Scope) -> None:
    target = Target(Platform.WINDOWS, Shell.CMD, scope)
    refusal = configure_section(choose(target, HOSTILE), HOSTILE).refusal
    assert refusal
    assert "PowerShell" in str(refusal.remedy)
    powershell = Target(Platform.WINDOWS, Shell.POWERSHELL, scope)
    assert configure_section(choose(powershell, HOSTILE), HOSTILE).refusal is None


def test_first_run_needs_anthropic_only_with_x_api_key() -> None:
    assert needs_anthropic_on_first_run(recommended_choices(X_API_KEY))
    assert not needs_anthropic_on_first_run(recommended_choices(PLAIN))
    chosen = replace(recommended_choices(PLAIN), credential=CredentialScheme.X_API_KEY)
    assert needs_anthropic_on_first_run(chosen)
