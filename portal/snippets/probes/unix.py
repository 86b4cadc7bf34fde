"""Owns the probes of bash, zsh, fish and Git Bash: POSIX programs between single quotes, which all of them read alike.

What is printed passes through `sed`, which masks keys: a value of twelve characters or more keeps its last four, a
shorter one nothing. Sets of characters are taken byte by byte (`LC_ALL=C`), so that broken files pass, too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from portal.snippets.dialects import Variable, dialect_for
from portal.snippets.places import Place
from portal.snippets.probes.base import PRIVATE_ENDINGS, TIMEOUT_SECONDS, ApiCall, KeySource, Probe, name_pattern
from portal.snippets.targets import Platform, Shell

_SED: Final = "LC_ALL=C sed -E"
_NAMED: Final = rf"[A-Za-z0-9_]*({PRIVATE_ENDINGS}|{PRIVATE_ENDINGS.lower()})"
_ANY_KEY: Final = "-e 's#sk-[A-Za-z0-9._~+/=-]{6,}#sk-...#g'"
_MASK_VARIABLES: Final = (
    f"{_SED} -e 's#^({_NAMED}=).{{8,}}(.{{4}})$#\\1...\\3#' -e t -e 's#^({_NAMED}=).+$#\\1...#' "
    f"-e 's#^([A-Za-z0-9_]*HEADERS=).+$#\\1...#' -e 's#://[^/@]*@#://...@#g' {_ANY_KEY}"
)
_TO_VALUE: Final = rf"(({PRIVATE_ENDINGS}|{PRIVATE_ENDINGS.lower()})[^A-Za-z0-9,]{{1,12}})"
_VALUE_START: Final = "[A-Za-z0-9<$~+/=-]"
_MASK_FILE: Final = (
    f"{_SED} -e 's#{_TO_VALUE}{_VALUE_START}[^\",]{{0,10}}(\"|,|$)#\\1...\\3#g' "
    f"-e 's#{_TO_VALUE}{_VALUE_START}[^\",]{{7,}}([^\",]{{4}})#\\1...\\3#g' "
    f"-e 's#(HEADERS[^A-Za-z0-9,]{{1,12}})[^\"]*#\\1...#g' -e 's#://[^/@\"]*@#://...@#g' {_ANY_KEY}"
)
_MASK_ANSWER: Final = (
    'key="$key" LC_ALL=C awk \'{ while (ENVIRON["key"] != "" && (at = index($0, ENVIRON["key"]))) '
    '$0 = substr($0, 1, at - 1) "..." substr($0, at + length(ENVIRON["key"])); print }\' '
    f"| {_SED} {_ANY_KEY}"
)
_STARTUP_FILES: Final = (
    *("~/.zshenv", "~/.zprofile", "~/.zshrc", "~/.zlogin", "~/.bash_profile", "~/.bash_login", "~/.profile"),
    *("~/.bashrc", "~/.bash_aliases", "~/.config/fish", "~/.config/environment.d", "/etc/environment", "/etc/profile"),
    *(".env", ".envrc"),
)
_POWERSHELL: Final = dialect_for(Platform.WINDOWS, Shell.POWERSHELL)


class PosixProbe(Probe):
    """bash and zsh; fish and Git Bash change what is different there."""

    @override
    def variables(self, names: Sequence[str]) -> str:
        return f"env | LC_ALL=C command grep -E '^({name_pattern(names)})=' | {_MASK_VARIABLES}"

    @override
    def find(self, names: Sequence[str]) -> str:
        wanted = " ".join(f"-e {name}" for name in names)
        return f"command grep -rns {wanted} {' '.join(_STARTUP_FILES)} | cut -d: -f1,2"

    @override
    def forget(self, names: Sequence[str]) -> str:
        return "unset " + " ".join(names)

    @override
    def read(self, place: Place) -> str:
        return f"command cat {self._dialect.path(place)} | {_MASK_FILE}"

    @override
    def edit(self, place: Place, *, create: bool, private: bool) -> str:
        path = self._dialect.path(place)
        commands = []
        if create:
            commands += [f"mkdir -p {self._dialect.path(Place(place.base, place.parts[:-1]))}", f"touch {path}"]
        if private:
            commands.append(f"chmod 600 {path}")
        editor = {Platform.MACOS: "open -t", Platform.WINDOWS: "notepad"}.get(self._platform, "nano")
        return "; ".join([*commands, f"{editor} {path}"])

    @override
    def head(self, url: str) -> str:
        lines = "^(HTTP/|[Ll]ocation:|curl:)"
        return f"curl -sSI -m {TIMEOUT_SECONDS} {self._dialect.quote(url)} 2>&1 | command grep -E '{lines}'"

    @override
    def resolve(self, host: str) -> str:
        word = self._dialect.quote(host)
        match self._platform:
            case Platform.MACOS:
                return f"dscacheutil -q host -a name {word}"
            case Platform.LINUX | Platform.WSL:
                return f"getent hosts {word}"
            case Platform.WINDOWS:
                return f"nslookup {word}"

    @override
    def program(self, name: str) -> str:
        return f"type -a {name}"

    @override
    def run_with(self, variables: Sequence[Variable], program: str, arguments: Sequence[str]) -> str:
        settings = (f"{variable.name}={self._dialect.quote(variable.value)}" for variable in variables)
        return " ".join(["env", *settings, program, *map(self._word, arguments)])

    @override
    def call(self, call: ApiCall) -> str:
        return f"( {self._key(call)}; {self._send(call)} )"

    def _key(self, call: ApiCall) -> str:
        if call.source is KeySource.VARIABLE:
            return f'key="${call.variable}"'
        # Whatever ends the subshell, the terminal shows again what is typed.
        return "trap 'stty echo' EXIT INT; stty -echo; printf 'Key: '; read -r key; echo"

    def _send(self, call: ApiCall) -> str:
        headers = " ".join(
            '"$key"'.join(self._dialect.quote(piece) if piece else "" for piece in (f"{name}: {first}", *others))
            for name, (first, *others) in call.around_key()
        )
        body = ""
        if call.body is not None:
            body = f" -H 'content-type: application/json' -d {self._dialect.quote(json.dumps(call.body))}"
        return (
            f"printf '%s\\n' {headers} | curl -sS -m {TIMEOUT_SECONDS} -H @-{body} "
            f"-w '\\nHTTP %{{http_code}}\\n' {self._dialect.quote(call.url)} 2>&1 | {_MASK_ANSWER}"
        )

    def _word(self, argument: str) -> str:
        return argument if argument.lstrip("-").isalnum() else self._dialect.quote(argument)


class FishProbe(PosixProbe):
    """fish: scopes of variables, and `begin … end` instead of parentheses."""

    @override
    def forget(self, names: Sequence[str]) -> str:
        return self._dialect.unpersist(names)

    @override
    def call(self, call: ApiCall) -> str:
        return f"begin; {self._key(call)}; {self._send(call)}; end"

    @override
    def _key(self, call: ApiCall) -> str:
        if call.source is KeySource.VARIABLE:
            return f'set -l key "${call.variable}"'
        return "read -s -P 'Key: ' -l key"


class GitBashProbe(PosixProbe):
    """bash of Git for Windows, whose variables come from Windows unless a start-up file sets them."""

    @override
    def find(self, names: Sequence[str]) -> str:
        return f"{super().find(names)}\n{self.in_powershell(windows_places(names))}"

    @override
    def forget(self, names: Sequence[str]) -> str:
        lines = _POWERSHELL.unpersist(names).split("\n")
        kept = "; ".join(line for line in lines if line.startswith("[Environment]"))
        return f"{super().forget(names)}\n{self.in_powershell(kept)}"

    @override
    def in_powershell(self, text: str) -> str:
        return f"powershell.exe -NoProfile -Command {self._dialect.quote(text)}"


def windows_places(names: Sequence[str]) -> str:
    """PowerShell text that says for whom Windows keeps `names`; without double quotes and percent signs."""
    words = ", ".join(f"'{name}'" for name in names)
    return (
        f"foreach ($name in {words}) {{ foreach ($for in 'User', 'Machine') "
        "{ if ([Environment]::GetEnvironmentVariable($name, $for)) { $name + ' is set for: ' + $for } } }"
    )
