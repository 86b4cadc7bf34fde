from __future__ import annotations

from itertools import product

import pytest

from portal.profile.load import load_profile
from portal.snippets.choices import recommended_choices
from portal.snippets.places import LOCAL_SETTINGS, USER_SETTINGS, managed_settings, shown_path
from portal.snippets.targets import INSTALLS, SHELLS, Install, Platform, Scope, Shell, Target, all_targets

_LEGAL = {
    Platform.MACOS: {Shell.ZSH, Shell.BASH, Shell.FISH},
    Platform.LINUX: {Shell.ZSH, Shell.BASH, Shell.FISH},
    Platform.WSL: {Shell.ZSH, Shell.BASH, Shell.FISH},
    Platform.WINDOWS: {Shell.POWERSHELL, Shell.CMD, Shell.GIT_BASH},
}


def test_there_are_72_targets_each_once() -> None:
    assert len(all_targets()) == len(set(all_targets())) == 72


@pytest.mark.parametrize(("platform", "shell", "scope"), list(product(Platform, Shell, Scope)))
def test_only_legal_targets_exist(platform: Platform, shell: Shell, scope: Scope) -> None:
    if shell in _LEGAL[platform]:
        assert Target(platform, shell, scope) in all_targets()
    else:
        with pytest.raises(ValueError, match=f"{platform} has no {shell}"):
            Target(platform, shell, scope)


@pytest.mark.parametrize(
    ("platform", "shell"),
    [
        (Platform.MACOS, Shell.ZSH),
        (Platform.LINUX, Shell.BASH),
        (Platform.WSL, Shell.BASH),
        (Platform.WINDOWS, Shell.POWERSHELL),
    ],
)
def test_newcomer_is_offered_the_usual_shell_the_users_file_and_the_native_installer(
    platform: Platform, shell: Shell
) -> None:
    choices = recommended_choices(load_profile("tokenbay"), platform)
    assert choices.target == Target(platform, shell, Scope.USER)
    assert choices.install is Install.NATIVE


def test_every_platform_has_ways_to_install_and_can_skip_it() -> None:
    assert INSTALLS.keys() == SHELLS.keys() == set(Platform)
    assert all(ways[-1] is Install.DONE and Install.NPM in ways for ways in INSTALLS.values())
    assert {way for ways in INSTALLS.values() for way in ways} == set(Install)


def test_paths_are_shown_as_people_of_the_platform_write_them() -> None:
    assert shown_path(USER_SETTINGS, Platform.LINUX) == "~/.claude/settings.json"
    assert shown_path(USER_SETTINGS, Platform.WINDOWS) == "%USERPROFILE%\\.claude\\settings.json"
    assert shown_path(LOCAL_SETTINGS, Platform.MACOS) == ".claude/settings.local.json"
    assert shown_path(LOCAL_SETTINGS, Platform.WINDOWS) == ".claude\\settings.local.json"
    assert {platform: shown_path(managed_settings(platform), platform) for platform in Platform} == {
        Platform.MACOS: "/Library/Application Support/ClaudeCode/managed-settings.json",
        Platform.LINUX: "/etc/claude-code/managed-settings.json",
        Platform.WSL: "/etc/claude-code/managed-settings.json",
        Platform.WINDOWS: "C:\\Program Files\\ClaudeCode\\managed-settings.json",
    }
