"""Owns bash and zsh (and bash as Git Bash): text that all of them read the same way, from bash 3.2 (macOS) on.

The text is pasted into an interactive shell, so no line starts with `#` outside a here-document and no `!` stands
outside single quotes: zsh takes the first for a command, bash the second for its history. A value never breaks a
line, because bash takes a line that begins with `^` for an edit of the last command, even between quotes (measured
with 5.2). Files are written with `>|` or after `set -C`, whatever the visitor's `noclobber` says, and a helper
variable never outlives its parentheses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from typing_extensions import override

from portal.snippets.dialects.base import (
    IGNORE_COMMENT,
    Language,
    Variable,
    exists_message,
    kept_message,
    refuse_control_characters,
)
from portal.snippets.dialects.unix import (
    BLOCK_BEGIN,
    BLOCK_END,
    ENDS_INSIDE_A_LINE,
    IGNORE_COPY,
    IGNORE_FILE,
    WITHOUT_BLOCK,
    UnixDialect,
    has_ignored,
    without_entry,
)
from portal.snippets.places import NewFile, Place

_HEREDOC_END: Final = "END_OF_SETTINGS"
_VERBATIM: Final = "MSYS2_ENV_CONV_EXCL"
_PREFIX: Final = "ANTHROPIC_"

# The start-up file is replaced in one step by a finished copy: a full disk or a closed window leaves the old one
# whole. The copy has the mode of the original, and takes the place of what a link leads to, not of the link.
_FOLLOW_LINKS: Final = (
    'while [ -L "$rc" ]; do to=$(readlink "$rc"); case $to in /*) rc=$to ;; *) rc=${rc%/*}/$to ;; esac; done && '
    'new="$rc.claude-code"'
)
_COPY_WITHOUT_BLOCK: Final = f'command cp -p "$rc" "$new" &&\n{WITHOUT_BLOCK} < "$rc" >| "$new"'
_REPLACE: Final = 'command mv -f "$new" "$rc"'
_CLEAN_UP: Final = 'command rm -f "$new"'


def quote_posix(value: str) -> str:
    """Quote for bash and zsh: single quotes, in which only the single quote is special; a line feed goes into `$''`."""
    refuse_control_characters(value)
    return "'" + value.replace("'", "'\\''").replace("\n", "'$'\\n''") + "'"


def quote_for_script(value: str) -> str:
    """Quote for a script file that any POSIX shell reads: a line feed stays one, because dash knows no `$''`."""
    refuse_control_characters(value)
    return "'" + value.replace("'", "'\\''") + "'"


class PosixDialect(UnixDialect):
    """What bash and zsh share; they differ in their start-up file."""

    language: ClassVar[Language] = Language.POSIX
    startup_path: ClassVar[str]
    """The start-up file as one shell word."""

    @override
    def quote(self, value: str) -> str:
        return quote_posix(value)

    @override
    def _set_here(self, variable: Variable) -> str:
        return f"export {variable.name}={self.quote(variable.value)}"

    @override
    def unset_here(self, names: Sequence[str]) -> str:
        return "unset " + " ".join(names)

    def _find_startup(self) -> str:
        return f"rc={self.startup_path}"

    @override
    def persist(self, variables: Sequence[Variable]) -> str:
        settings = self.set_here(variables)
        return "\n".join(
            [
                "(",
                f"{self._find_startup()}; umask 077",
                f'command touch "$rc" && {_FOLLOW_LINKS} && {_COPY_WITHOUT_BLOCK} &&',
                f'command cat >> "$new" <<\'{_HEREDOC_END}\' && {_REPLACE} && echo "Wrote $rc"',
                *(BLOCK_BEGIN, settings, BLOCK_END),
                _HEREDOC_END,
                _CLEAN_UP,
                ")",
                settings,
            ],
        )

    @override
    def unpersist(self, names: Sequence[str]) -> str:
        return "\n".join(
            [
                "(",
                f"{self._find_startup()}; named=$rc; umask 077",
                f'if command grep -qsF {self.quote(BLOCK_BEGIN)} "$rc"; then',
                f"{_FOLLOW_LINKS} && {_COPY_WITHOUT_BLOCK} && {_REPLACE}; {_CLEAN_UP}",
                '[ -s "$rc" ] || [ -L "$named" ] || command rm -f "$rc"',
                "fi",
                ")",
                self.unset_here(names),
            ],
        )

    @override
    def create(self, file: NewFile) -> str:
        path, shown, folder, sudo = self._words(file)
        if sudo:
            write = f"(umask 022; {sudo}mkdir -p {folder} && {self._printf(file)} | {sudo}tee {path} > /dev/null)"
        else:
            umask = "umask 077; " if file.private else ""
            # `set -C` refuses a file that appeared in the meantime; half a file (full disk) is taken away again.
            content = f"{{ {self._printf(file)} || {{ command rm -f {path}; false; }}; }} > {path}"
            write = f"mkdir -p {folder} && ({umask}set -C; {content})"
        return (
            f"if {sudo}test -e {path} || {sudo}test -L {path}; then echo {self.quote(exists_message(shown))}; "
            f"else {write} && echo {self.quote('Wrote ' + shown)}; fi"
        )

    @override
    def remove(self, file: NewFile) -> str:
        path, shown, folder, sudo = self._words(file)
        return (
            f"if {self._printf(file)} | {sudo}cmp -s - {path}; "
            f"then {sudo or 'command '}rm -f {path} && echo {self.quote('Removed ' + shown)}; "
            f"{sudo}rmdir {folder} 2> /dev/null; else echo {self.quote(kept_message(shown))}; fi"
        )

    @override
    def ignore(self, entry: str) -> str:
        # The middle part ends a last line that has no line break, so that the comment starts its own.
        return (
            f"{has_ignored(self.quote(entry))} || {{ command touch {IGNORE_FILE}; "
            f'[ -z "$({ENDS_INSIDE_A_LINE})" ] || echo >> {IGNORE_FILE}; '
            f"printf '%s\\n' {self.quote(IGNORE_COMMENT)} {self.quote(entry)} >> {IGNORE_FILE}; }}"
        )

    @override
    def unignore(self, entry: str) -> str:
        return (
            f"if {has_ignored(self.quote(IGNORE_COMMENT))}; then command cp -p {IGNORE_FILE} {IGNORE_COPY} && "
            f"{without_entry(entry)} < {IGNORE_FILE} >| {IGNORE_COPY} && command mv -f {IGNORE_COPY} {IGNORE_FILE}; "
            f"command rm -f {IGNORE_COPY}; [ -s {IGNORE_FILE} ] || command rm -f {IGNORE_FILE}; fi"
        )

    @override
    def add_to_path(self) -> str:
        line = 'export PATH="$HOME/.local/bin:$PATH"'
        return (
            f'({self._find_startup()}; command touch "$rc"; command grep -qxF {self.quote(line)} "$rc" || '
            f'{{ [ -z "$(tail -c 1 "$rc")" ] || echo; printf \'%s\\n\' {self.quote(line)}; }} >> "$rc"); {line}'
        )


class BashDialect(PosixDialect):
    """bash where new terminals are not login shells: Linux and WSL."""

    startup_path = '"$HOME/.bashrc"'


class MacBashDialect(BashDialect):
    """bash on macOS, where every new terminal is a login shell and reads the first of three files that exists."""

    startup_path = '"$HOME/.bash_profile"'

    @override
    def _find_startup(self) -> str:
        return (
            f"rc={self.startup_path}; for f in .bash_profile .bash_login .profile; do "
            '[ -e "$HOME/$f" ] && rc="$HOME/$f" && break; done'
        )


class GitBashDialect(BashDialect):
    """bash of Git for Windows. Its login shell reads ~/.bashrc; it has no sudo, so the window runs as administrator.

    MSYS2 rewrites what looks like a path when it starts a Windows program: a key such as `/abc=` would arrive as
    `C:/Program Files/Git/abc=`. `MSYS2_ENV_CONV_EXCL` names the variables to leave alone, by their beginning (MSYS2,
    "Filesystem Paths"); a value that the visitor already gave it stays.
    """

    sudo = ""

    @override
    def path(self, place: Place) -> str:
        return super().path(place).replace("\\", "/")

    @override
    def set_here(self, variables: Sequence[Variable]) -> str:
        return f'export {_VERBATIM}="${{{_VERBATIM}:-{_PREFIX}}}"\n{super().set_here(variables)}'

    @override
    def unset_here(self, names: Sequence[str]) -> str:
        return f'{super().unset_here(names)}\n[ "${_VERBATIM}" != {_PREFIX} ] || unset {_VERBATIM}'


class ZshDialect(PosixDialect):
    """zsh; `ZDOTDIR` moves its start-up file."""

    startup_path = '"${ZDOTDIR:-$HOME}/.zshrc"'
