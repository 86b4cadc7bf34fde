"""Owns the probe of cmd.exe: what it cannot do without showing a key, it hands to the PowerShell of every Windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from portal.snippets.dialects import CannotCarry, Variable, dialect_for
from portal.snippets.places import Place
from portal.snippets.probes.base import TIMEOUT_SECONDS, ApiCall, Probe
from portal.snippets.probes.powershell import PowerShellProbe
from portal.snippets.targets import Platform, Shell
from portal.words import _

_POWERSHELL: Final = PowerShellProbe(dialect_for(Platform.WINDOWS, Shell.POWERSHELL), Platform.WINDOWS)


class CmdProbe(Probe):
    """The Command Prompt of Windows 10 and newer."""

    @override
    def variables(self, names: Sequence[str]) -> str:
        return self.in_powershell(_POWERSHELL.variables(names))

    @override
    def find(self, names: Sequence[str]) -> str:
        return self.in_powershell(_POWERSHELL.find(names))

    @override
    def forget(self, names: Sequence[str]) -> str:
        return self._dialect.unpersist(names)

    @override
    def read(self, place: Place) -> str:
        return self.in_powershell(_POWERSHELL.read(place))

    @override
    def edit(self, place: Place, *, create: bool, private: bool) -> str:
        path = self._dialect.path(place)
        if not create:
            return f"notepad {path}"
        return f"mkdir {self._dialect.path(Place(place.base, place.parts[:-1]))} 2>nul & notepad {path}"

    @override
    def head(self, url: str) -> str:
        return f"curl -sSI -m {TIMEOUT_SECONDS} {self._dialect.quote(url)}"

    @override
    def resolve(self, host: str) -> str:
        return f"nslookup {self._dialect.quote(host)}"

    @override
    def program(self, name: str) -> str:
        return f"where {name}"

    @override
    def run_with(self, variables: Sequence[Variable], program: str, arguments: Sequence[str]) -> str:
        """A second cmd.exe, so that this window keeps its variables."""
        settings = (self._dialect.set_here([variable]) for variable in variables)
        command = " ".join([program, *(word if word.lstrip("-").isalnum() else f'"{word}"' for word in arguments)])
        return f'cmd /d /c "{"&".join([*settings, command])}"'

    @override
    def call(self, call: ApiCall) -> str:
        return self.in_powershell(_POWERSHELL.call(call))

    @override
    def in_powershell(self, text: str) -> str:
        if "%" in text or '"' in text or not text.isascii():
            raise CannotCarry(_("The Command Prompt cannot pass this on to PowerShell unchanged."))
        return f'powershell -NoProfile -Command "{text}"'
