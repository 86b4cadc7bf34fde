"""Owns which script a target has, and the one line that fetches and runs it from the portal.

Both the guide's scripts and the troubleshooting steps say these lines; the scripts' texts are in `portal.scripts`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from portal.snippets.dialects import ScriptOption, dialect_for
from portal.snippets.targets import Scope, Shell, Target

_POWERSHELLS: Final = frozenset({Shell.POWERSHELL, Shell.CMD})


class ScriptName(StrEnum):
    """The two scripts, by file name."""

    SH = "apply.sh"
    PS1 = "apply.ps1"


def script_for(target: Target) -> ScriptName | None:
    """The script for this target; None for the variables of one terminal, which only that terminal can set."""
    if target.scope is Scope.TERMINAL:
        return None
    return ScriptName.PS1 if target.shell in _POWERSHELLS else ScriptName.SH


def apply_line(name: ScriptName, target: Target, origin: str, query: str, option: ScriptOption | None = None) -> str:
    """The line that runs the script of a set-up. `origin` is the portal's own address, `query` the guide's.

    Raises:
        CannotCarry: an address that the shell cannot write.

    """
    return dialect_for(target.platform, target.shell).run_script(f"{origin}/{name}?{query}", option)


def doctor_line(target: Target, origin: str) -> str:
    """The line that runs the doctor script.

    Raises:
        CannotCarry: an address that the shell cannot write.

    """
    ending = "ps1" if target.shell in _POWERSHELLS else "sh"
    return dialect_for(target.platform, target.shell).run_script(f"{origin}/doctor.{ending}")
