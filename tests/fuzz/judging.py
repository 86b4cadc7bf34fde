"""What may not happen, whatever was asked: a breakdown, markup or headers that the asker wrote, endless work."""

from __future__ import annotations

import json
import statistics
from collections.abc import Awaitable, Callable
from typing import Final

from lxml import etree, html

from tests.fuzz.asking import Answered, Asked
from tests.fuzz.nasty import CANARY

LEAST_BOUND: Final = 0.25
"""Processor seconds that any request may take: a pause of the collector is not the request's fault."""

TIMES_MEDIAN: Final = 20
"""How many medians the slowest request may take."""

_ADDRESSES: Final = {"href", "src", "action", "formaction", "hx-get", "hx-post", "data"}
_SCHEMES: Final = ("javascript:", "data:", "vbscript:", f"//{CANARY}", f"https://{CANARY}", f"http://{CANARY}")


def troubles(asked: Asked, answer: Answered) -> list[str]:
    """What is wrong with the answer; empty when nothing is."""
    found = [] if answer.status < 500 else [f"status {answer.status}"]
    for name, value in answer.headers:
        if b"\r" in name + value or b"\n" in name + value or b"\0" in value:
            found.append(f"header {name!r} holds a line break")
        if CANARY.encode() in name.lower():
            found.append(f"header {name!r} was made by the asker")
    place = answer.header("location")
    if place and (not place.startswith("/") or place.startswith("//") or "\\" in place.partition("?")[0]):
        found.append(f"redirects elsewhere: {place[:80]!r}")
    kind = answer.header("content-type").partition(";")[0]
    if answer.header("x-content-type-options") != "nosniff":
        found.append("may be sniffed")
    if kind == "application/json":
        try:
            json.loads(answer.body)
        except ValueError:
            found.append("is no JSON")
    elif kind == "text/html" and CANARY.encode() in answer.body.lower():
        found += foreign_markup(answer.body)
    return [f"{one} for {asked.method} {asked.path}?{asked.query[:300]!r} {asked.body[:300]!r}" for one in found]


def foreign_markup(body: bytes) -> list[str]:
    """Elements, attributes, addresses, scripts and comments of a page that were made out of the canary."""
    found = []
    tree = html.document_fromstring(body.decode("utf-8"), parser=html.HTMLParser(huge_tree=True))
    for element in tree.iter():
        if not isinstance(element.tag, str):
            if isinstance(element, etree._Comment) and CANARY in (element.text or ""):
                found.append("a comment holds the canary")
            continue
        if CANARY in element.tag:
            found.append(f"an element <{element.tag}>")
        if element.tag in {"script", "style"} and CANARY in (element.text or ""):
            found.append(f"a <{element.tag}> holds the canary")
        for raw_name, raw_value in element.attrib.items():
            name, value = str(raw_name), str(raw_value).strip().lower()
            if CANARY in name or name.startswith("on"):
                found.append(f"an attribute {name!r}")
            if name in _ADDRESSES and value.startswith(_SCHEMES) and CANARY in value:
                found.append(f"an address {name}={value[:60]!r}")
    return found


class Clock:
    """How long each kind of request took, and which took longest."""

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = {}
        self._slowest: dict[str, tuple[float, Asked]] = {}

    def note(self, kind: str, asked: Asked, answer: Answered) -> None:
        """Remember one answer."""
        self._times.setdefault(kind, []).append(answer.seconds)
        if answer.seconds > self._slowest.get(kind, (0.0, asked))[0]:
            self._slowest[kind] = (answer.seconds, asked)

    async def too_slow(self, again: Callable[[Asked], Awaitable[Answered]]) -> list[str]:
        """The slowest of each kind that is beyond the bound three times in a row; once may be chance."""
        found = []
        for kind, times in self._times.items():
            bound = max(LEAST_BOUND, TIMES_MEDIAN * statistics.median(times))
            seconds, asked = self._slowest[kind]
            if seconds > bound:
                least = min([(await again(asked)).seconds for _ in range(3)])
                if least > bound:
                    found.append(
                        f"{kind}: {least:.3f} s, bound {bound:.3f} s: {asked.query[:200]!r} {asked.body[:200]!r}"
                    )
        return found

    def __str__(self) -> str:
        return "\n".join(
            f"{kind}: {len(times)} requests, median {statistics.median(times) * 1000:.2f} ms, "
            f"slowest {max(times) * 1000:.1f} ms of processor time"
            for kind, times in self._times.items()
        )
