"""Owns the probe of PowerShell 5.1 and 7. Without double quotes and percent signs, cmd can pass it on.

Requests go through `Invoke-WebRequest`, because 5.1 mangles quotes in what it hands to programs such as curl.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from portal.snippets.dialects import Variable
from portal.snippets.places import Base, Place
from portal.snippets.probes.base import PRIVATE_ENDINGS, TIMEOUT_SECONDS, ApiCall, KeySource, Probe, name_pattern
from portal.snippets.probes.unix import windows_places

_ANY_KEY: Final = "-replace 'sk-[A-Za-z0-9._~+/=-]{6,}', 'sk-...'"
_NO_LOGIN: Final = r"-replace '://[^/@\x22]*@', '://...@'"
_TO_VALUE: Final = rf"((?:{PRIVATE_ENDINGS})[^A-Za-z0-9,]{{1,12}})"
_VALUE_START: Final = "[A-Za-z0-9<$~+/=-]"
_MASK_FILE: Final = (
    rf"$_ -replace '{_TO_VALUE}{_VALUE_START}[^\x22,]{{0,10}}(\x22|,|$)', '$1...$2' "
    rf"-replace '{_TO_VALUE}{_VALUE_START}[^\x22,]{{7,}}([^\x22,]{{4}})', '$1...$2' "
    rf"-replace '(HEADERS[^A-Za-z0-9,]{{1,12}})[^\x22]*', '$1...' {_NO_LOGIN} {_ANY_KEY}"
)


class PowerShellProbe(Probe):
    """Windows PowerShell 5.1 and PowerShell 7."""

    @override
    def variables(self, names: Sequence[str]) -> str:
        tail = "$value.Substring($value.Length - 4)"
        return (
            f"Get-ChildItem Env: | Where-Object {{ $_.Name -match '^({name_pattern(names)})$' }} | ForEach-Object {{ "
            f"$value = $_.Value; if ($_.Name -match '({PRIVATE_ENDINGS})$') "
            f"{{ $value = if ($value.Length -ge 12) {{ '...' + {tail} }} else {{ '...' }} }} "
            "elseif ($_.Name -match 'HEADERS$') { $value = '...' }; "
            f"$_.Name + '=' + ($value {_NO_LOGIN} {_ANY_KEY}) }}"
        )

    @override
    def find(self, names: Sequence[str]) -> str:
        words = ", ".join(f"'{name}'" for name in names)
        return (
            f"{windows_places(names)}; if (Test-Path -LiteralPath $PROFILE) "
            f"{{ Select-String -LiteralPath $PROFILE -SimpleMatch {words} | "
            "ForEach-Object { $_.Path + ':' + $_.LineNumber } }"
        )

    @override
    def forget(self, names: Sequence[str]) -> str:
        return self._dialect.unpersist(names)

    @override
    def read(self, place: Place) -> str:
        return f"Get-Content -LiteralPath {self._path(place)} -Encoding UTF8 | ForEach-Object {{ {_MASK_FILE} }}"

    @override
    def edit(self, place: Place, *, create: bool, private: bool) -> str:
        path = self._path(place)
        if not create:
            return f"notepad {path}"
        folder = self._path(Place(place.base, place.parts[:-1]))
        return f"[void](New-Item -ItemType Directory -Force -Path {folder}); notepad {path}"

    @override
    def head(self, url: str) -> str:
        lines = "^(HTTP/|location:)"
        return f"curl.exe -sSI -m {TIMEOUT_SECONDS} {self._dialect.quote(url)} | Select-String '{lines}'"

    @override
    def resolve(self, host: str) -> str:
        return f"nslookup {self._dialect.quote(host)}"

    @override
    def program(self, name: str) -> str:
        return f"Get-Command {name} -All -ErrorAction SilentlyContinue | ForEach-Object {{ $_.Source }}"

    @override
    def run_with(self, variables: Sequence[Variable], program: str, arguments: Sequence[str]) -> str:
        # Null takes a variable away again that was not there before.
        keep = "; ".join(
            f"$old{at} = $env:{variable.name}; $env:{variable.name} = {self._dialect.quote(variable.value)}"
            for at, variable in enumerate(variables)
        )
        back = "; ".join(f"$env:{variable.name} = $old{at}" for at, variable in enumerate(variables))
        command = " ".join([program, *map(self._word, arguments)])
        return f"& {{ {keep}; try {{ {command} }} finally {{ {back} }} }}"

    @override
    def call(self, call: ApiCall) -> str:
        headers = "; ".join(
            f"{self._dialect.quote(name)} = {self._header(pieces)}" for name, pieces in call.around_key()
        )
        method = ""
        if call.body is not None:
            body = f"({self._value(call.body)} | ConvertTo-Json -Depth 5)"
            method = f" -Method Post -ContentType 'application/json' -Body {body}"
        return (
            f"& {{ $key = {self._key(call)}; try {{ $answer = Invoke-WebRequest -UseBasicParsing "
            f"-TimeoutSec {TIMEOUT_SECONDS} -Uri {self._dialect.quote(call.url)} -Headers @{{ {headers} }}{method}; "
            "$text = 'HTTP ' + [int]$answer.StatusCode + ' ' + $answer.Content } "
            "catch { $text = $_.Exception.Message + ' ' + $_.ErrorDetails }; "
            f"if ($key) {{ $text = $text.Replace($key, '...') }}; $text {_ANY_KEY} }}"
        )

    @override
    def in_powershell(self, text: str) -> str:
        return text

    def _key(self, call: ApiCall) -> str:
        if call.source is KeySource.VARIABLE:
            return f"$env:{call.variable}"
        return "[Net.NetworkCredential]::new('', (Read-Host 'Key' -AsSecureString)).Password"

    def _header(self, pieces: list[str]) -> str:
        words = [self._dialect.quote(pieces[0])]  # a text first, so that + joins texts
        for piece in pieces[1:]:
            words.append("$key")
            if piece:
                words.append(self._dialect.quote(piece))
        return " + ".join(words)

    def _path(self, place: Place) -> str:
        rest = self._dialect.quote("\\".join(place.parts))
        return f"(Join-Path $env:USERPROFILE {rest})" if place.base is Base.HOME else rest

    def _value(self, value: object) -> str:
        match value:
            case Mapping():
                return "@{ " + "; ".join(f"{name} = {self._value(inner)}" for name, inner in value.items()) + " }"
            case list():
                return "@(" + ", ".join(map(self._value, value)) + ")"
            case int():
                return str(value)
            case _:
                return self._dialect.quote(str(value))

    def _word(self, argument: str) -> str:
        return argument if argument.lstrip("-").isalnum() else self._dialect.quote(argument)
