"""Owns what the findings say about each step and each model of the check. PURE.

A step is `PASSED` only when an answer proves it; what was not tried, or tried without a clear answer, is
`NOT_CHECKED`. It must not know sentences (`step_words`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, assert_never

from portal.gateway import results
from portal.gateway.results import Barrier, CheckResult
from portal.gateway.stages import (
    Moment,
    NotStreamed,
    PartRefused,
    RehearsalFailed,
    Rehearsed,
    StreamBroke,
    Streamed,
    StreamFinding,
)
from portal.keycheck.findings import Findings, works_with_the_other_header
from portal.keycheck.plan import MappedModel
from portal.keycheck.steps import StepState, steps_of

SLOW_MS: Final = 10_000
"""An answer of one token that takes longer, in milliseconds, is a warning: a session is a hundred such answers."""

CERTIFICATE_DAYS: Final = 14
"""A certificate that ends within so many days is a warning: it is renewed by then where somebody looks after it."""

_PASSED, _WARNING, _FAILED = StepState.PASSED, StepState.WARNING, StepState.FAILED
_NOT_CHECKED, _RUNNING, _WAITING = StepState.NOT_CHECKED, StepState.RUNNING, StepState.WAITING


class StepName(StrEnum):
    """The five steps, in the order in which they are shown; stable, used in `data-step`."""

    ADDRESS = "address"
    CREDENTIAL = "credential"
    MODELS = "models"
    STREAMING = "streaming"
    REHEARSAL = "rehearsal"


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One step: its state, and how long its answer took (None when there is none)."""

    name: StepName
    state: StepState
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ModelProgress:
    """One model that the choices map: its state, and what came of it (None when it was not asked)."""

    model: MappedModel
    state: StepState
    result: CheckResult | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole check at one moment."""

    steps: tuple[StepProgress, ...]
    models: tuple[ModelProgress, ...]

    def state_of(self, name: StepName) -> StepState:
        """The state of one step."""
        return next(step.state for step in self.steps if step.name is name)


def progress_of(findings: Findings) -> Progress:
    """What is known of the five steps, and of each model within the third."""
    models = tuple(_model(findings, model) for model in findings.plan.models)
    first = findings.first
    took = first.result.duration_ms if first else None
    stream = findings.stream
    rehearsed = [_duration_of(one) for one in findings.rehearsals]
    steps = (
        _timed(StepName.ADDRESS, _address(findings), first.connection.connect_ms if first else None),
        _timed(StepName.CREDENTIAL, _credential(findings), took),
        _timed(StepName.MODELS, _models(findings, models), _longest(models)),
        _timed(StepName.STREAMING, _streaming(findings), stream.duration_ms if stream else None),
        _timed(StepName.REHEARSAL, _rehearsal(findings), sum(rehearsed) if rehearsed else None),
    )
    return Progress(steps, models)


def _timed(name: StepName, state: StepState, duration_ms: int | None) -> StepProgress:
    """A step that proved nothing shows no time beside it."""
    return StepProgress(name, state, None if state is _NOT_CHECKED else duration_ms)


def is_slow(result: CheckResult) -> bool:
    """Whether a good answer took so long that a session will be no joy."""
    return isinstance(result, results.Accepted) and result.duration_ms > SLOW_MS


def certificate_ends_soon(findings: Findings) -> bool:
    """Whether the gateway's certificate ends within `CERTIFICATE_DAYS`."""
    ends = findings.first.connection.certificate_ends if findings.first else None
    return ends is not None and ends - findings.now < timedelta(days=CERTIFICATE_DAYS)


def may_rehearse(findings: Findings) -> bool:
    """Whether the full rehearsal is worth its price: the model of ordinary prompts answers, and answers a stream.

    In what is found at the end of steps 1 to 4; none of them may be red.
    """
    progress = progress_of(findings)
    needed = (StepName.ADDRESS, StepName.CREDENTIAL, StepName.MODELS, StepName.STREAMING)
    red = any(progress.state_of(name) is _FAILED for name in needed)
    default_answers = isinstance(findings.first.result if findings.first else None, results.Accepted)
    return default_answers and not red and isinstance(findings.stream, Streamed | NotStreamed)


def _open(findings: Findings, state: StepState) -> StepState:
    """A step that has no outcome yet: `state` while the check runs, and not checked afterwards."""
    return state if findings.ending is None else _NOT_CHECKED


