"""Owns what bash, zsh and fish share: paths, `curl … | sh`, filter programs, and `.gitignore` through them.

Every program is POSIX and reads the same in BSD, GNU and busybox (macOS has the first). The texts stand between
single quotes, in which neither bash nor zsh nor fish changes them: no single quote, no doubled backslash. Commands
that people give an alias (`rm -i`, `grep --color`) are called by `command`, a pasted line being subject to aliases.
"""

from __future__ import annotations

from typing import ClassVar, Final

from typing_extensions import override

from portal.snippets.dialects.base import IGNORE_COMMENT, Dialect, ScriptOption
from portal.snippets.places import Base, NewFile, Place

BLOCK_BEGIN: Final = "# >>> Claude Code gateway settings >>>"
BLOCK_END: Final = "# <<< Claude Code gateway settings <<<"

# Byte by byte: in a UTF-8 locale, the awk of macOS gives up at the first line that is not UTF-8.
_AWK: Final = "LC_ALL=C awk"
_LINE: Final = r'{ line = $0; sub(/\r$/, "", line) }'  # also a file that an editor saved with CRLF

WITHOUT_BLOCK: Final = (
    f"{_AWK} -v begin='{BLOCK_BEGIN}' -v end='{BLOCK_END}' '{_LINE} "
    'line == begin { printf "%s", held; held = ""; inside = 1 } '
    r'inside { held = held $0 "\n"; if (line == end) { held = ""; inside = 0 } next } '
    """{ print } END { printf "%s", held }'"""
)
"""Prints its input without our block. A block whose end is missing is not ours to cut: it is printed again."""

IGNORE_FILE: Final = ".gitignore"
IGNORE_COPY: Final = ".gitignore.claude-code"
ENDS_INSIDE_A_LINE: Final = f"tail -c 1 {IGNORE_FILE} 2> /dev/null"
"""Prints something other than a line break if the next line would be appended to the last one."""


class UnixDialect(Dialect):
    """What a shell says in the same words as the others, once it has quoted."""

    sudo: ClassVar[str] = "sudo "
    """What goes in front of a command that needs the rights of an administrator."""

    @override
    def path(self, place: Place) -> str:
        """Only the folders of the system hold blanks and need quotes."""
        match place.base:
            case Base.HOME:
                return "~/" + "/".join(place.parts)
            case Base.PROJECT:
                return "/".join(place.parts)
            case Base.SYSTEM:
                return self.quote("/".join(place.parts))

    @override
    def run_script(self, url: str, option: ScriptOption | None = None) -> str:
        return f"curl -fsSL {self.quote(url)} | sh" + (f" -s -- {option}" if option else "")

    def _words(self, file: NewFile) -> tuple[str, str, str, str]:
        """The file's path as a word and as text, its folder as a word, and `sudo ` where it is needed."""
        path = self.path(file.place)
        folder = self.path(Place(file.place.base, file.place.parts[:-1]))
        return path, path.strip("'"), folder, self.sudo if file.admin else ""

    def _printf(self, file: NewFile) -> str:
        return "printf '%s\\n' " + " ".join(self.quote(line) for line in file.lines)


def has_ignored(word: str) -> str:
    """Succeeds if `.gitignore` has this line. `word` is quoted."""
    return rf"command cat {IGNORE_FILE} 2> /dev/null | tr -d '\r' | command grep -qxF {word}"


def without_entry(entry: str) -> str:
    """Prints its input without our comment and the entry below it."""
    return (
        f"{_AWK} -v comment='{IGNORE_COMMENT}' -v entry='{entry}' '{_LINE} "
        "line == comment { below = 1; next } below && line == entry { below = 0; next } { below = 0; print }'"
    )
