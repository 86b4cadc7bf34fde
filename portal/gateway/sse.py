"""Owns reading server-sent events from bytes that arrive in pieces, by the rules of the HTML standard (9.2.6). PURE.

It must not know which events there are (`stream_order`).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One event: its name (empty when it has none) and its data, the lines joined."""

    name: str
    data: str


class SseParser:
    """Takes bytes, however they are cut, and gives events.

    An event counts once its empty line has come, as at the standard and at the client's library: what the end of the
    stream cuts off is dropped. Takes time and memory in proportion to what it is fed.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._line: list[str] = []
        self._after_cr = False
        self._name = ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> list[SseEvent]:
        """Take the next bytes; return the events that they complete."""
        text = self._decoder.decode(data)
        if not text:
            return []
        if self._after_cr and text[0] == "\n":
            text = text[1:]
        self._after_cr = text.endswith("\r") if text else False
        *complete, rest = _LINE_END.split(text)
        events: list[SseEvent] = []
        for part in complete:
            line = "".join((*self._line, part))
            self._line.clear()
            if event := self._take(line):
                events.append(event)
        if rest:
            self._line.append(rest)
        return events

    def _take(self, line: str) -> SseEvent | None:
        if not line:
            event = SseEvent(self._name, "\n".join(self._data)) if self._data else None
            self._name, self._data = "", []
            return event
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        return None
