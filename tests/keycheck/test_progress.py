"""What findings say about each step: nothing is passed that no answer proves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.gateway import results
from portal.gateway.results import CheckResult, Phase
from portal.gateway.stages import (
    ClientShape,
    Connection,
    MessageProbe,
    Moment,
    NotStreamed,
    PartRefused,
    RehearsalFailed,
    Rehearsed,
    RequestPart,
    StreamBroke,
    Streamed,
    StreamFinding,
    StreamFlaw,
)
from portal.keycheck import findings as found
from portal.keycheck.findings import Ending, Findings
from portal.keycheck.progress import SLOW_MS, StepName, may_rehearse, progress_of
from portal.keycheck.steps import StepState
from tests.keycheck.scripted import (
    HAIKU,
    NOW,
    OPUS,
    PLAN,
    REJECTED,
    SONNET,
    STREAMED,
    accepted,
    findings,
    good,
    unknown,
)

LETTERS = {"waiting": ".", "running": "~", "passed": "p", "warning": "w", "failed": "f", "not-checked": "-"}
REHEARSING = replace(PLAN, rehearsal=True)
REHEARSED = Rehearsed(shape=ClientShape.CURRENT, body_bytes=1, duration_ms=7, input_tokens=1, output_tokens=1)
REFUSED = PartRefused(shape=ClientShape.CURRENT, part=RequestPart.BETAS, body_bytes=1, status=400, duration_ms=7)


def letters(state: Findings) -> str:
    return "".join(LETTERS[step.state] for step in progress_of(state).steps)


def model_letters(state: Findings) -> str:
    return "".join(LETTERS[model.state] for model in progress_of(state).models)


def ended(state: Findings, ending: Ending = Ending.COMPLETE) -> Findings:
    return found.with_end(state, ending, 100)


def test_steps_run_one_after_the_other_as_a_check_goes_on() -> None:
    state = findings()
    assert letters(state) == "....-"
    state = found.with_moment(state, Moment.CONNECTING)
    assert letters(state) == "~...-"
    state = found.with_moment(state, Moment.ASKING)
    assert letters(state) == "~~..-"
    state = found.with_first(state, MessageProbe(accepted()))
    assert (letters(state), model_letters(state)) == ("pp~.-", "p..")
    state = found.with_stream_begun(found.with_question(state, OPUS))
    assert (letters(state), model_letters(state)) == ("pp~~-", "p~.")
    state = found.with_answer(state, OPUS, accepted(OPUS))
    assert (letters(state), model_letters(state)) == ("pp~~-", "pp.")
    state = found.with_stream(found.with_answer(state, HAIKU, accepted(HAIKU)), STREAMED)
    assert (letters(state), model_letters(state)) == ("pppp-", "ppp")


def test_late_moment_changes_nothing_when_the_answer_is_there() -> None:
    state = found.with_first(findings(), MessageProbe(accepted()))
    assert found.with_moment(state, Moment.ASKING) == state


@pytest.mark.parametrize("moment", [None, *Moment])
def test_nothing_waits_or_runs_when_the_check_is_over(moment: Moment | None) -> None:
    state = replace(findings(REHEARSING), moment=moment, asking=frozenset({OPUS}), streaming=True)
    assert letters(ended(state, Ending.OUT_OF_TIME)) == "-----"
    assert model_letters(ended(state, Ending.OUT_OF_TIME)) == "---"


def test_models_are_not_passed_when_one_was_not_asked() -> None:
    state = replace(good(), answers={OPUS: accepted(OPUS)})
    assert letters(ended(state, Ending.OUT_OF_TIME)) == "pp-p-"


@pytest.mark.parametrize(
    ("answer", "model", "step"),
    [
        (unknown(OPUS), "f", "w"),
        (results.NotAllowed(status=403, duration_ms=1, barrier=results.Barrier.MODEL), "f", "w"),
        (results.RequestRefused(status=400, duration_ms=1), "f", "w"),
        (accepted(OPUS, SLOW_MS + 1), "w", "w"),
        (accepted(OPUS, SLOW_MS), "p", "p"),
        (results.Throttled(status=429, duration_ms=1), "w", "w"),
        (results.TimedOut(status=None, duration_ms=1), "w", "w"),
        (results.TimedOut(status=None, duration_ms=1, waited_for=Phase.QUEUE), "-", "-"),
        (results.GatewayFailed(status=500, duration_ms=1), "w", "w"),
    ],
    ids=repr,
)
def test_another_model_is_a_warning_at_most(answer: CheckResult, model: str, step: str) -> None:
    state = ended(replace(good(), answers={OPUS: answer, HAIKU: accepted(HAIKU)}))
    assert (model_letters(state)[1], letters(state)[2]) == (model, step)


def test_model_of_ordinary_prompts_fails_the_step() -> None:
    state = ended(replace(good(), first=MessageProbe(unknown(SONNET))))
    assert (letters(state), model_letters(state)) == ("ppfp-", "fpp")


def test_key_is_proven_when_another_model_answers() -> None:
    probe = MessageProbe(results.ModelUnknown(status=404, duration_ms=1, model=SONNET, key_proven=False))
    alone = ended(found.with_first(findings(), probe))
    assert letters(alone) == "p-f--"
    assert letters(ended(replace(good(), first=probe))) == "ppfp-"


def test_key_fails_when_it_is_taken_only_in_the_other_header() -> None:
    state = found.with_other_header(found.with_first(findings(), MessageProbe(REJECTED)), MessageProbe(accepted()))
    assert letters(ended(state)) == "pf---"


@pytest.mark.parametrize(
    ("stream", "letter"),
    [
        (STREAMED, "p"),
        (Streamed(in_one_block=True, first_token_ms=1, duration_ms=1, events=9), "w"),
        (NotStreamed(duration_ms=1), "w"),
        *((StreamBroke(flaw=flaw, duration_ms=1), "f") for flaw in StreamFlaw),
        (results.Throttled(status=429, duration_ms=1), "w"),
        (results.TimedOut(status=None, duration_ms=1), "f"),
        (results.TimedOut(status=None, duration_ms=1, waited_for=Phase.QUEUE), "-"),
        (results.GatewayFailed(status=500, duration_ms=1), "f"),
        (results.RequestRefused(status=400, duration_ms=1), "f"),
        (results.NotMessagesApi(status=200, duration_ms=1, kind=results.Shape.EMPTY), "f"),
    ],
    ids=repr,
)
def test_streaming_says_how_the_stream_was(stream: StreamFinding, letter: str) -> None:
    assert letters(ended(replace(good(), stream=stream)))[3] == letter


@pytest.mark.parametrize(
    ("rehearsals", "letter"),
    [
        ((), "-"),
        ((REHEARSED,), "p"),
        ((REHEARSED, REFUSED), "f"),
        ((RehearsalFailed(shape=ClientShape.CURRENT, result=results.OutOfCredit(status=403, duration_ms=1)),), "f"),
        ((RehearsalFailed(shape=ClientShape.CURRENT, result=results.Throttled(status=429, duration_ms=1)),), "w"),
    ],
    ids=repr,
)
def test_rehearsal_says_whether_the_real_request_is_taken(
    rehearsals: tuple[Rehearsed | PartRefused | RehearsalFailed, ...], letter: str
) -> None:
    state = replace(good(REHEARSING), rehearsals=rehearsals)
    assert letters(ended(state))[4] == letter


def test_rehearsal_runs_only_when_it_was_asked_for() -> None:
    assert letters(good())[4] == "-"
    assert letters(good(REHEARSING))[4] == "."
    assert letters(found.with_rehearsal_begun(good(REHEARSING), ClientShape.CURRENT))[4] == "~"


@pytest.mark.parametrize(("days", "letter"), [(1, "w"), (13, "w"), (15, "p"), (-1, "w")])
def test_address_warns_when_the_certificate_ends_soon(days: int, letter: str) -> None:
    connection = Connection(connect_ms=1, tls_version="TLSv1.3", certificate_ends=NOW + timedelta(days=days))
    assert letters(ended(replace(good(), first=MessageProbe(accepted(), connection))))[0] == letter


def test_rehearsal_is_offered_only_when_nothing_before_is_red() -> None:
    assert may_rehearse(ended(good()))
    assert not may_rehearse(ended(replace(good(), stream=results.Throttled(status=429, duration_ms=1))))
    assert not may_rehearse(ended(replace(good(), stream=None)))
    assert may_rehearse(ended(replace(good(), stream=NotStreamed(duration_ms=1))))
    assert not may_rehearse(ended(replace(good(), stream=StreamBroke(flaw=StreamFlaw.CUT_OFF, duration_ms=1))))
    assert not may_rehearse(ended(replace(good(), first=MessageProbe(unknown(SONNET)))))
    assert not may_rehearse(ended(found.with_first(findings(), MessageProbe(REJECTED))))


def test_no_time_is_shown_beside_a_step_that_proved_nothing() -> None:
    probe = MessageProbe(results.GatewayFailed(status=500, duration_ms=16), Connection(connect_ms=3))
    steps = progress_of(ended(found.with_first(findings(), probe))).steps
    assert [step.duration_ms for step in steps if step.state is StepState.NOT_CHECKED] == [None] * 4


def test_all_five_steps_are_there_in_their_order() -> None:
    progress = progress_of(good())
    assert [step.name for step in progress.steps] == list(StepName)
    assert progress.state_of(StepName.MODELS) is StepState.PASSED
