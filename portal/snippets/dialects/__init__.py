"""Owns shell text: one dialect per shell; nothing else in the portal builds a command from values.

Each dialect quotes its own way (`shlex.quote` is wrong in fish, PowerShell and cmd) and is proven by running the
real shell and reading the environment or the file back, byte for byte (`tests/snippets/shells/`).
"""

from __future__ import annotations

from typing import Final

from portal.snippets.dialects.base import CannotCarry, Dialect, Language, ScriptOption, Variable
from portal.snippets.dialects.cmd import CmdDialect
from portal.snippets.dialects.fish import FishDialect
from portal.snippets.dialects.posix import BashDialect, GitBashDialect, MacBashDialect, ZshDialect, quote_for_script
from portal.snippets.dialects.powershell import PowerShellDialect
from portal.snippets.targets import Platform, Shell

__all__ = ["CannotCarry", "Dialect", "Language", "ScriptOption", "Variable", "dialect_for", "quote_for_script"]

_DIALECTS: Final[dict[Shell, Dialect]] = {
    Shell.ZSH: ZshDialect(),
    Shell.BASH: BashDialect(),
    Shell.FISH: FishDialect(),
    Shell.POWERSHELL: PowerShellDialect(),
    Shell.CMD: CmdDialect(),
    Shell.GIT_BASH: GitBashDialect(),
}
_MAC_BASH: Final = MacBashDialect()


def dialect_for(platform: Platform, shell: Shell) -> Dialect:
    """The dialect of `shell` on `platform`; they differ in the start-up file that the shell reads there."""
    if platform is Platform.MACOS and shell is Shell.BASH:
        return _MAC_BASH
    return _DIALECTS[shell]
