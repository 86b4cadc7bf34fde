"""Owns what is known of each step of the key check after an outcome. PURE.

A step is `PASSED` only when the outcome proves it; what was not tried, or tried without a clear answer, is
`NOT_CHECKED`. It must not know sentences (`wording`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from portal.gateway import results
from portal.gateway.results import Barrier, CheckResult, Fault, Obstacle, Phase, Shape


class StepState(StrEnum):
    """The state of one step; stable, used in `data-state`."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Steps:
    """The three steps of the check, in the order in which they are shown."""

    address: StepState = StepState.WAITING
    credential: StepState = StepState.WAITING
    model: StepState = StepState.WAITING


_PASSED, _WARNING, _FAILED = StepState.PASSED, StepState.WARNING, StepState.FAILED
_NOT_CHECKED = StepState.NOT_CHECKED


def steps_of(result: CheckResult) -> Steps:  # noqa: C901, PLR0911 - one case per outcome
    """Return what the outcome says about address, credential and model."""
    match result:
        case results.Accepted():
            return Steps(_PASSED, _PASSED, _PASSED)
        case results.Rejected():
            return Steps(_PASSED, _FAILED, _NOT_CHECKED)
        case results.NotAllowed(barrier=barrier):
            return _when_not_allowed(barrier)
        case results.OutOfCredit():
            return Steps(_PASSED, _PASSED, _FAILED)
        case results.ModelUnknown(key_proven=proven):
            return Steps(_PASSED, _PASSED if proven else _NOT_CHECKED, _FAILED)
        case results.Throttled(api_shaped=shaped):
            return Steps(_PASSED if shaped else _WARNING, _NOT_CHECKED, _NOT_CHECKED)
        case results.GatewayFailed(api_shaped=shaped, fault=fault):
            # Only what waiting does not repair is red.
            model = _FAILED if fault is Fault.UPSTREAM_CREDENTIAL else _NOT_CHECKED
            return Steps(_PASSED if shaped else _WARNING, _NOT_CHECKED, model)
        case results.TimedOut(waited_for=phase):
            return Steps(_when_timed_out(phase), _NOT_CHECKED, _NOT_CHECKED)
        case results.Unreachable(kind=kind):
            # The portal's proxy is in the way: nothing is known about the gateway.
            return Steps(_NOT_CHECKED if kind is Obstacle.PROXY else _FAILED, _NOT_CHECKED, _NOT_CHECKED)
        case results.NotMessagesApi(kind=shape):
            return Steps(_WARNING if shape is Shape.EVENT_STREAM else _FAILED, _NOT_CHECKED, _NOT_CHECKED)
        case results.RequestRefused():
            return _when_refused(result)
        case _:
            assert_never(result)


def is_wrong_path(result: results.RequestRefused) -> bool:
    """Whether the refusal says that there is no Messages API at this path."""
    return result.status in {404, 405, 410}


def _when_not_allowed(barrier: Barrier) -> Steps:
    match barrier:
        case Barrier.MODEL:
            return Steps(_PASSED, _PASSED, _FAILED)
        case Barrier.NETWORK:
            return Steps(_PASSED, _WARNING, _NOT_CHECKED)
        case Barrier.FIREWALL:
            return Steps(_FAILED, _NOT_CHECKED, _NOT_CHECKED)
        case Barrier.GROUP | Barrier.ACCOUNT | Barrier.OTHER:
            return Steps(_PASSED, _FAILED, _NOT_CHECKED)
        case _:
            assert_never(barrier)


def _when_timed_out(phase: Phase) -> StepState:
    match phase:
        case Phase.QUEUE:
            return _NOT_CHECKED
        case Phase.CONNECT:
            return _FAILED
        case Phase.ANSWER:
            return _WARNING
        case _:
            assert_never(phase)


def _when_refused(result: results.RequestRefused) -> Steps:
    if is_wrong_path(result):
        return Steps(_FAILED, _NOT_CHECKED, _NOT_CHECKED)
    return Steps(_PASSED if result.api_shaped else _WARNING, _NOT_CHECKED, _FAILED)
