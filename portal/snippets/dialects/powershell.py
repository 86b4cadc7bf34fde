"""Owns PowerShell 5.1 and 7 on Windows.

PowerShell closes a single-quoted string at the typographic single quotes too (U+2018, U+2019, U+201A, U+201B);
doubling the very same character writes it. Files are written through .NET, because `Set-Content` and `>` of 5.1 add
a byte order mark or UTF-16.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Final

from typing_extensions import override

from portal.snippets.dialects.base import (
    IGNORE_COMMENT,
    Dialect,
    Language,
    ScriptOption,
    Variable,
    exists_message,
    kept_message,
    refuse_control_characters,
)
from portal.snippets.places import Base, NewFile, Place

_SINGLE_QUOTES: Final = re.compile("['\u2018\u2019\u201a\u201b]")
_NOTHING: Final = "[NullString]::Value"
"""A real null: PowerShell passes `$null` on as an empty text, and from 7.5 on that keeps an empty variable in the
registry (PowerShell issue 27414)."""

_STOP: Final = "$ErrorActionPreference = 'Stop'"
"""Ends the block at the first error, so that none goes on to say that it wrote a file."""

_SWITCHES: Final = {ScriptOption.UNDO: "-Undo", ScriptOption.DRY_RUN: "-DryRun"}
_SILENT: Final = "-ErrorAction SilentlyContinue"
_IGNORE_FILE: Final = '$file = "$($PWD.ProviderPath)\\.gitignore"'
_LAUNCHER_FOLDER: Final = r"$env:USERPROFILE\.local\bin"


class PowerShellDialect(Dialect):
    """Windows PowerShell 5.1 and PowerShell 7."""

    language: ClassVar[Language] = Language.POWERSHELL

    @override
    def quote(self, value: str) -> str:
        """Single quotes, every kind of single quote doubled; a line feed is spliced in as "`n"."""
        refuse_control_characters(value)
        parts = ["'" + _SINGLE_QUOTES.sub(lambda match: match[0] * 2, part) + "'" for part in value.split("\n")]
        return parts[0] if len(parts) == 1 else "(" + ' + "`n" + '.join(parts) + ")"

    @override
    def path(self, place: Place) -> str:
        match place.base:
            case Base.HOME:
                return '"$env:USERPROFILE\\' + "\\".join(place.parts) + '"'
            case Base.PROJECT:
                return '"$($PWD.ProviderPath)\\' + "\\".join(place.parts) + '"'
            case Base.SYSTEM:
                return self.quote("\\".join(place.parts))

    @override
    def unset_here(self, names: Sequence[str]) -> str:
        return "\n".join(f"Remove-Item Env:{name} {_SILENT}" for name in names)

    @override
    def persist(self, variables: Sequence[Variable]) -> str:
        return "\n".join(
            f"[Environment]::SetEnvironmentVariable('{variable.name}', "
            f"{_NOTHING if variable.neutralised else self.quote(variable.value)}, 'User'); {self._set_here(variable)}"
            for variable in variables
        )

    @override
    def unpersist(self, names: Sequence[str]) -> str:
        removals = [f"[Environment]::SetEnvironmentVariable('{name}', {_NOTHING}, 'User')" for name in names]
        return "\n".join([*removals, self.unset_here(names)])

    @override
    def create(self, file: NewFile) -> str:
        return (
            f"& {{ {_STOP}; $file = {self.path(file.place)}; if (Test-Path -LiteralPath $file) "
            f'{{ "{exists_message("$file")}" }} else '
            "{ [void](New-Item -ItemType Directory -Force -Path (Split-Path $file)); "
            f'[IO.File]::WriteAllText($file, {self._content(file)}); "Wrote $file" }} }}'
        )

    @override
    def remove(self, file: NewFile) -> str:
        return (
            f"& {{ {_STOP}; $file = {self.path(file.place)}; if ((Test-Path -LiteralPath $file -PathType Leaf) -and "
            f"[IO.File]::ReadAllText($file).Equals({self._content(file)})) "
            '{ Remove-Item -LiteralPath $file; "Removed $file"; $folder = Split-Path $file; '
            "if (-not (Get-ChildItem -LiteralPath $folder -Force)) { Remove-Item -LiteralPath $folder } } else "
            f'{{ "{kept_message("$file")}" }} }}'
        )

    @override
    def ignore(self, entry: str) -> str:
        # Appended, never rewritten: the file may be in any encoding.
        added = f'{self.quote(IGNORE_COMMENT)} + "`n" + {self.quote(entry)} + "`n"'
        return (
            f"& {{ {_STOP}; {_IGNORE_FILE}; $text = if (Test-Path -LiteralPath $file) "
            "{ [IO.File]::ReadAllText($file) } else { '' }; "
            f"if (($text -split '\\r?\\n') -cnotcontains {self.quote(entry)}) "
            '{ $start = if ($text -and -not $text.EndsWith("`n")) { "`n" } else { \'\' }; '
            f"[IO.File]::AppendAllText($file, $start + {added}) }} }}"
        )

    @override
    def unignore(self, entry: str) -> str:
        # Latin 1 carries every byte there and back, whatever encoding the file is in.
        return (
            f"& {{ {_STOP}; {_IGNORE_FILE}; if (Test-Path -LiteralPath $file) "
            "{ $bytes = [Text.Encoding]::GetEncoding(28591); $text = $bytes.GetString([IO.File]::ReadAllBytes($file)); "
            f"$ours = [regex]::Escape({self.quote(IGNORE_COMMENT)}) + '\\r?\\n' + [regex]::Escape({self.quote(entry)}) "
            "+ '(\\r?\\n|\\z)'; $rest = $text -creplace $ours, ''; if ($rest.Length -eq $text.Length) { return }; "
            "if ($rest) { [IO.File]::WriteAllBytes($file, $bytes.GetBytes($rest)) } "
            "else { Remove-Item -LiteralPath $file } } }"
        )

    @override
    def run_script(self, url: str, option: ScriptOption | None = None) -> str:
        if option is None:
            return f"irm {self.quote(url)} | iex"
        return f"& ([scriptblock]::Create((irm {self.quote(url)}))) {_SWITCHES[option]}"

    @override
    def add_to_path(self) -> str:
        return (
            "& { $path = [Environment]::GetEnvironmentVariable('Path', 'User'); "
            f"if (($path -split ';') -notcontains \"{_LAUNCHER_FOLDER}\") "
            f"{{ [Environment]::SetEnvironmentVariable('Path', \"$path;{_LAUNCHER_FOLDER}\", 'User') }} }}\n"
            f'$env:Path += ";{_LAUNCHER_FOLDER}"'
        )

    @override
    def _set_here(self, variable: Variable) -> str:
        if variable.neutralised:
            return f"Remove-Item Env:{variable.name} {_SILENT}"
        return f"$env:{variable.name} = {self.quote(variable.value)}"

    def _content(self, file: NewFile) -> str:
        lines = ", ".join(self.quote(line) for line in (*file.lines, ""))
        return f'(@({lines}) -join "`n")'
