"""Owns finding the sentences of this room's TOML files for the translators: a Babel extraction method.

Babel calls `extract` for every `portal/diagnosis/*.toml` (see `make messages`); Python's own sentences are found by
the names `_` and `ngettext`.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from typing import IO, Final

SENTENCES: Final = frozenset({"title", "shows", "explanation", "instruction", "expect", "undo", "text", "question"})
"""The keys whose values are said to visitors. Everything else is an id, a value, or what a program prints."""

_WITHOUT_WORDS: Final = re.compile(r"(\{\w+\}|\W|\d)*")

Message = tuple[int, str, str, list[str]]


def extract(fileobj: IO[bytes], keywords: object, comment_tags: object, options: object) -> Iterator[Message]:
    """Yield (line, function, message, comments) for each sentence, as Babel wants it; the line is always 0."""
    del keywords, comment_tags, options
    document = tomllib.load(io.BytesIO(fileobj.read()))
    for sentence in sentences_in(document):
        yield 0, "", sentence, []


def sentences_in(value: object, key: str = "") -> Iterator[str]:
    """Yield each sentence of a TOML document; a value of fields alone needs no translation."""
    match value:
        case str() if key in SENTENCES and not _WITHOUT_WORDS.fullmatch(value):
            yield value
        case dict():
            for name, inner in value.items():
                yield from sentences_in(inner, name)
        case list():
            for inner in value:
                yield from sentences_in(inner, key)
