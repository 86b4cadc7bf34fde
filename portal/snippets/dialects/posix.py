"""Owns bash and zsh (and bash as Git Bash): POSIX text that all of them read the same way.

No line starts with `#` outside a here-document and no `!` stands outside single quotes: an interactive zsh takes
the first for a command, an interactive bash the second for its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from typing_extensions import override

from portal.snippets.dialects.base import (
    IGNORE_COMMENT,
    Dialect,
    Language,
    Variable,
    exists_message,
    kept_message,
    refuse_control_characters,
)
from portal.snippets.places import Base, NewFile, Place

BLOCK_BEGIN: Final = "# >>> Claude Code gateway settings >>>"
BLOCK_END: Final = "# <<< Claude Code gateway settings <<<"
_HEREDOC_END: Final = "END_OF_SETTINGS"

# Prints the start-up file without our block. A block whose end is missing is not ours to cut: it is printed again.
_WITHOUT_BLOCK: Final = (
    "awk -v begin='" + BLOCK_BEGIN + "' -v end='" + BLOCK_END + "' "
    '\'$0 == begin { printf "%s", held; held = ""; inside = 1 } '
    'inside { held = held $0 "\\n"; if ($0 == end) { held = ""; inside = 0 } next } '
    '{ print } END { printf "%s", held }\''
)


def quote_posix(value: str) -> str:
    """Quote for every POSIX shell: single quotes, in which only the single quote itself is special."""
    refuse_control_characters(value)
    return "'" + value.replace("'", "'\\''") + "'"


class PosixDialect(Dialect):
    """What bash and zsh share; they differ in their start-up file."""

    language: ClassVar[Language] = Language.POSIX
    startup_path: ClassVar[str]
    """The start-up file as one shell word."""

    @override
    def quote(self, value: str) -> str:
        return quote_posix(value)

    @override
    def path(self, place: Place) -> str:
        match place.base:
            case Base.HOME:
                return "~/" + "/".join(place.parts)
            case Base.PROJECT:
                return "/".join(place.parts)
            case Base.SYSTEM:
                return self.quote("/".join(place.parts))

    @override
    def set_here(self, variables: Sequence[Variable]) -> str:
        return "\n".join(f"export {variable.name}={self.quote(variable.value)}" for variable in variables)

    @override
    def unset_here(self, names: Sequence[str]) -> str:
        return "unset " + " ".join(names)

    def _find_startup(self) -> str:
        return f"rc={self.startup_path}"

    @override
    def persist(self, variables: Sequence[Variable]) -> str:
        return "\n".join(
            [
                "(",
                f"{self._find_startup()}; umask 077",
                (
                    f'touch "$rc" && {_WITHOUT_BLOCK} "$rc" > "$rc.new" && cat >> "$rc.new" <<\'{_HEREDOC_END}\' && '
                    'cat "$rc.new" > "$rc" && rm "$rc.new" && echo "Wrote $rc"'
                ),
                BLOCK_BEGIN,
                self.set_here(variables),
                BLOCK_END,
                _HEREDOC_END,
                ")",
                self.set_here(variables),
            ],
        )

    @override
    def unpersist(self, names: Sequence[str]) -> str:
        return "\n".join(
            [
                "(",
                f"{self._find_startup()}; umask 077",
                f'{_WITHOUT_BLOCK} "$rc" > "$rc.new" && cat "$rc.new" > "$rc" && rm "$rc.new"',
                '[ -s "$rc" ] || rm -f "$rc"',
                ")",
                self.unset_here(names),
            ],
        )

    @override
    def create(self, file: NewFile) -> str:
        path = self.path(file.place)
        shown = path.strip("'")
        folder = self.path(Place(file.place.base, file.place.parts[:-1]))
        content = "printf '%s\\n' " + " ".join(self.quote(line) for line in file.lines)
        if file.admin:
            write = f"sudo mkdir -p {folder} && {content} | sudo tee {path} > /dev/null"
        elif file.private:
            write = f"mkdir -p {folder} && (umask 077; {content} > {path})"
        else:
            write = f"mkdir -p {folder} && {content} > {path}"
        return (
            f"if [ -e {path} ]; then echo {self.quote(exists_message(shown))}; "
            f"else {write} && echo {self.quote('Wrote ' + shown)}; fi"
        )

    @override
    def remove(self, file: NewFile) -> str:
        path = self.path(file.place)
        shown = path.strip("'")
        sudo = "sudo " if file.admin else ""
        folder = self.path(Place(file.place.base, file.place.parts[:-1]))
        content = "printf '%s\\n' " + " ".join(self.quote(line) for line in file.lines)
        return (
            f'if [ "$(cat {path} 2> /dev/null)" = "$({content})" ]; '
            f"then {sudo}rm {path} && echo {self.quote('Removed ' + shown)}; {sudo}rmdir {folder} 2> /dev/null; "
            f"else echo {self.quote(kept_message(shown))}; fi"
        )

    @override
    def ignore(self, entry: str) -> str:
        # The middle part ends a last line that has no line break, so that the comment starts its own.
        return (
            f"grep -qxF {self.quote(entry)} .gitignore 2> /dev/null || "
            '{ [ -z "$(tail -c 1 .gitignore 2> /dev/null)" ] || echo >> .gitignore; '
            f"printf '%s\\n' {self.quote(IGNORE_COMMENT)} {self.quote(entry)} >> .gitignore; }}"
        )

    @override
    def unignore(self, entry: str) -> str:
        return (
            f"if grep -qxF {self.quote(IGNORE_COMMENT)} .gitignore 2> /dev/null; then "
            f"grep -vxF -e {self.quote(IGNORE_COMMENT)} -e {self.quote(entry)} .gitignore > .gitignore.new; "
            "cat .gitignore.new > .gitignore; rm .gitignore.new; [ -s .gitignore ] || rm .gitignore; fi"
        )

    @override
    def add_to_path(self) -> str:
        line = 'export PATH="$HOME/.local/bin:$PATH"'
        return (
            f"{self._find_startup()}; grep -qsxF {self.quote(line)} \"$rc\" || printf '%s\\n' {self.quote(line)} >> "
            f'"$rc"; {line}'
        )


class BashDialect(PosixDialect):
    """bash where new terminals are not login shells: Linux, WSL and Git Bash (which also reads it)."""

    startup_path = '"$HOME/.bashrc"'


class MacBashDialect(BashDialect):
    """bash on macOS, where every new terminal is a login shell and reads the first of three files that exists."""

    startup_path = '"$HOME/.bash_profile"'

    def _find_startup(self) -> str:
        return (
            f"rc={self.startup_path}; for f in .bash_profile .bash_login .profile; do "
            '[ -e "$HOME/$f" ] && rc="$HOME/$f" && break; done'
        )


class ZshDialect(PosixDialect):
    """zsh; `ZDOTDIR` moves its start-up file."""

    startup_path = '"${ZDOTDIR:-$HOME}/.zshrc"'
