"""Owns shell text that looks around: what is set, what a file says, what answers at an address; one probe per shell.

Dialects write a set-up; probes read a machine. They print no key (values are masked down to their last four
characters) and change nothing, but for `forget`. Proven in the real shells (`tests/snippets/probes/`).
"""

from __future__ import annotations

from portal.snippets.dialects import dialect_for
from portal.snippets.probes.base import ApiCall, KeySource, Probe
from portal.snippets.probes.cmd import CmdProbe
from portal.snippets.probes.powershell import PowerShellProbe
from portal.snippets.probes.unix import FishProbe, GitBashProbe, PosixProbe
from portal.snippets.targets import Platform, Shell

__all__ = ["ApiCall", "KeySource", "Probe", "probe_for"]


def probe_for(platform: Platform, shell: Shell) -> Probe:
    """The probe of `shell` on `platform`."""
    dialect = dialect_for(platform, shell)
    match shell:
        case Shell.ZSH | Shell.BASH:
            return PosixProbe(dialect, platform)
        case Shell.GIT_BASH:
            return GitBashProbe(dialect, platform)
        case Shell.FISH:
            return FishProbe(dialect, platform)
        case Shell.POWERSHELL:
            return PowerShellProbe(dialect, platform)
        case Shell.CMD:
            return CmdProbe(dialect, platform)
