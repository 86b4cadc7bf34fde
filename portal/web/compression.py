"""Owns content codings: which one a client takes, and the bytes in it. Done once for each text, then kept."""

from __future__ import annotations

import gzip
from enum import StrEnum
from functools import lru_cache
from typing import Final

import brotli
import zstandard

SMALLEST_WORTHWHILE: Final = 512
"""Texts below this many bytes are sent as they are."""


class Coding(StrEnum):
    """A content coding by its registered name; `IDENTITY` is none."""

    BROTLI = "br"
    ZSTD = "zstd"
    GZIP = "gzip"
    IDENTITY = "identity"


_PREFERENCE: Final = (Coding.BROTLI, Coding.ZSTD, Coding.GZIP)


@lru_cache(maxsize=256)
def choose_coding(accept_encoding: str) -> Coding:
    """The best coding that an `Accept-Encoding` header allows (RFC 9110, 12.5.3); refusals by `q=0` count."""
    if not accept_encoding:
        return Coding.IDENTITY
    refused: set[str] = set()
    allowed: set[str] = set()
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.partition(";")
        quality = weight.strip().removeprefix("q=").strip()
        (refused if quality and quality.strip("0.") == "" else allowed).add(name.strip())
    for coding in _PREFERENCE:
        if coding not in refused and (coding in allowed or "*" in allowed):
            return coding
    return Coding.IDENTITY


def encode(body: bytes, coding: Coding) -> bytes:
    """The body in `coding`. Deterministic, so that an entity tag made of it stays the same across workers."""
    return _encode(body, coding, brotli_quality=5, zstd_level=15)


@lru_cache(maxsize=64)
def encode_for_good(body: bytes, coding: Coding) -> bytes:
    """The same a tenth smaller, once in the life of a process: the guide's script takes 50 ms, other files less."""
    return _encode(body, coding, brotli_quality=11, zstd_level=19)


def _encode(body: bytes, coding: Coding, *, brotli_quality: int, zstd_level: int) -> bytes:
    match coding:
        case Coding.BROTLI:
            return bytes(brotli.compress(body, quality=brotli_quality))
        case Coding.ZSTD:
            return zstandard.ZstdCompressor(level=zstd_level).compress(body)
        case Coding.GZIP:
            return gzip.compress(body, compresslevel=9, mtime=0)
        case Coding.IDENTITY:
            return body
