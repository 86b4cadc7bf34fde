"""Owns the exported files (PURE): the same sums as on the page, as rows. Columns: `definitions.COLUMNS`."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Final

from portal.admin.stats.figures import Answer, gathered, is_small
from portal.admin.stats.histogram import BOUNDS
from portal.admin.stats.question import Question
from portal.admin.stats.sums import columns_of
from portal.admin.stats.visits import COUNTS, SEPARATOR, STAGES

HEADER: Final = ("day", "measure", "item", "detail", "from_ms", "count")
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_PAIRS: Final = (*(f"{before}-{after}" for before, after in pairwise(STAGES)), "opened-verified")
Line = tuple[str, str, str, str, str, int]


def is_empty(question: Question, answer: Answer) -> bool:
    """Whether nothing may be shown, because too few visits have the set-up."""
    return bool(question.filters) and is_small(answer.total)


def days_of(question: Question, answer: Answer) -> list[tuple[date, Counter[str]]]:
    """The days as they may be told: with a filter none of few visits; of few visits in all what has no item."""
    days = gathered(answer.days) if question.filters else answer.days
    if is_small(answer.total):
        days = {day: columns_of(sums) for day, sums in days.items()}
    return sorted(days.items())


def lines(days: Mapping[date, Counter[str]]) -> Iterator[Line]:
    """A line for each number of each day, in a fixed order; zeros are left out."""
    for day, sums in sorted(days.items()):
        known = [(name, "", "", "", sums[name]) for name in COUNTS if sums[name]]
        rest = [_parted(name, count) for name, count in sums.items() if name not in COUNTS and count]
        for measure, item, detail, bucket, count in (*known, *sorted(rest)):
            yield day.isoformat(), measure, item, detail, bucket, count


def as_csv(question: Question, answer: Answer) -> Iterator[str]:
    """The file in pieces, a day each; RFC 4180 with a header."""
    yield _csv([HEADER])
    if not is_empty(question, answer):
        for day, sums in days_of(question, answer):
            if text := _csv([tuple(harmless(cell) for cell in line) for line in lines({day: sums})]):
                yield text


def as_json(question: Question, answer: Answer) -> Iterator[str]:
    """The file in pieces, a day each: what was asked, and an array of objects by column."""
    asked = {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "filters": {dimension.value: value for dimension, value in question.filters.items()},
        "too_few_visits": is_empty(question, answer),
    }
    yield f'{{"asked":{json.dumps(asked)},"rows":['
    separator = ""
    if not is_empty(question, answer):
        for day, sums in days_of(question, answer):
            rows = [json.dumps(dict(zip(HEADER, line, strict=True))) for line in lines({day: sums})]
            if rows:
                yield separator + ",\n".join(rows)
                separator = ",\n"
    yield "]}\n"


def harmless(value: str | int) -> str | int:
    """A cell that no spreadsheet takes for a formula: an apostrophe before the signs that begin one.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value


def _csv(rows: list[tuple[str | int, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _parted(name: str, count: int) -> tuple[str, str, str, str, int]:
    measure, *parts = name.split(SEPARATOR)
    match measure, parts:
        case "minutes", [pair, bucket]:
            return "time_between", _PAIRS[int(pair)], "", _from_ms(bucket), count
        case "latency", [bucket]:
            return "latency", "", "", _from_ms(bucket), count
        case "took", [symptom, step, bucket]:
            return "step_time", f"{symptom}/{step}", "", _from_ms(bucket), count
        case "step", [symptom, step, what]:
            return "step", f"{symptom}/{step}", what, "", count
        case (("cause" | "model"), [verdict, item]):
            return f"check_{measure}", item, verdict, "", count
        case _:
            return measure, parts[0] if parts else "", "", "", count


def _from_ms(bucket: str) -> str:
    return str(BOUNDS[int(bucket) - 1] if int(bucket) else 0)
