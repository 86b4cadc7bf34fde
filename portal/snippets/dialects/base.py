"""Owns what every dialect can say. A dialect knows its shell and nothing about Claude Code or gateways."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from portal.snippets.places import NewFile, Place
from portal.words import Text, _

_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")

IGNORE_COMMENT: Final = "# Claude Code: personal settings, may hold a key"
"""The line above the entry that a set-up adds to `.gitignore`; its presence says that we added it."""


class Language(StrEnum):
    """What a block of text is written in; the values are Pygments lexer names."""

    POSIX = "bash"
    FISH = "fish"
    POWERSHELL = "powershell"
    CMD = "batch"
    JSON = "json"
    PLAIN = "text"


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable to set; an empty value means that a left-over value must not count."""

    name: str
    value: str

    @property
    def neutralised(self) -> bool:
        """Whether this variable is here to be made harmless."""
        return not self.value


class ScriptOption(StrEnum):
    """What a fetched script can be told; the values are the long options of the POSIX scripts."""

    UNDO = "--undo"
    DRY_RUN = "--dry-run"


class CannotCarry(ValueError):  # noqa: N818 - named by what it says, like the outcomes elsewhere
    """The shell has no way to write this value. `reason` says why, for the visitor."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(str(reason))


class Dialect(ABC):
    """How one shell says what a set-up needs. Every method returns text without a trailing line break."""

    language: ClassVar[Language]

    @abstractmethod
    def quote(self, value: str) -> str:
        """Return `value` as one word of the shell, always between quotes.

        Raises:
            CannotCarry: a character that the shell cannot write between quotes.

        """

    @abstractmethod
    def path(self, place: Place) -> str:
        """Return the path of `place` as one word of the shell."""

    def set_here(self, variables: Sequence[Variable]) -> str:
        """Set the variables for this terminal and the programs it starts."""
        return "\n".join(self._set_here(variable) for variable in variables)

    @abstractmethod
    def _set_here(self, variable: Variable) -> str:
        """Set one of them."""

    @abstractmethod
    def unset_here(self, names: Sequence[str]) -> str:
        """Remove the variables from this terminal."""

    @abstractmethod
    def persist(self, variables: Sequence[Variable]) -> str:
        """Set the variables for every new terminal; a second run replaces what the first one wrote."""

    @abstractmethod
    def unpersist(self, names: Sequence[str]) -> str:
        """Take back what `persist` wrote, and remove the variables from this terminal."""

    @abstractmethod
    def create(self, file: NewFile) -> str:
        """Create the file if there is none; otherwise say so and change nothing. One line."""

    @abstractmethod
    def remove(self, file: NewFile) -> str:
        """Remove the file if it still is what `create` wrote; otherwise say so and change nothing."""

    @abstractmethod
    def ignore(self, entry: str) -> str:
        """Add `entry` to `.gitignore` in the current folder, unless it is there."""

    @abstractmethod
    def unignore(self, entry: str) -> str:
        """Take back what `ignore` added."""

    @abstractmethod
    def run_script(self, url: str, option: ScriptOption | None = None) -> str:
        """Fetch a script from `url` and run it. One line; a script that cannot be fetched runs nothing."""

    @abstractmethod
    def add_to_path(self) -> str:
        """Put the folder of the native installer's launcher on the search path, now and from now on."""


def refuse_control_characters(value: str) -> None:
    """Refuse what no terminal paste carries: control characters other than the line feed.

    Raises:
        CannotCarry: there is one.

    """
    if match := _CONTROL.search(value):
        raise CannotCarry(
            _(
                "The value has a control character (U+{code}), which does not survive a paste.",
                code=f"{ord(match[0]):04X}",
            ),
        )


def exists_message(path: str) -> str:
    """What a command prints when it leaves a file alone (English, like the client's own output)."""
    return f"{path} already exists. Nothing was changed."


def kept_message(path: str) -> str:
    """What an undo prints when the file is not the one that the set-up wrote."""
    return f"{path} is not what this page writes for this key and these choices. Nothing was removed."
