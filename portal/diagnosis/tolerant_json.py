"""Owns reading JSON as people write it: every defect is named with its place, and what was meant is still read. PURE.

Read in one pass, without recursion deeper than `_DEPTH`; time is in proportion to the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from portal.words import Text, _

_DEPTH: Final = 40
_MOST_DEFECTS: Final = 20
_MOST_VALUES: Final = 1500
_BLANK: Final = re.compile(r"[\s\u200b\u200e\u200f\ufeff\xa0]*")
_COMMENT: Final = re.compile(r"//[^\n]*|#[^\n]*|/\*.{0,5000}?\*/", re.DOTALL)
_STRING: Final = re.compile(r'"((?:[^"\\\n]|\\[^\n])*)"')
_SINGLE: Final = re.compile(r"'([^'\n]*)'")
_SMART: Final = re.compile(r"[“”„‟″«]([^“”„‟″»\"\n]*)[“”„‟″»\"]")
_BARE: Final = re.compile(r"[^\s,:{}\[\]\"'“”/]+")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Kind(StrEnum):
    """What a value is; OTHER is a number, `true`, `false`, `null` or a bare word."""

    OBJECT = "object"
    ARRAY = "array"
    STRING = "string"
    OTHER = "other"


@dataclass(slots=True)
class Node:
    """A value and where it begins. `members` are (name, where the name begins, value), in order, repeats included."""

    kind: Kind
    at: int
    text: str = ""
    members: list[tuple[str, int, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Parsed:
    """The value that was read, the defects with their offsets, and where reading ended."""

    root: Node
    defects: list[tuple[int, Text]]
    end: int


def parse_tolerantly(text: str, start: int = 0) -> Parsed:
    """Read one JSON value from `start` on."""
    reader = _Reader(text, start)
    root = reader.value(0)
    return Parsed(root, reader.defects[:_MOST_DEFECTS], reader.at)


class _Reader:
    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self.at = start
        self.defects: list[tuple[int, Text]] = []
        self._values = 0

    def _fault(self, at: int, says: Text) -> None:
        if len(self.defects) < _MOST_DEFECTS:
            self.defects.append((min(at, max(0, len(self._text) - 1)), says))

    def _peek(self) -> str:
        """The next sign, after blanks and comments; `""` at the end."""
        while True:
            if found := _BLANK.match(self._text, self.at):
                self.at = found.end()
            sign = self._text[self.at : self.at + 1]
            if sign in {"/", "#"} and (found := _COMMENT.match(self._text, self.at)):
                self._fault(self.at, _("A comment is not allowed in this file."))
                self.at = found.end()
                continue
            return sign

    def value(self, depth: int) -> Node:
        sign = self._peek()
        at = self.at
        self._values += 1
        if self._values > _MOST_VALUES:  # no settings file is that long; end here instead of taking long
            self.at = len(self._text)
            return Node(Kind.OTHER, at)
        if sign == "{" and depth < _DEPTH:
            return self._object(depth)
        if sign == "[" and depth < _DEPTH:
            return self._array(depth)
        if (string := self._string()) is not None:
            return Node(Kind.STRING, at, string)
        if found := _BARE.match(self._text, at):
            self.at = found.end()
            word = found[0]
            if word not in {"true", "false", "null"} and not _NUMBER.fullmatch(word):
                self._fault(at, _("A value that is text has to be in quotation marks."))
            return Node(Kind.OTHER, at, word)
        self._fault(at, _("A value is missing here."))
        if sign and sign not in "},]":
            self.at += 1
        return Node(Kind.OTHER, at)

    def _string(self) -> str | None:
        text, at = self._text, self.at
        sign = text[at : at + 1]
        if sign == '"':
            if found := _STRING.match(text, at):
                self.at = found.end()
                return _ESCAPE.sub(_unescape, found[1])
            self._fault(at, _("The quotation mark that closes this text is missing."))
            end = text.find("\n", at)
            self.at = len(text) if end < 0 else end
            return text[at + 1 : self.at].rstrip(" ,”’'\r")
        if sign == "'" and (found := _SINGLE.match(text, at)):
            self._fault(at, _('Single quotation marks are not allowed; use `"`.'))
            self.at = found.end()
            return found[1]
        if sign and sign in "“”„‟″«" and (found := _SMART.match(text, at)):
            self._fault(at, _('Typographic quotation marks are not allowed; use `"`.'))
            self.at = found.end()
            return found[1]
        return None

    def _object(self, depth: int) -> Node:
        node = Node(Kind.OBJECT, self.at)
        self.at += 1
        while True:
            before = self.at
            sign = self._peek()
            if sign == "}":
                self.at += 1
                return node
            if not sign or sign == "]":
                self._fault(node.at, _("This `{` is never closed."))
                return node
            at = self.at
            name = self._name()
            if name is None:
                self._fault(at, _("This is not expected here."))
                self.at = max(self.at, before) + 1
                continue
            if self._peek() == ":":
                self.at += 1
            elif self._peek() == "=":
                self._fault(self.at, _("Between a name and its value stands `:`."))
                self.at += 1
            else:
                self._fault(self.at, _("After the name, a `:` is missing."))
            node.members.append((name, at, self.value(depth + 1)))
            self._separator("}")

    def _name(self) -> str | None:
        if (name := self._string()) is not None:
            return name
        if found := _BARE.match(self._text, self.at):
            self._fault(self.at, _("A name has to be in quotation marks."))
            self.at = found.end()
            return found[0].partition("=")[0]
        return None

    def _array(self, depth: int) -> Node:
        node = Node(Kind.ARRAY, self.at)
        self.at += 1
        while True:
            sign = self._peek()
            if sign == "]":
                self.at += 1
                return node
            if not sign or sign == "}":
                self._fault(node.at, _("This `[` is never closed."))
                return node
            node.items.append(self.value(depth + 1))
            self._separator("]")

    def _separator(self, closing: str) -> None:
        """Read the comma between two members; name the one too many or the one that is missing."""
        end = self.at
        sign = self._peek()
        if sign and sign in ",，;；":
            comma = self.at
            if sign != ",":
                self._fault(comma, _("Between two entries stands a comma, `,`."))
            self.at += 1
            if self._peek() == closing:
                self._fault(comma, _("The comma after the last entry is one too many."))
        elif sign and sign not in "}]":
            self._fault(max(0, end - 1), _("A comma is missing after this entry."))


def _unescape(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)
