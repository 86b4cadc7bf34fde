"""Owns the key check's question as a command: `curl` with the key in a variable, for each family of shells.

The body goes in by a pipe where the shell mangles quotes on the way to a program (PowerShell 5.1) or has no quotes
that a program does not see (cmd).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from portal.keys import PLACEHOLDER
from portal.profile.model import KEY_FIELD, CredentialScheme
from portal.snippets.dialects import CannotCarry, Dialect, Language, dialect_for
from portal.snippets.guide import Block, BlockKind, Refusal, Section
from portal.snippets.targets import Platform, Shell
from portal.words import _

_VARIABLE: Final = "KEY"
_QUESTION: Final = "."


@dataclass(frozen=True, slots=True)
class Question:
    """One token from one model: where it is asked for, and with which headers (`{key}` stands for the key)."""

    base_url: str
    credential: CredentialScheme
    headers: Mapping[str, str]
    model: str


def ask_by_hand(platform: Platform, shell: Shell, question: Question) -> Section:
    """The block to copy, or why this shell cannot write it."""
    dialect = dialect_for(platform, shell)
    try:
        text = _write(dialect, question)
    except CannotCarry as refused:
        return Section(refusal=Refusal(refused.reason, _("Use another shell for it.")))
    block = Block(
        kind=BlockKind.ASK,
        text=text,
        language=dialect.language,
        does=_("Ask the gateway the same from your own machine."),
        after=_("A good answer has `HTTP/… 200` above and a message below. Anything else is what `claude` gets, too."),
        shell=shell,
    )
    return Section(blocks=(block,))


def _write(dialect: Dialect, question: Question) -> str:
    quote, language = dialect.quote, dialect.language
    url = quote(f"{question.base_url}/v1/messages?beta=true")
    message = {"role": "user", "content": _QUESTION}
    body = json.dumps({"model": question.model, "max_tokens": 1, "messages": [message]}, separators=(",", ":"))
    headers = [_with_variable(f"{name}: {value}", dialect) for name, value in _headers(question)]
    match language:
        case Language.POSIX:
            lines = [f"curl -sS -i {url}", *(f"-H {header}" for header in headers), f"-d {quote(body)}"]
            return f"{_VARIABLE}={quote(PLACEHOLDER)}\n" + " \\\n  ".join(lines)
        case Language.FISH:
            lines = [f"curl -sS -i {url}", *(f"-H {header}" for header in headers), f"-d {quote(body)}"]
            return f"set {_VARIABLE} {quote(PLACEHOLDER)}\n" + " \\\n  ".join(lines)
        case Language.POWERSHELL:
            lines = [f"{quote(body)} | curl.exe -sS -i {url}", *(f"-H {header}" for header in headers)]
            return f"${_VARIABLE} = {quote(PLACEHOLDER)}\n" + " `\n  ".join([*lines, "--data-binary '@-'"])
        case Language.CMD:
            lines = [f"echo {body}| curl -sS -i {url}", *(f"-H {header}" for header in headers), "--data-binary @-"]
            return f'set "{_VARIABLE}={PLACEHOLDER}"\n' + " ^\n  ".join(lines)
        case Language.JSON | Language.PLAIN:
            raise ValueError(f"{language} is no shell")
        case _:
            assert_never(language)


def _headers(question: Question) -> list[tuple[str, str]]:
    """As the check sends them: the credential header wins over a custom one of the same name."""
    headers = {"anthropic-version": "2023-06-01", "content-type": "application/json"}
    headers |= {name.lower(): value for name, value in question.headers.items()}
    if question.credential is CredentialScheme.BEARER:
        headers["authorization"] = f"Bearer {KEY_FIELD}"
    else:
        headers["x-api-key"] = KEY_FIELD
    return list(headers.items())


def _with_variable(text: str, dialect: Dialect) -> str:
    """One word of the shell in which the variable stands for `{key}`."""
    parts = text.split(KEY_FIELD)
    match dialect.language:
        case Language.POWERSHELL:
            if len(parts) == 1:
                return dialect.quote(text)
            words = f" + ${_VARIABLE} + ".join(dialect.quote(part) for part in parts)
            return "(" + words.removeprefix("'' + ").removesuffix(" + ''") + ")"
        case Language.CMD:
            for part in parts:
                dialect.quote(part)  # refuses what cmd cannot write
            return '"' + f"%{_VARIABLE}%".join(parts) + '"'
        case _:
            return f'"${_VARIABLE}"'.join(dialect.quote(part) if part else "" for part in parts)