def _address(findings: Findings) -> StepState:
    if findings.first is None:
        return _open(findings, _WAITING if findings.moment is None else _RUNNING)
    state = steps_of(findings.first.result).address
    if state is _WARNING and findings.key_is_proven:
        state = _PASSED
    return _WARNING if state is _PASSED and certificate_ends_soon(findings) else state


def _credential(findings: Findings) -> StepState:
    if findings.first is None:
        return _open(findings, _RUNNING if findings.moment is Moment.ASKING else _WAITING)
    if works_with_the_other_header(findings):
        return _FAILED
    state = steps_of(findings.first.result).credential
    return _PASSED if state is _NOT_CHECKED and findings.key_is_proven else state


def _model(findings: Findings, model: MappedModel) -> ModelProgress:
    result = findings.answer_for(model.id)
    if result is None:
        return ModelProgress(model, _open(findings, _RUNNING if model.id in findings.asking else _WAITING), None)
    is_first = model is findings.plan.default_model
    return ModelProgress(model, _first_model_state(result) if is_first else model_state(result), result)


def _first_model_state(result: CheckResult) -> StepState:
    """The first answer decides address and key as well; what it says of the model is in `steps`."""
    state = steps_of(result).model
    return _WARNING if state is _PASSED and is_slow(result) else state


def model_state(result: CheckResult) -> StepState:
    """What an answer says about a model when the key is known to be good."""
    match result:
        case results.Accepted():
            return _WARNING if is_slow(result) else _PASSED
        case results.ModelUnknown() | results.NotAllowed(barrier=Barrier.MODEL | Barrier.GROUP | Barrier.OTHER):
            return _FAILED
        case results.TimedOut(waited_for=results.Phase.QUEUE):
            return _NOT_CHECKED
        case results.Throttled() | results.GatewayFailed() | results.TimedOut() | results.Unreachable():
            return _WARNING
        case _:
            return _FAILED


def _models(findings: Findings, models: tuple[ModelProgress, ...]) -> StepState:
    states = [model.state for model in models]
    if findings.first is None or findings.asking:
        return _open(findings, _WAITING if findings.first is None else _RUNNING)
    if findings.ending is None and _WAITING in states:
        return _RUNNING if len(set(states)) > 1 else _WAITING
    if states[0] is _FAILED:
        return _FAILED
    for state in (_FAILED, _WARNING):
        if state in states:
            return _WARNING
    return _NOT_CHECKED if _NOT_CHECKED in states else _PASSED


def _streaming(findings: Findings) -> StepState:
    if findings.stream is None:
        return _open(findings, _RUNNING if findings.streaming else _WAITING)
    return stream_state(findings.stream)


def stream_state(stream: StreamFinding) -> StepState:
    """What a streamed answer says about streaming."""
    match stream:
        case Streamed(in_one_block=in_one_block):
            return _WARNING if in_one_block else _PASSED
        case NotStreamed():
            return _WARNING
        case StreamBroke():
            return _FAILED
        case results.TimedOut(waited_for=results.Phase.QUEUE):
            return _NOT_CHECKED
        case results.Throttled() | results.Accepted():
            return _WARNING
        case _:
            return _FAILED


def _rehearsal(findings: Findings) -> StepState:
    if not findings.plan.rehearsal:
        return _NOT_CHECKED
    if findings.rehearsing:
        return _open(findings, _RUNNING)
    if not findings.rehearsals:
        return _open(findings, _WAITING)
    states = [_rehearsal_state(one) for one in findings.rehearsals]
    return next((state for state in (_FAILED, _WARNING, _NOT_CHECKED) if state in states), _PASSED)


def _rehearsal_state(one: Rehearsed | PartRefused | RehearsalFailed) -> StepState:
    match one:
        case Rehearsed():
            return _PASSED
        case PartRefused(client_copes=copes):
            return _WARNING if copes else _FAILED
        case RehearsalFailed(result=results.TimedOut(waited_for=results.Phase.ANSWER)):
            return _WARNING  # a large request may take longer than anybody waits here; the client waits ten minutes
        case RehearsalFailed(result=result):
            return stream_state(result)
        case _:
            assert_never(one)


def _duration_of(one: Rehearsed | PartRefused | RehearsalFailed) -> int:
    return one.result.duration_ms if isinstance(one, RehearsalFailed) else one.duration_ms


def _longest(models: tuple[ModelProgress, ...]) -> int | None:
    return max(
        (model.result.duration_ms for model in models if model.result and model.state is not _NOT_CHECKED), default=None
    )
