"""Owns what came back over the wire before anybody understood it, within fixed bounds. PURE."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

BODY_LIMIT: Final = 64 * 1024
"""Most bytes of a body that are kept, before and after decompression. A one-token Message is under 1 KB."""

_INFLATABLE: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Content codings that are read although `identity` was asked for -> zlib's window bits."""

_UNREADABLE: Final = frozenset({"br", "zstd"})
"""Codings that the client reads and this module does not. Other names mean nothing to the client, which then reads
the bytes as they are (measured with 2.1.330 and 2.1.197: `utf-8`, `none`, `compress`)."""


class Ending(StrEnum):
    """How a body ended."""

    COMPLETE = "complete"
    CUT_OFF = "cut-off"  # the connection ended before the body did
    TOO_LONG = "too-long"  # reading stopped at the limit


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer.

    Attributes:
        status: 100-599; other numbers are possible from a broken peer.
        headers: names in lower case; repeated headers joined or reduced to one, as the HTTP library does.
        body: at most `BODY_LIMIT` bytes.
        ending: whether these are all the bytes.

    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    ending: Ending = Ending.COMPLETE

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def coding(self) -> str:
        """The content coding, in lower case; empty when there is none."""
        return self.headers.get("content-encoding", "").strip().lower()

    @property
    def is_unreadable(self) -> bool:
        """Whether the body is in a coding that the client reads and this module does not."""
        return self.coding in _UNREADABLE


def decompress(answer: Answer, limit: int = BODY_LIMIT) -> Answer:
    """Return the answer with its body decompressed to at most `limit` bytes, so that no bomb can go off.

    gzip and deflate are understood; Brotli and Zstandard, which were not asked for, are as good as broken.
    """
    if answer.is_unreadable:
        return replace(answer, body=b"", ending=Ending.CUT_OFF)
    window = _INFLATABLE.get(answer.coding)
    if window is None or not answer.body:
        return answer
    inflater = zlib.decompressobj(window)
    try:
        body = inflater.decompress(answer.body, limit)
    except zlib.error:
        return replace(answer, body=b"", ending=Ending.CUT_OFF)
    if inflater.unconsumed_tail:
        return replace(answer, body=body, ending=Ending.TOO_LONG)
    if not inflater.eof and answer.ending is Ending.COMPLETE:
        return replace(answer, body=body, ending=Ending.CUT_OFF)
    return replace(answer, body=body)


class Inflater:
    """Decompresses a body while it arrives, for those who read it event by event; `decompress` judges the whole.

    Nothing comes of bytes that are broken, or in a coding that the client reads and this class does not.
    """

    def __init__(self, coding: str) -> None:
        coding = coding.strip().lower()
        window = _INFLATABLE.get(coding)
        self._inflater = zlib.decompressobj(window) if window else None
        self._left = BODY_LIMIT * 16
        self._unreadable = coding in _UNREADABLE

    def feed(self, data: bytes) -> bytes:
        """The next bytes, decompressed; of a compressed body at most a megabyte in all."""
        if self._unreadable or self._left <= 0:
            return b""
        if self._inflater is None:
            return data
        try:
            inflated = self._inflater.decompress(data, self._left)
        except zlib.error:
            self._left = 0
            return b""
        self._left -= len(inflated)
        return inflated
