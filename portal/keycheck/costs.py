"""Owns what a check cost the key's holder: tokens, and time. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from portal.gateway import results
from portal.gateway.stages import NotStreamed, Rehearsed, Streamed
from portal.keycheck.findings import Findings


@dataclass(frozen=True, slots=True)
class Costs:
    """What a check cost.

    Attributes:
        tokens: input and output of every answer that said how many there were.
        first_token: seconds from a streamed question to the first piece of its answer, or empty.
        total: seconds from the press to the verdict.

    """

    tokens: int
    first_token: str
    total: str


def costs_of(findings: Findings) -> Costs:
    """The sum over everything that was answered."""
    first = [findings.first.result] if findings.first else []
    other = [findings.other_header.result] if findings.other_header else []
    answers = [*first, *other, *findings.answers.values(), *findings.addresses.values()]
    counted = [
        *(answer for answer in answers if isinstance(answer, results.Accepted)),
        *((findings.stream,) if isinstance(findings.stream, Streamed | NotStreamed) else ()),
        *(one for one in findings.rehearsals if isinstance(one, Rehearsed)),
    ]
    stream = findings.stream
    return Costs(
        tokens=sum(answer.input_tokens + answer.output_tokens for answer in counted),
        first_token=_seconds(stream.first_token_ms) if isinstance(stream, Streamed) else "",
        total=_seconds(findings.total_ms),
    )


def _seconds(milliseconds: int) -> str:
    """With one digit behind the point; never nothing, because something happened."""
    return f"{max(milliseconds, 100) / 1000:.1f}"
