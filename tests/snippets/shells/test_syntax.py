"""Texts that install and verify are not run here (they need the internet), but every shell must read them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from portal.snippets.recipes import write_guide
from portal.snippets.targets import INSTALLS, SHELLS, Shell
from tests.snippets.samples import HOSTILE, PLAIN, choose, targets
from tests.snippets.shells.machine import REAL_PART, Machine, needs

_SHELLS: Final = (Shell.BASH, Shell.ZSH, Shell.FISH, Shell.GIT_BASH)


def _every_text(shell: Shell) -> list[str]:
    """Every different text of every section for this shell, in all scopes and ways to install."""
    found: dict[str, None] = {}
    for target in targets(shell):
        for profile in (PLAIN, HOSTILE):
            for install in INSTALLS[target.platform]:
                guide = write_guide(replace(choose(target, profile), install=install), profile)
                for section in (guide.install, guide.not_found, guide.configure, guide.verify, guide.undo):
                    found.update(dict.fromkeys(block.text for block in section.blocks if block.shell))
    return list(found)


@pytest.mark.parametrize("shell", [needs(shell) for shell in _SHELLS])
def test_shell_reads_every_text(machine: Machine, shell: Shell) -> None:
    program = REAL_PART[shell]
    texts = _every_text(shell)
    assert len(texts) > 15
    for number, text in enumerate(texts):
        path = machine.root / f"text-{number}"
        path.write_text(f"{text}\n")
        # One by one: a text that is not finished would swallow the next one.
        answer = machine.run(Shell.BASH, f"{program} -n {path.name!r}", before=f"cd {str(machine.root)!r}")
        assert (answer.returncode, answer.stderr) == (0, ""), text


def test_every_shell_of_the_table_is_tried_somewhere() -> None:
    tried = {*_SHELLS, Shell.CMD, Shell.POWERSHELL}
    assert {shell for shells in SHELLS.values() for shell in shells} == tried
