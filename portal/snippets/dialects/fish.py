"""Owns fish, from 3.1 on (where `set -e` takes one name only).

Persistent values are universal variables; a global of the same name would hide them, so it goes. A variable that a
new fish inherits is such a global (measured with 3.6), which is why `configure` warns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

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
    ENDS_INSIDE_A_LINE,
    IGNORE_COPY,
    IGNORE_FILE,
    UnixDialect,
    has_ignored,
    without_entry,
)
from portal.snippets.places import NewFile


class FishDialect(UnixDialect):
    """fish 3.1 and newer."""

    language: ClassVar[Language] = Language.FISH

    @override
    def quote(self, value: str) -> str:
        """Single quotes; inside them fish treats only the backslash and the single quote as special."""
        refuse_control_characters(value)
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    @override
    def _set_here(self, variable: Variable) -> str:
        return f"set -gx {variable.name} {self.quote(variable.value)}"

    @override
    def unset_here(self, names: Sequence[str]) -> str:
        return f"for name in {' '.join(names)}; set -eg $name; end"

    @override
    def persist(self, variables: Sequence[Variable]) -> str:
        return "\n".join(
            f"set -eg {variable.name}; set -Ux {variable.name} {self.quote(variable.value)}" for variable in variables
        )

    @override
    def unpersist(self, names: Sequence[str]) -> str:
        return f"for name in {' '.join(names)}; set -eU $name; set -eg $name; end"

    @override
    def create(self, file: NewFile) -> str:
        path, shown, folder, sudo = self._words(file)
        if sudo:
            write = f"sudo mkdir -p {folder}; and {self._printf(file)} | sudo tee {path} > /dev/null"
        else:
            # `>?` refuses a file that appeared in the meantime; half a file (full disk) is taken away again.
            content = f"begin; {self._printf(file)}; or begin; command rm -f {path}; false; end; end >? {path}"
            write = f"mkdir -p {folder}; and {content}"
        write += f"; and echo {self.quote('Wrote ' + shown)}"
        if sudo or file.private:
            mask = "022" if sudo else "077"
            write = f"set -l old_umask (umask); umask {mask}; {write}; umask $old_umask"
        return (
            f"if {sudo}test -e {path}; or {sudo}test -L {path}; echo {self.quote(exists_message(shown))}; "
            f"else; {write}; end"
        )

    @override
    def remove(self, file: NewFile) -> str:
        path, shown, folder, sudo = self._words(file)
        return (
            f"if {self._printf(file)} | {sudo}cmp -s - {path}; {sudo or 'command '}rm -f {path}; "
            f"and echo {self.quote('Removed ' + shown)}; {sudo}rmdir {folder} 2> /dev/null; "
            f"else; echo {self.quote(kept_message(shown))}; end"
        )

    @override
    def ignore(self, entry: str) -> str:
        return (
            f"{has_ignored(self.quote(entry))}; or begin; "
            f"{ENDS_INSIDE_A_LINE} | string length -q; and echo >> {IGNORE_FILE}; "
            f"printf '%s\\n' {self.quote(IGNORE_COMMENT)} {self.quote(entry)} >> {IGNORE_FILE}; end"
        )

    @override
    def unignore(self, entry: str) -> str:
        return (
            f"if {has_ignored(self.quote(IGNORE_COMMENT))}; command cp -p {IGNORE_FILE} {IGNORE_COPY}; and "
            f"{without_entry(entry)} < {IGNORE_FILE} > {IGNORE_COPY}; and command mv -f {IGNORE_COPY} {IGNORE_FILE}; "
            f"command rm -f {IGNORE_COPY}; test -s {IGNORE_FILE}; or command rm -f {IGNORE_FILE}; end"
        )

    @override
    def add_to_path(self) -> str:
        return "contains -- ~/.local/bin $PATH; or set -Ua fish_user_paths ~/.local/bin"
