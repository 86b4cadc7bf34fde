"""No two statements on one screen contradict each other: every stage, ended in every outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import pytest

from portal.diagnosis.load import load_catalogue
from portal.gateway.results import Accepted, CheckResult, NotMessagesApi, Phase, Shape, Throttled, TimedOut
from portal.gateway.stages import (
    ClientShape,
    MessageProbe,
    NotStreamed,
    RehearsalFailed,
    Rehearsed,
    RequestPart,
    StreamBroke,
    Streamed,
    StreamFinding,
    StreamFlaw,
)
from portal.keycheck import findings as found
from portal.keycheck.conclusion import Conclusion, conclude
from portal.keycheck.findings import Ending, Findings
from portal.keycheck.progress import StepName, progress_of
from portal.keycheck.steps import StepState
from portal.keycheck.verdict_kinds import VerdictCode, VerdictState
from tests.keycheck.every_result import EVERY_RESULT
from tests.keycheck.scripted import HAIKU, OPUS, PLAN, PROFILE, REJECTED, SONNET, accepted, findings, good, unknown
from tests.keycheck.test_conclusion import refused

CATALOGUE: Final = load_catalogue(PROFILE)
SHAPE: Final = ClientShape.CURRENT
REHEARSING: Final = good(replace(PLAN, rehearsal=True))
UNASKED: Final = NotMessagesApi(status=200, duration_ms=1, kind=Shape.EVENT_STREAM)
REHEARSED: Final = Rehearsed(shape=SHAPE, body_bytes=1, duration_ms=1, input_tokens=1, output_tokens=1)
STAGES: Final[Mapping[str, Callable[[CheckResult], Findings]]] = {
    "first": lambda result: found.with_first(findings(), MessageProbe(result)),
    "first, others answer": lambda result: replace(good(), first=MessageProbe(result), stream=None),
    "first, others and stream answer": lambda result: replace(good(), first=MessageProbe(result)),
    "other header": lambda result: found.with_other_header(
        found.with_first(findings(), MessageProbe(REJECTED)), MessageProbe(result)
    ),
    "opus": lambda result: replace(good(), answers={OPUS: result, HAIKU: accepted(HAIKU)}),
    "opus, haiku refused": lambda result: replace(good(), answers={OPUS: result, HAIKU: unknown(HAIKU)}),
    "stream": lambda result: replace(good(), stream=result),
    "stream, unasked before": lambda result: replace(findings(), first=MessageProbe(UNASKED), stream=result),
    "rehearsal": lambda result: replace(REHEARSING, rehearsals=(RehearsalFailed(shape=SHAPE, result=result),)),
    "second rehearsal": lambda result: replace(
        REHEARSING, rehearsals=(REHEARSED, RehearsalFailed(shape=SHAPE, result=result))
    ),
}
STREAMS: Final[tuple[StreamFinding, ...]] = (
    *(StreamBroke(flaw=flaw, duration_ms=1) for flaw in StreamFlaw),
    NotStreamed(duration_ms=1),
    *(Streamed(in_one_block=block, first_token_ms=1, duration_ms=1, events=9) for block in (True, False)),
)


def _screens() -> Iterator[tuple[str, Findings]]:
    for name, stage in STAGES.items():
        for result in EVERY_RESULT:
            state = stage(result)
            if name.startswith("first, ") and not found.may_go_on(state):
                continue  # nothing else is asked then
            if isinstance(result, Accepted) and ("stream" in name or "rehearsal" in name) and "first" not in name:
                continue  # a stage of its own says that
            yield f"{name}: {result}", state
    for stream in STREAMS:
        yield f"stream: {stream}", replace(good(), stream=stream)
        yield f"unasked: {stream}", replace(findings(), first=MessageProbe(UNASKED), stream=stream)
    for part in RequestPart:
        for copes in (True, False):
            refused_part = replace(refused(part), client_copes=copes)
            yield f"part: {refused_part}", replace(REHEARSING, rehearsals=(refused_part,))
    yield "nothing", findings()
    yield "no models", replace(good(), answers=MappingProxyType({}))
    yield "no stream", replace(good(), stream=None)
    yield "no rehearsal", REHEARSING


SCREENS: Final = dict(_screens())
_DOUBTS_THE_KEY: Final = re.compile(
    r"not known yet|does not accept (?:this|your) key|but not the API|gateway’s address is probably wrong"
    r"|address is probably (?:wrong|that of|for other)",
)
_CLAIMS_THE_KEY: Final = re.compile(
    r"(?<!whether )\byour key (?:works|is fine)|accept(?:s|ed) your key|The key works|key work,"
)


def ended(name: str) -> tuple[dict[StepName, StepState], Conclusion, str]:
    state = found.with_end(SCREENS[name], Ending.COMPLETE, 100)
    verdict = conclude(state, PROFILE)
    said = " ".join(str(text) for text in (verdict.sentence, verdict.cause or "", verdict.next_action))
    return {step.name: step.state for step in progress_of(state).steps}, verdict, said


@pytest.mark.parametrize("name", SCREENS)
def test_key_is_not_doubted_when_its_step_is_passed(name: str) -> None:
    steps, verdict, said = ended(name)
    if steps[StepName.CREDENTIAL] is StepState.PASSED:
        assert not _DOUBTS_THE_KEY.search(said)
        assert verdict.cause_id not in {"key-rejected", "not-an-api", "base-url-path", "base-url-redirect"}
        assert verdict.code is not VerdictCode.REJECTED


@pytest.mark.parametrize("name", SCREENS)
def test_cause_is_one_that_the_catalogue_explains(name: str) -> None:
    _, verdict, _ = ended(name)
    assert verdict.cause_id in {"", *CATALOGUE.causes}


@pytest.mark.parametrize("name", SCREENS)
def test_key_is_not_praised_when_its_step_is_not_passed(name: str) -> None:
    steps, verdict, said = ended(name)
    if steps[StepName.CREDENTIAL] is not StepState.PASSED and verdict.code is not VerdictCode.OTHER_HEADER:
        assert not _CLAIMS_THE_KEY.search(said)


@pytest.mark.parametrize("name", SCREENS)
def test_colour_of_the_verdict_is_that_of_its_worst_step(name: str) -> None:
    steps, verdict, _ = ended(name)
    assert (verdict.state is VerdictState.FAILED) is (StepState.FAILED in steps.values())
    if verdict.state is VerdictState.PASSED:
        assert not {StepState.FAILED, StepState.WARNING} & set(steps.values())
        assert verdict.code is VerdictCode.ACCEPTED


@pytest.mark.parametrize("name", SCREENS)
def test_words_are_short_plain_and_complete(name: str) -> None:
    _, verdict, _ = ended(name)
    for text in filter(None, (verdict.sentence, verdict.cause, verdict.next_action)):
        assert str(text).endswith(".")
        assert not re.search(r"!|\b(?:simply|just|oops|please|invalid|failed)\b|[{}]", str(text), re.IGNORECASE)
        assert len(str(text)) <= 150


@pytest.mark.parametrize("stage", ["first", "opus", "stream", "rehearsal", "second rehearsal"])
def test_portal_s_own_queue_is_never_red(stage: str) -> None:
    steps, verdict, said = ended(f"{stage}: {TimedOut(status=None, duration_ms=1, waited_for=Phase.QUEUE)}")
    assert StepState.FAILED not in steps.values()
    assert (verdict.code, verdict.state) == (VerdictCode.INCOMPLETE, VerdictState.WARNING)
    assert "heck again" in said


@pytest.mark.parametrize("stage", ["first", "opus", "stream", "rehearsal", "second rehearsal"])
def test_waiting_time_of_the_gateway_is_said_at_every_stage(stage: str) -> None:
    throttled = Throttled(status=429, duration_ms=1, retry_after_seconds=100)
    _, verdict, said = ended(f"{stage}: {throttled}")
    assert verdict.code is VerdictCode.THROTTLED
    assert "Wait 2 minutes, then check again." in said


@pytest.mark.parametrize(
    "result", [Throttled(status=429, duration_ms=1), TimedOut(status=None, duration_ms=1)], ids=repr
)
def test_model_that_is_only_busy_is_no_reason_to_choose_another(result: CheckResult) -> None:
    _, verdict, said = ended(f"opus: {result}")
    assert OPUS in said
    assert "Choose" not in said
    _, verdict, said = ended(f"opus, haiku refused: {result}")
    assert (verdict.code, OPUS in said, HAIKU in said) == (VerdictCode.MODELS_MISSING, False, True)


def test_model_that_was_refused_is_not_offered() -> None:
    state = SCREENS["opus, haiku refused: " + str(EVERY_RESULT[0])]
    assert state.usable_ids == (SONNET, OPUS, "gpt-9")


def test_stream_that_never_ends_is_not_said_to_stop() -> None:
    _, _, said = ended(f"stream: {StreamBroke(flaw=StreamFlaw.STALLED, duration_ms=1)}")
    assert "stops in the middle" not in said
