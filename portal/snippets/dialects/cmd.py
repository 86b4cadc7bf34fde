"""Owns cmd.exe (Command Prompt).

Between double quotes cmd takes everything literally but `"` and `%`, and nothing escapes those in the same way at
the prompt and in a script. Values that hold them are refused with a reason instead of being mangled. `&&` and `||`
are avoided in favour of `if errorlevel`, which reads the same in every version.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from typing_extensions import override

from portal.keys import PLACEHOLDER
from portal.snippets.dialects.base import (
    IGNORE_COMMENT,
    CannotCarry,
    Dialect,
    Language,
    ScriptOption,
    Variable,
    exists_message,
    kept_message,
    refuse_control_characters,
)
from portal.snippets.dialects.powershell import PowerShellDialect
from portal.snippets.places import Base, NewFile, Place
from portal.words import _

_POWERSHELL: Final = PowerShellDialect()
_USER_ENVIRONMENT: Final = r"HKCU\Environment"
_LINE_LIMIT: Final = 8191
"""Longest line that cmd takes, in characters (Microsoft's documentation of the command line limit)."""

_LONGEST_KEY: Final = 512
"""Length of a key, in characters, that still fits where the text has its placeholder."""

_FIND: Final = r'"%SystemRoot%\System32\find.exe"'
"""By its path, because Git for Windows may put another `find` in front."""


class CmdDialect(Dialect):
    """The Command Prompt of Windows 10 and newer."""

    language: ClassVar[Language] = Language.CMD

    @override
    def quote(self, value: str) -> str:
        """Double quotes; a trailing backslash is doubled for the programs that read the word."""
        self._refuse(value)
        tail = len(value) - len(value.rstrip("\\"))
        return '"' + value + "\\" * tail + '"'

    @override
    def path(self, place: Place) -> str:
        prefix = ("%USERPROFILE%",) if place.base is Base.HOME else ()
        return '"' + "\\".join((*prefix, *place.parts)) + '"'

    @override
    def unset_here(self, names: Sequence[str]) -> str:
        return "\n".join(f'set "{name}="' for name in names)

    @override
    def persist(self, variables: Sequence[Variable]) -> str:
        """Registry writes, which know no length limit; the closing `setx` tells running programs about them."""
        lines = []
        for variable in variables:
            if variable.neutralised:
                lines.append(f"reg delete {_USER_ENVIRONMENT} /v {variable.name} /f >nul 2>&1")
            else:
                lines.append(
                    f"reg add {_USER_ENVIRONMENT} /v {variable.name} /t REG_SZ /d {self.quote(variable.value)} /f >nul",
                )
            lines.append(self._set_here(variable))
        told = next(variable for variable in variables if not variable.neutralised)
        lines.append(f"setx {told.name} {self.quote(told.value)}")
        return "\n".join(lines)

    @override
    def unpersist(self, names: Sequence[str]) -> str:
        first, *others = names
        removals = [f"reg delete {_USER_ENVIRONMENT} /v {name} /f >nul 2>&1" for name in others]
        last = f"reg delete {_USER_ENVIRONMENT} /v {first} /f >nul 2>&1"
        return "\n".join([*removals, f'setx {first} "" >nul', last, self.unset_here(names)])

    @override
    def create(self, file: NewFile) -> str:
        path, folder = self.path(file.place), self.path(Place(file.place.base, file.place.parts[:-1]))
        # The path stays between quotes in what is said, too: a user's folder may have a parenthesis in its name.
        return self._fit(
            f"if exist {path} (echo {exists_message(path)}) else "
            f"(mkdir {folder} 2>nul & {self._echo(file, path)}& if exist {path} echo Wrote {path})",
        )

    @override
    def remove(self, file: NewFile) -> str:
        path, folder = self.path(file.place), self.path(Place(file.place.base, file.place.parts[:-1]))
        copy = '"%TEMP%\\claude-settings-undo.json"'
        line = (
            f"{self._echo(file, copy)}& fc /b {copy} {path} >nul 2>&1 & "
            f"if errorlevel 1 (echo {kept_message(path)}) else (del {path} & rmdir {folder} 2>nul & "
            f"echo Removed {path})"
        )
        return self._fit(line) + f"\ndel {copy}"

    @override
    def ignore(self, entry: str) -> str:
        return (
            f"{_FIND} {self.quote(entry)} .gitignore >nul 2>&1 & "
            f"if errorlevel 1 (>>.gitignore echo.&>>.gitignore echo {IGNORE_COMMENT}&>>.gitignore echo {entry})"
        )

    @override
    def unignore(self, entry: str) -> str:
        """Nothing: cmd has no dependable way to cut a line out of a file, and the entry does no harm."""
        del entry
        return ""

    @override
    def run_script(self, url: str, option: ScriptOption | None = None) -> str:
        """Through PowerShell, which every Windows has; the address must not hold a percent sign."""
        self._refuse(url)
        return f'powershell -NoProfile -Command "{_POWERSHELL.run_script(url, option)}"'

    @override
    def add_to_path(self) -> str:
        return r'set "PATH=%PATH%;%USERPROFILE%\.local\bin"'

    @override
    def _set_here(self, variable: Variable) -> str:
        self._refuse(variable.value)
        return f'set "{variable.name}={variable.value}"'

    def _echo(self, file: NewFile, path: str) -> str:
        """Write the lines, the target in front of each: behind it, a line that ends in a digit would name a stream."""
        for line in file.lines:
            self._refuse_characters(line)
            if '\\"' in line.replace("\\\\", ""):
                raise CannotCarry(_("The Command Prompt cannot write a double quote inside a value."))
        first, *others = file.lines
        return "&".join([f">{path} echo {first}", *(f">>{path} echo {line}" for line in others)])

    def _refuse(self, value: str) -> None:
        refuse_control_characters(value)
        if "\n" in value:
            raise CannotCarry(_("The Command Prompt cannot hold a value of more than one line."))
        if '"' in value:
            raise CannotCarry(_("The Command Prompt cannot write a double quote inside a value."))
        self._refuse_characters(value)

    def _refuse_characters(self, value: str) -> None:
        if "%" in value:
            raise CannotCarry(
                _("The Command Prompt may replace a percent sign in a value by something else, and cannot escape it."),
            )
        if not value.isascii():
            raise CannotCarry(
                _("The Command Prompt writes characters beyond ASCII in the code page of the machine, not in UTF-8."),
            )

    def _fit(self, line: str) -> str:
        if len(line) + line.count(PLACEHOLDER) * (_LONGEST_KEY - len(PLACEHOLDER)) > _LINE_LIMIT:
            raise CannotCarry(_("The command is longer than the {limit} characters that cmd takes.", limit=_LINE_LIMIT))
        return line
