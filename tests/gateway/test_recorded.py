"""What gateways, relays and what stands in front of them answer (`data/answers.jsonl`), and what it means.

The words are recorded ones, those of sources and documentation (see `signals`), or, for the relays, typical ones.
Each line: who answers so, status, headers, body, how it ended, the outcome and facts that must be told.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.gateway import results
from portal.gateway.answers import Answer, Ending
from portal.gateway.classify import Context, classify
from portal.keys import ApiKey

CONTEXT = Context("claude-x", ApiKey("sk-Rk3v9QzTfW2mXb7LpYcN5hJd"), 1, datetime(2026, 11, 23, tzinfo=UTC))
LINES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line['from']} {line['status']} {line['outcome']}")
def test_recorded_answer_means_what_it_meant(line: dict[str, Any]) -> None:
    ending = Ending(line.get("ending", "complete"))
    result = classify(Answer(line["status"], line["headers"], line["body"].encode(), ending), CONTEXT)
    assert type(result).__name__ == line["outcome"], result
    facts = line.get("facts", {})
    assert {name: getattr(result, name) for name in facts} == facts


def test_every_outcome_of_an_answer_is_recorded() -> None:
    outcomes = Counter(line["outcome"] for line in LINES)
    made_here = {results.TimedOut.__name__, results.Unreachable.__name__}
    assert set(outcomes) == {kind.__name__ for kind in results.CheckResult.__args__} - made_here
    assert len(LINES) >= 90
