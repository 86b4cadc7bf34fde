"""A terminal window as a person has it: a real interactive shell behind a pseudo-terminal, pasted into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pexpect

from portal.snippets.targets import Shell

_COMMANDS: Final[Mapping[Shell, list[str]]] = {
    Shell.BASH: ["bash", "-i"],
    Shell.GIT_BASH: ["bash", "-i"],
    Shell.ZSH: ["zsh", "-i"],
    Shell.FISH: ["fish", "-i", "--features", "no-query-term"],
}
_PASTE_BEGIN, _PASTE_END = "\x1b[200~", "\x1b[201~"
_TO_COLUMN: Final = re.compile(r"\x1b\[\d*[CG]")
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[=>()78][0-9A-B]?)|\r")


class Terminal:
    """One window; `paste` answers with what the shell printed."""

    def __init__(self, child: pexpect.spawn[str], shell: Shell) -> None:
        self._child = child
        self._shell = shell
        self._turn = 0

    def paste_and_answer(self, text: str, answers: Mapping[str, str], timeout: float = 60) -> str:
        """Paste `text`; when a question is asked, type its answer and Enter. Return everything that was printed.

        Not every question has to be asked; the rest of `answers` is then not typed.
        """
        mark = self._send(text)
        questions, printed = [mark, *answers], ""
        while True:
            asked = self._child.expect_exact(questions, timeout=timeout)
            printed += self._child.before or ""
            if asked == 0:
                return as_read(printed)
            self._child.send(f"{answers[questions[asked]]}\r")

    def paste(self, text: str, timeout: float = 60) -> str:
        """Paste `text` (bracketed, as terminals do), press Enter, and return what was printed until it was done.

        The last pasted line prints a mark. It is put together by the shell, so that the echo of the paste does not
        hold it, and it is pasted with the text, so that a program that reads the terminal does not swallow it.
        """
        mark = self._send(text)
        self._child.expect_exact(mark, timeout=timeout)
        return as_read(self._child.before or "")

    def _send(self, text: str) -> str:
        self._turn += 1
        command = f"printf 'MARK%s\\n' -{self._turn}-END"
        self._child.send(f"{_PASTE_BEGIN}{text}\n{command}{_PASTE_END}\r" if text else f"{command}\r")
        return f"MARK-{self._turn}-END"


def as_read(output: str) -> str:
    """What a person sees: the client writes blanks as cursor movements."""
    return _ESCAPES.sub("", _TO_COLUMN.sub(" ", output))


@contextmanager
def open_terminal(
    shell: Shell, *, home: Path, cwd: Path, env: Mapping[str, str], login: bool = False
) -> Iterator[Terminal]:
    """Open a window with `shell` in `cwd`; it reads the start-up files of `home`."""
    command = [*_COMMANDS[shell]]
    if login:
        command.append("-l")
    child: pexpect.spawn[str] = pexpect.spawn(
        command[0],
        command[1:],
        env={"HOME": str(home), "TERM": "xterm", "LANG": "C.UTF-8", **env},
        cwd=str(cwd),
        encoding="utf-8",
        dimensions=(50, 400),
        timeout=60,
    )
    child.delaybeforesend = None
    try:
        terminal = Terminal(child, shell)
        # A login shell reads /etc/profile, which sets the search path anew.
        terminal.paste(f"export PATH='{env['PATH']}'" if login else "", timeout=30)
        yield terminal
    finally:
        child.close(force=True)
