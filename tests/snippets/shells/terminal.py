"""A real terminal: an interactive shell on a pty, into which a text is pasted or typed as a person does it."""

from __future__ import annotations

import contextlib
import shlex
import time
from collections.abc import Iterator
from typing import Final

import pexpect

from portal.snippets.targets import Shell
from tests.snippets.shells.machine import Machine

_INTERACTIVE: Final = {
    Shell.BASH: ["bash", "--norc", "--noprofile", "-i"],
    Shell.ZSH: ["zsh", "-f", "-i"],
    Shell.FISH: ["fish", "-i"],
}
_PASTE_BEGIN: Final = "\x1b[200~"
_PASTE_END: Final = "\x1b[201~"
_PATIENCE_SECONDS: Final = 20


class Terminal:
    """An open window with a shell in it."""

    def __init__(self, machine: Machine, process: pexpect.spawn[str]) -> None:
        self._machine = machine
        self._process = process
        self.screen = ""

    def paste(self, text: str) -> None:
        """Paste in brackets, as every terminal of today does, and press Enter."""
        self._process.send(f"{_PASTE_BEGIN}{text}{_PASTE_END}")
        self._read(0.05)
        self._process.send("\r")

    def type(self, text: str) -> None:
        """Type line after line (or paste into a terminal that knows no brackets)."""
        for line in text.split("\n"):
            self._process.send(f"{line}\r")
            self._read(0.01)

    def environment(self) -> dict[str, str]:
        """What a program sees that is started now, after everything before it is done."""
        output = self._machine.root / "seen"
        self.type(f"env -0 > {shlex.quote(f'{output}.part')} && mv {shlex.quote(f'{output}.part')} '{output}'")
        self._wait(output.exists)
        lines = output.read_bytes().decode().split("\0")
        output.unlink()
        return dict(line.split("=", 1) for line in lines if line)

    def wait_for(self, text: str) -> None:
        """Return when the screen has shown `text`."""
        self._wait(lambda: text in self.screen)

    def rest(self) -> None:
        """Return when nothing has been shown for half a second: the program waits for input."""
        self._read(0.5)

    def wait_until_ready(self) -> None:
        """Return when the shell executes what is typed."""
        self.environment()
        self.screen = ""

    def _wait(self, condition: object) -> None:
        assert callable(condition)
        end = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            self._read(0.02)
            assert time.monotonic() < end, f"the shell does not come back:\n{self.screen}"

    def _read(self, seconds: float) -> None:
        with contextlib.suppress(pexpect.TIMEOUT):
            while True:
                self.screen += self._process.read_nonblocking(65536, seconds)


@contextlib.contextmanager
def open_terminal(machine: Machine, shell: Shell) -> Iterator[Terminal]:
    """Open a window in the project's folder."""
    program, *arguments = _INTERACTIVE[shell]
    process = pexpect.spawn(
        program,
        arguments,
        env={**machine.environment, "TERM": "xterm"},
        cwd=str(machine.project),
        dimensions=(40, 160),
        encoding="utf-8",
        timeout=_PATIENCE_SECONDS,
    )
    # pexpect waits politely by default; nothing here asks for a password.
    process.delaybeforesend = None
    process.delayafterclose = process.delayafterterminate = 0.02
    terminal = Terminal(machine, process)
    try:
        terminal.wait_until_ready()
        yield terminal
    finally:
        process.close(force=True)
