"""Owns the counts of key checks: how they ended, with which verdict, and what became of each step.

Unlike the operator's statistics they include visitors who ask not to be recorded: nothing here tells them apart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from portal.keycheck.progress import StepName
from portal.keycheck.steps import StepState
from portal.keycheck.verdict_kinds import VerdictCode
from portal.observability.metrics import ClosedCounter


class CheckEnd(StrEnum):
    """How a key check ended."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    LEFT = "left"  # the visitor went away, or the code broke: there is no verdict


ENDED: Final = ClosedCounter("portal_key_checks_run", "Key checks of this process, by how they ended.", end=CheckEnd)
VERDICTS: Final = ClosedCounter("portal_key_check_verdicts", "Verdicts of key checks.", code=VerdictCode)
STEPS: Final = ClosedCounter(
    "portal_key_check_steps", "Steps of key checks, by their last state.", step=StepName, state=StepState
)
