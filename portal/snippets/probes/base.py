"""Owns what every probe can look at. Like a dialect it knows its shell, and nothing about gateways."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.keys import PLACEHOLDER
from portal.snippets.dialects import CannotCarry, Dialect, Variable
from portal.snippets.places import Place
from portal.snippets.targets import Platform
from portal.words import _

PRIVATE_ENDINGS: Final = "KEY|TOKEN|SECRET|PASSWORD"
"""How the names of variables end whose value is never shown whole."""

TIMEOUT_SECONDS: Final = 60


class KeySource(StrEnum):
    """Where a request takes the key from."""

    VARIABLE = "variable"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request that carries the key.

    Attributes:
        headers: names and values; the key stands in a value as `portal.keys.PLACEHOLDER`.
        body: JSON-like values to post, or None to get.
        variable: the variable that holds the key, for `KeySource.VARIABLE`.

    """

    url: str
    headers: tuple[tuple[str, str], ...]
    body: dict[str, object] | None
    source: KeySource
    variable: str

    def around_key(self) -> tuple[tuple[str, list[str]], ...]:
        """Each header's name, and the pieces of its value between which the key belongs."""
        return tuple((name, value.split(PLACEHOLDER)) for name, value in self.headers)


class Probe(ABC):
    """How one shell looks at things. Every method returns text without a trailing line break."""

    def __init__(self, dialect: Dialect, platform: Platform) -> None:
        self._dialect = dialect
        self._platform = platform

    @abstractmethod
    def variables(self, names: Sequence[str]) -> str:
        """Print the variables `names` that programs get, keys masked; a trailing `*` means a prefix."""

    @abstractmethod
    def find(self, names: Sequence[str]) -> str:
        """Print where `names` are set for new terminals, without their values."""

    @abstractmethod
    def forget(self, names: Sequence[str]) -> str:
        """Remove `names` from this terminal, and from what the shell or Windows keeps for the user."""

    @abstractmethod
    def read(self, place: Place) -> str:
        """Print a settings file, keys masked."""

    @abstractmethod
    def edit(self, place: Place, *, create: bool, private: bool) -> str:
        """Open a file in an editor that every such machine has; `create` makes an empty one if there is none."""

    @abstractmethod
    def head(self, url: str) -> str:
        """Ask for the head of an address: prints the status lines, where it redirects to, or what is in the way."""

    @abstractmethod
    def resolve(self, host: str) -> str:
        """Look a name up in the DNS."""

    @abstractmethod
    def program(self, name: str) -> str:
        """Print which program the shell starts for `name`, and every other that it would find."""

    @abstractmethod
    def run_with(self, variables: Sequence[Variable], program: str, arguments: Sequence[str]) -> str:
        """Run a program with these variables, for this call only."""

    @abstractmethod
    def call(self, call: ApiCall) -> str:
        """Send a request with the key and print its status and answer. One line; the key is never an argument."""

    def in_powershell(self, text: str) -> str:
        """Run a line of PowerShell (without double quotes and percent signs) from this shell.

        Raises:
            CannotCarry: the machine is no Windows.

        """
        del text
        raise CannotCarry(_("PowerShell belongs to Windows."))


def name_pattern(names: Sequence[str]) -> str:
    """An extended regular expression for `names`, in which a trailing `*` means a prefix."""
    return "|".join(f"{name[:-1]}[A-Za-z0-9_]*" if name.endswith("*") else name for name in names)
