"""PURE: owns reading the help forms: what was pasted, what came of a step, and what the forms carry from page to page.

What is carried lives in the visitor's page only: the order in which the steps were shown, the answers of somebody who
is not recorded, and, for the report to support, the masked end of what was pasted and the client's version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.diagnosis.masking import mask_keys
from portal.journeys.vocabulary import StepOutcome, is_id

TEXT_FIELD: Final = "text"
OUTCOME_FIELD: Final = "outcome"
CUT_FIELD: Final = "cut"
"""How many characters the browser left out at the beginning of the text."""

GAVE_UP: Final = "nothing_helped"
"""The value of the button for somebody who has tried enough; an answer to no step."""

LONGEST_TEXT: Final = 48 * 1024
"""Longest pasted text that is looked at, in bytes of UTF-8; of a longer one the end, where errors stand."""

LONGEST_SEEN: Final = 3_000
"""How much of the masked text the report to support holds, in characters."""

_MOST_STEPS: Final = 100
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_ONCE: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_VERSION: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4}){1,3}")
"""Its parts fit the columns that keep them, of 16 bits."""


class Answer(StrEnum):
    """What a visitor says about a step; UNDONE takes the earlier answer back."""

    RESOLVED = "resolved"
    NOT_RESOLVED = "not_resolved"
    SKIPPED = "skipped"
    UNDONE = "undone"


KEPT: Final[Mapping[Answer, StepOutcome]] = MappingProxyType(
    {
        Answer.RESOLVED: StepOutcome.RESOLVED,
        Answer.NOT_RESOLVED: StepOutcome.NOT_RESOLVED,
        Answer.SKIPPED: StepOutcome.SKIPPED,
    }
)
"""What is recorded for an answer. An answer that is taken back leaves that the step was shown."""

Answers = Mapping[str, StepOutcome]
"""Step -> what came of it, in the order in which the steps stand on the page."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What the forms carry.

    Attributes:
        order: ids of steps as they were shown; empty when they were not.
        answers: of a visit that has no cookie, because it is not recorded or only began.
        seen: the masked end of the pasted text.
        client: the client's version, such as `2.1.330`.
        key_check: the cause that the key check found, `none` when it accepted the key, or empty.
        once: random, made with the page: the first answer of a visit that is sent again is the same visit's.

    """

    order: tuple[str, ...] = ()
    answers: Answers = field(default_factory=lambda: MappingProxyType({}))
    seen: str = ""
    client: str = ""
    key_check: str = ""
    once: str = ""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """As field names and values; what is empty is left out."""
        pairs = (
            ("order", ",".join(self.order)),
            ("answered", ",".join(f"{step}:{outcome}" for step, outcome in self.answers.items())),
            ("seen", self.seen),
            ("client", self.client),
            ("check", self.key_check),
            ("once", self.once),
        )
        return tuple(pair for pair in pairs if pair[1])

    def answered(self, step: str, answer: Answer) -> Carried:
        """The same with one more answer; a later one replaces an earlier one."""
        answers = {name: outcome for name, outcome in self.answers.items() if name != step}
        if answer is not Answer.UNDONE:
            answers[step] = KEPT[answer]
        return replace(self, answers=MappingProxyType(answers))


@dataclass(frozen=True, slots=True)
class PastedText:
    """A text to be diagnosed, already masked.

    Attributes:
        cut: how many characters at its beginning are left out, here or by the browser.
        masked: whether something in it was masked here, because the browser had not done it.

    """

    text: str
    cut: int
    masked: bool


def read_text(fields: Sequence[tuple[str, str]]) -> PastedText:
    """The pasted text: its end if it is too long, with every key masked before anything else looks at it."""
    given = dict(fields).get(TEXT_FIELD, "").replace("\r\n", "\n")
    masked = mask_keys(given)
    end = masked.encode("utf-8", "replace")[-LONGEST_TEXT:].decode("utf-8", "ignore")
    before = dict(fields).get(CUT_FIELD, "")
    already = int(before) if _COUNT.fullmatch(before) else 0
    return PastedText(end, len(masked) - len(end) + already, not given.endswith(end))


def read_answer(fields: Sequence[tuple[str, str]]) -> Answer | None:
    """What was said about the step, or None when it is none of the answers."""
    given = dict(fields).get(OUTCOME_FIELD, "")
    return Answer(given) if given in set(Answer) else None


def gives_up(fields: Sequence[tuple[str, str]]) -> bool:
    """Whether a form says that nothing helped, before every step was tried."""
    return dict(fields).get(OUTCOME_FIELD) == GAVE_UP


def read_carried(fields: Iterable[tuple[str, str]]) -> Carried:
    """What a form or a link carried; whatever cannot be is left out, and the text is masked once more."""
    values = dict(fields)
    order = tuple(step for step in values.get("order", "").split(",") if is_id(step))[:_MOST_STEPS]
    pairs = (pair.partition(":")[::2] for pair in values.get("answered", "").split(","))
    kept = set(KEPT.values())
    answers = {step: StepOutcome(word) for step, word in pairs if is_id(step) and word in kept}
    client, check, once = (values.get(name, "") for name in ("client", "check", "once"))
    return Carried(
        order=tuple(dict.fromkeys(order)),
        answers=MappingProxyType(dict(list(answers.items())[:_MOST_STEPS])),
        seen=mask_keys(values.get("seen", "")[-LONGEST_SEEN:]),
        client=client if _VERSION.fullmatch(client) else "",
        key_check=check if is_id(check) else "",
        once=once if _ONCE.fullmatch(once) else "",
    )
