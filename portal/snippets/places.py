"""Owns where files are, before a shell spells their path.

Sources: the settings page and the managed-settings page of the client's documentation; start-up files from each
shell's manual. It must not know any shell's quoting.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.snippets.targets import Platform


class Base(StrEnum):
    """What a place is relative to."""

    HOME = "home"
    PROJECT = "project"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Place:
    """A file: `parts` below `base`. For `SYSTEM` the first part is the absolute folder."""

    base: Base
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.parts[-1]


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to create if there is none.

    Attributes:
        text: the whole content, ending in a line break.
        private: holds a key, so only its owner may read it (mode 0600 where there are modes).
        admin: needs the rights of an administrator.

    """

    place: Place
    text: str
    private: bool = False
    admin: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The content, a string a line."""
        return tuple(self.text.removesuffix("\n").split("\n"))


USER_SETTINGS: Final = Place(Base.HOME, (".claude", "settings.json"))
PROJECT_SETTINGS: Final = Place(Base.PROJECT, (".claude", "settings.json"))
LOCAL_SETTINGS: Final = Place(Base.PROJECT, (".claude", "settings.local.json"))

GITIGNORE_LINE: Final = ".claude/settings.local.json"

_MANAGED_FOLDER: Final = {
    Platform.MACOS: "/Library/Application Support/ClaudeCode",
    Platform.LINUX: "/etc/claude-code",
    Platform.WSL: "/etc/claude-code",
    Platform.WINDOWS: r"C:\Program Files\ClaudeCode",
}


def managed_settings(platform: Platform) -> Place:
    """The file that an administrator puts above everybody's settings."""
    return Place(Base.SYSTEM, (_MANAGED_FOLDER[platform], "managed-settings.json"))


def shown_path(place: Place, platform: Platform) -> str:
    """The path as a person of that platform writes it, for labels and `data-path`."""
    if platform is Platform.WINDOWS:
        parts = ("%USERPROFILE%", *place.parts) if place.base is Base.HOME else place.parts
        return "\\".join(parts)
    parts = ("~", *place.parts) if place.base is Base.HOME else place.parts
    return "/".join(parts)
