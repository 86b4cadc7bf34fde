"""Finds the members of a JSON text, and where each of them is; the first half of the Python engine.

Standard library of Python 3.7 only: this file travels inside `apply.sh` to machines with an old `python3`.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

# The last alternative makes a token of anything else, which then is the error. \f stands for the carriage return.
_TOKEN = re.compile(
    r'[{}\[\],:]|"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"'
    r"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|[^ \t\n\f]",
)
_ALONE = "{}[],:0123456789"


class Member(NamedTuple):
    """A member of the root object (depth 1) or of an object in it (depth 2), by positions in the text.

    `gap` is the end of the token before it, `key` to `colon` its name, `value` to `end` its value.
    """

    depth: int
    name: str
    gap: int
    key: int
    colon: int
    value: int
    end: int


class Scan(NamedTuple):
    """What a text consists of: `start` and `close` are the first and the last character of the root value.

    `error` is the position of the first thing that is not JSON, or -1.
    """

    error: int
    members: list[Member]
    start: int
    close: int

    def inside(self, owner: Member | None) -> list[Member]:
        """The members of the root object, or of the object that is its member `owner`."""
        if owner is None:
            return [member for member in self.members if member.depth == 1]
        return [member for member in self.members if member.depth == 2 and owner.value < member.key < owner.end]


def last(members: list[Member], name: str) -> Member | None:
    """The member of that name that counts: the last."""
    return next((member for member in reversed(members) if member.name == name), None)


class _Reader:
    """Reads tokens one by one; `expect` says what may come.

    V a value, A a value or `]`, K a name or `}`, S a name, C a colon, N a comma or the end of the object or list, E
    nothing.
    """

    def __init__(self) -> None:
        self.expect = "V"
        self.stack = ""
        self.members: list[Member] = []
        self.current: dict[int, int] = {}

    def accept(self, token: str, at: int, previous: int) -> bool:
        char, end = token[0], at + len(token)
        top = self.stack[-1:]
        if len(token) == 1 and char not in _ALONE:
            return False
        if char == '"' and self.expect in "KS":
            self._name(token, at, previous)
        elif char == ":" and self.expect == "C":
            self.expect = "V"
        elif char == "," and self.expect == "N":
            self.expect = "S" if top == "{" else "V"
        elif (char == "}" and top == "{" and self.expect in "KN") or (
            char == "]" and top == "[" and self.expect in "AN"
        ):
            self.stack = self.stack[:-1]
            self._ended(end)
        elif char not in "}],:" and self.expect in "VA":
            self._value(char, at, end)
        else:
            return False
        return True

    def _name(self, token: str, at: int, previous: int) -> None:
        self.expect = "C"
        if self.stack in {"{", "{{"}:
            self.current[len(self.stack)] = len(self.members)
            self.members.append(Member(len(self.stack), json.loads(token), previous, at, at + len(token), -1, -1))

    def _value(self, char: str, at: int, end: int) -> None:
        if self.stack in {"{", "{{"}:
            index = self.current[len(self.stack)]
            self.members[index] = self.members[index]._replace(value=at)
        if char in "{[":
            self.stack += char
            self.expect = "K" if char == "{" else "A"
        else:
            self._ended(end)

    def _ended(self, end: int) -> None:
        self.expect = "N" if self.stack else "E"
        if self.stack in {"{", "{{"}:
            index = self.current[len(self.stack)]
            self.members[index] = self.members[index]._replace(end=end)


def scan(text: str) -> Scan:
    """Find the members of the root object and of the objects in it."""
    reader, previous, start = _Reader(), 0, -1
    for match in _TOKEN.finditer(text):
        start = match.start() if start < 0 else start
        if not reader.accept(match.group(), match.start(), previous):
            return Scan(match.start(), [], start, -1)
        previous = match.end()
    error = -1 if reader.expect == "E" else len(text)
    return Scan(error, reader.members, start, previous - 1)
