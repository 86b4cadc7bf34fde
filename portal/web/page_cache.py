"""Owns finished answers: texts that are functions of their URL are rendered once and sent from memory.

An entry is keyed by everything the answer depends on: path, query, language, page or region, content coding, and
the portal's own address where the text holds it (so that nobody can plant a link to another one). The
cache holds a bounded number of bytes and forgets what was not asked for longest. It must not know what is rendered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from portal.web import htmx
from portal.web.compression import SMALLEST_WORTHWHILE, Coding, choose_coding, encode
from portal.web.conditional import etag_of, knows
from portal.web.languages import Language, Languages

MAX_BYTES: Final = 64 * 1024 * 1024
"""What the kept answers may take, in bytes: bodies, keys, and `_OVERHEAD` for each."""

_OVERHEAD: Final = 2_048
MAX_QUERY: Final = 2_048
"""Answers to longer queries (in bytes) are not kept."""

PAGE_CACHING: Final = "public, max-age=60, stale-while-revalidate=600"

_Receive = Callable[[], Any]
_Send = Callable[[MutableMapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text and what is to be said about it in headers. A status other than 200 is not kept."""

    text: str
    media_type: str = "text/html"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class _Entry:
    etag: str
    raw_headers: tuple[tuple[bytes, bytes], ...]
    unchanged_headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class _StoredResponse(Response):
    """A response whose headers and body were put together earlier; sending it builds nothing."""

    def __init__(self, status: int, raw_headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> None:
        self.status_code = status
        self.raw_headers = list(raw_headers)
        self.body = body
        self.background = None


class PageCache:
    """Answers from memory, or renders, compresses, tags and remembers."""

    def __init__(self, languages: Languages, *, max_bytes: int = MAX_BYTES) -> None:
        self._languages = languages
        self._max_bytes = max_bytes
        self._entries: OrderedDict[tuple[object, ...], _Entry] = OrderedDict()
        self.size = 0
        """What the kept answers take, in bytes."""
        self.hits = 0
        self.misses = 0
        many = len(languages.all) > 1
        vary = ("Accept-Encoding", *(("Accept-Language",) if many else ()))
        self._vary_text = ", ".join(vary)
        self._vary_page = ", ".join((*vary, *htmx.VARY))

    def __len__(self) -> int:
        return len(self._entries)

    def answer(self, request: Request, render: Callable[[Language, bool], Rendered], *, origin: str = "") -> Response:
        """Answer with what `render(language, as_region)` makes of this URL, from memory when it was made before.

        `origin` is the portal's own address if the text holds it.
        """
        scope = request.scope
        headers: dict[bytes, bytes] = dict(scope["headers"])
        query: bytes = scope["query_string"]
        asked = request.query_params.get("lang", "") if b"lang=" in query else ""
        language = self._languages.choose(asked, headers.get(b"accept-language", b"").decode("latin-1"))
        region = htmx.wants_region(headers)
        coding = choose_coding(headers.get(b"accept-encoding", b"").decode("latin-1"))
        key = (scope["path"], query, origin, language.code, region, coding)
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            rendered = render(language, region)
            entry = self._finish(rendered, coding)
            if rendered.status != 200:
                return _StoredResponse(rendered.status, entry.raw_headers, entry.body)
            if len(query) <= MAX_QUERY:
                self._remember(key, entry)
        else:
            self.hits += 1
            self._entries.move_to_end(key)
        if (tags := headers.get(b"if-none-match")) and knows(tags.decode("latin-1"), entry.etag):
            return _StoredResponse(304, entry.unchanged_headers, b"")
        return _StoredResponse(200, entry.raw_headers, entry.body)

    def _finish(self, rendered: Rendered, coding: Coding) -> _Entry:
        plain = rendered.text.encode()
        if len(plain) < SMALLEST_WORTHWHILE:
            coding = Coding.IDENTITY
        body = encode(plain, coding)
        etag = etag_of(body)
        vary = self._vary_page if rendered.media_type == "text/html" else self._vary_text
        kept = {"cache-control": PAGE_CACHING, "etag": etag, "vary": vary, **rendered.headers}
        if rendered.status != 200:
            kept = {"cache-control": "no-store", "vary": vary, **rendered.headers}
        full = {**kept, "content-type": f"{rendered.media_type}; charset=utf-8", "content-length": str(len(body))}
        if coding is not Coding.IDENTITY:
            full["content-encoding"] = coding.value
        return _Entry(etag, _raw(full), _raw(kept), body)

    def _remember(self, key: tuple[object, ...], entry: _Entry) -> None:
        self._entries[key] = entry
        self.size += _size(key, entry)
        while self.size > self._max_bytes and self._entries:
            self.size -= _size(*self._entries.popitem(last=False))


def _size(key: tuple[object, ...], entry: _Entry) -> int:
    return len(entry.body) + _OVERHEAD + sum(len(part) for part in key if isinstance(part, str | bytes))


def _raw(headers: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
