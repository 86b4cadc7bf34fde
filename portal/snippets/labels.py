"""Owns what a choice is called on a page: platforms, shells, ways to install, scopes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from portal.snippets.targets import Install, Platform, Scope, Shell, Target
from portal.words import Text, _

PLATFORM_LABELS: Final[dict[StrEnum, Text]] = {
    Platform.MACOS: _("macOS"),
    Platform.LINUX: _("Linux"),
    Platform.WSL: _("Windows, inside WSL"),
    Platform.WINDOWS: _("Windows"),
}

SHELL_LABELS: Final[dict[StrEnum, Text]] = {
    Shell.ZSH: _("zsh"),
    Shell.BASH: _("bash"),
    Shell.FISH: _("fish"),
    Shell.POWERSHELL: _("PowerShell"),
    Shell.CMD: _("Command Prompt"),
    Shell.GIT_BASH: _("Git Bash"),
}

INSTALL_LABELS: Final[dict[StrEnum, Text]] = {
    Install.NATIVE: _("Installer (recommended)"),
    Install.HOMEBREW: _("Homebrew, stable"),
    Install.HOMEBREW_LATEST: _("Homebrew, latest"),
    Install.WINGET: _("WinGet"),
    Install.APT: _("apt (Debian, Ubuntu)"),
    Install.DNF: _("dnf (Fedora, RHEL)"),
    Install.APK: _("apk (Alpine)"),
    Install.NPM: _("npm (Node.js 22)"),
    Install.DONE: _("It is installed already"),
}

SCOPE_LABELS: Final[dict[StrEnum, Text]] = {
    Scope.USER: _("Your settings.json (recommended)"),
    Scope.STARTUP: _("Your shell’s start-up file"),
    Scope.TERMINAL: _("This terminal only"),
    Scope.LOCAL: _("One project, only for you"),
    Scope.PROJECT: _("One project, shared with your team"),
    Scope.MANAGED: _("Everybody on this machine (administrators)"),
}

USER_VARIABLES_LABEL: Final = _("Your Windows user variables")
"""What the start-up scope is called where the shell has no start-up file for variables."""


def scope_label(target: Target) -> Text:
    """What the target's scope is called on its machine."""
    if target.scope is Scope.STARTUP and target.shell in {Shell.POWERSHELL, Shell.CMD}:
        return USER_VARIABLES_LABEL
    return SCOPE_LABELS[target.scope]
