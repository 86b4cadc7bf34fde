"""Owns fish. Persistent values are universal variables; a global of the same name would hide them, so it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

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


class FishDialect(Dialect):
    """fish 3.1 and newer."""

    language: ClassVar[Language] = Language.FISH

    @override
    def quote(self, value: str) -> str:
        """Single quotes; inside them fish treats only the backslash and the single quote as special."""
        refuse_control_characters(value)
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

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
        return "\n".join(f"set -gx {variable.name} {self.quote(variable.value)}" for variable in variables)

    @override
    def unset_here(self, names: Sequence[str]) -> str:
        return "set -eg " + " ".join(names)

    @override
    def persist(self, variables: Sequence[Variable]) -> str:
        return "\n".join(
            f"set -eg {variable.name}; set -Ux {variable.name} {self.quote(variable.value)}" for variable in variables
        )

    @override
    def unpersist(self, names: Sequence[str]) -> str:
        return "set -eU " + " ".join(names)

    @override
    def create(self, file: NewFile) -> str:
        path = self.path(file.place)
        shown = path.strip("'")
        folder = self.path(Place(file.place.base, file.place.parts[:-1]))
        content = self._printf(file)
        wrote = f"and echo {self.quote('Wrote ' + shown)}"
        if file.admin:
            write = f"sudo mkdir -p {folder}; and {content} | sudo tee {path} > /dev/null; {wrote}"
        elif file.private:
            write = (
                f"mkdir -p {folder}; set -l old_umask (umask); umask 077; {content} > {path}; {wrote}; umask $old_umask"
            )
        else:
            write = f"mkdir -p {folder}; and {content} > {path}; {wrote}"
        return f"if test -e {path}; echo {self.quote(exists_message(shown))}; else; {write}; end"

    @override
    def remove(self, file: NewFile) -> str:
        path = self.path(file.place)
        shown = path.strip("'")
        sudo = "sudo " if file.admin else ""
        folder = self.path(Place(file.place.base, file.place.parts[:-1]))
        return (
            f"if {self._printf(file)} | cmp -s - {path}; {sudo}rm {path}; "
            f"and echo {self.quote('Removed ' + shown)}; {sudo}rmdir {folder} 2> /dev/null; "
            f"else; echo {self.quote(kept_message(shown))}; end"
        )

    @override
    def ignore(self, entry: str) -> str:
        return (
            f"if not grep -qxF {self.quote(entry)} .gitignore 2> /dev/null; "
            "tail -c 1 .gitignore 2> /dev/null | string length -q; and echo >> .gitignore; "
            f"printf '%s\\n' {self.quote(IGNORE_COMMENT)} {self.quote(entry)} >> .gitignore; end"
        )

    @override
    def unignore(self, entry: str) -> str:
        return (
            f"if grep -qxF {self.quote(IGNORE_COMMENT)} .gitignore 2> /dev/null; "
            f"grep -vxF -e {self.quote(IGNORE_COMMENT)} -e {self.quote(entry)} .gitignore > .gitignore.new; "
            "cat .gitignore.new > .gitignore; rm .gitignore.new; test -s .gitignore; or rm .gitignore; end"
        )

    @override
    def add_to_path(self) -> str:
        return "contains -- ~/.local/bin $PATH; or set -Ua fish_user_paths ~/.local/bin"

    def _printf(self, file: NewFile) -> str:
        return "printf '%s\\n' " + " ".join(self.quote(line) for line in file.lines)
