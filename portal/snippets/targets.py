"""Owns the legal combinations of machine, shell and place for the settings: one table, `SHELLS`.

It must not know how a shell quotes (`dialects`) or what is said about a target (`recipes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Platform(StrEnum):
    """The operating system that `claude` runs on; WSL counts on its own because it has its own home folder."""

    MACOS = "macos"
    LINUX = "linux"
    WSL = "wsl"
    WINDOWS = "windows"


class Shell(StrEnum):
    """The shell that the visitor pastes into."""

    ZSH = "zsh"
    BASH = "bash"
    FISH = "fish"
    POWERSHELL = "powershell"
    CMD = "cmd"
    GIT_BASH = "git-bash"


class Scope(StrEnum):
    """Where the settings live.

    `USER` is the default: the file is read by every way of starting the client, wins over a left-over shell
    variable, and stays out of every repository.
    """

    TERMINAL = "terminal"
    STARTUP = "startup"
    USER = "user"
    LOCAL = "local"
    PROJECT = "project"
    MANAGED = "managed"


class Install(StrEnum):
    """How Claude Code gets onto the machine."""

    NATIVE = "native"
    HOMEBREW = "homebrew"
    HOMEBREW_LATEST = "homebrew-latest"
    WINGET = "winget"
    APT = "apt"
    DNF = "dnf"
    APK = "apk"
    NPM = "npm"
    DONE = "done"


SHELLS: Final[Mapping[Platform, tuple[Shell, ...]]] = MappingProxyType(
    {
        Platform.MACOS: (Shell.ZSH, Shell.BASH, Shell.FISH),
        Platform.LINUX: (Shell.BASH, Shell.ZSH, Shell.FISH),
        Platform.WSL: (Shell.BASH, Shell.ZSH, Shell.FISH),
        Platform.WINDOWS: (Shell.POWERSHELL, Shell.CMD, Shell.GIT_BASH),
    },
)
"""The shells of each platform; the first is what a newcomer most likely has."""

INSTALLS: Final[Mapping[Platform, tuple[Install, ...]]] = MappingProxyType(
    {
        Platform.MACOS: (Install.NATIVE, Install.HOMEBREW, Install.HOMEBREW_LATEST, Install.NPM, Install.DONE),
        Platform.LINUX: (Install.NATIVE, Install.APT, Install.DNF, Install.APK, Install.NPM, Install.DONE),
        Platform.WSL: (Install.NATIVE, Install.APT, Install.DNF, Install.NPM, Install.DONE),
        Platform.WINDOWS: (Install.NATIVE, Install.WINGET, Install.NPM, Install.DONE),
    },
)
"""The ways to install on each platform; the first is the one that Anthropic recommends."""


@dataclass(frozen=True, slots=True)
class Target:
    """A machine, a shell and a place for the settings; only legal combinations exist.

    Raises:
        ValueError: the platform does not have the shell.

    """

    platform: Platform
    shell: Shell
    scope: Scope

    def __post_init__(self) -> None:
        if self.shell not in SHELLS[self.platform]:
            raise ValueError(f"{self.platform} has no {self.shell}")


def all_targets() -> tuple[Target, ...]:
    """Every legal target, in the order of the table."""
    return tuple(
        Target(platform, shell, scope) for platform, shells in SHELLS.items() for shell in shells for scope in Scope
    )
