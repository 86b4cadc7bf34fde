"""The verdict on a whole check: the most serious finding decides, and "passed" needs everything."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.gateway import results
from portal.gateway.results import Barrier
from portal.gateway.stages import (
    ClientShape,
    Connection,
    MessageProbe,
    NotStreamed,
    PartRefused,
    RehearsalFailed,
    Rehearsed,
    RequestPart,
    StreamBroke,
    Streamed,
    StreamFlaw,
)
from portal.keycheck import findings as found
from portal.keycheck.conclusion import Change, Conclusion, conclude
from portal.keycheck.costs import Costs, costs_of
from portal.keycheck.findings import Ending, Findings
from portal.keycheck.progress import SLOW_MS, StepName, progress_of
from portal.keycheck.steps import StepState
from portal.keycheck.verdict_kinds import VerdictCode, VerdictState
from tests.keycheck.scripted import (
    ELSEWHERE,
    HAIKU,
    NOW,
    OPUS,
    PLAN,
    PROFILE,
    REJECTED,
    SONNET,
    STREAMED,
    UNKNOWN_503,
    accepted,
    findings,
    good,
    unknown,
)

REHEARSING = replace(PLAN, rehearsal=True)
REHEARSED = Rehearsed(shape=ClientShape.CURRENT, body_bytes=1, duration_ms=7, input_tokens=900, output_tokens=1)
BUFFERED = Streamed(in_one_block=True, first_token_ms=1, duration_ms=1, events=9)


def refused(part: RequestPart) -> PartRefused:
    return PartRefused(shape=ClientShape.CURRENT, part=part, body_bytes=1, status=400, duration_ms=1, quote="no")


def broken(flaw: StreamFlaw) -> StreamBroke:
    return StreamBroke(flaw=flaw, duration_ms=1, quote="oh")


def first(result: results.CheckResult) -> Findings:
    return found.with_first(findings(), MessageProbe(result))


def ends_in(days: int) -> Findings:
    connection = Connection(connect_ms=1, tls_version="TLSv1.3", certificate_ends=NOW + timedelta(days=days))
    return replace(good(), first=MessageProbe(accepted(), connection))


CASES: dict[str, tuple[Findings, str, str, str]] = {
    "all good": (good(), "accepted", "passed", ""),
    "rehearsed": (replace(good(REHEARSING), rehearsals=(REHEARSED, REHEARSED)), "accepted", "passed", ""),
    "rejected": (first(REJECTED), "rejected", "failed", "key-rejected"),
    "rejected in both": (
        found.with_other_header(first(REJECTED), MessageProbe(REJECTED)),
        "rejected",
        "failed",
        "key-rejected",
    ),
    "other header": (
        found.with_other_header(first(REJECTED), MessageProbe(accepted())),
        "other-header",
        "failed",
        "key-rejected",
    ),
    "no credit": (first(results.OutOfCredit(status=403, duration_ms=1)), "out-of-credit", "failed", "out-of-credit"),
    "default unknown": (
        replace(good(), first=MessageProbe(unknown(SONNET))),
        "model-unknown",
        "failed",
        "model-unknown",
    ),
    "default forbidden": (
        replace(good(), first=MessageProbe(results.NotAllowed(status=403, duration_ms=1, barrier=Barrier.MODEL))),
        "not-allowed",
        "failed",
        "model-restricted",
    ),
    "haiku missing": (
        replace(good(), answers={OPUS: accepted(OPUS), HAIKU: UNKNOWN_503}),
        "models-missing",
        "warning",
        "model-restricted",
    ),
    "stream broken wins over haiku": (
        replace(good(), stream=broken(StreamFlaw.CUT_OFF), answers={OPUS: accepted(OPUS), HAIKU: UNKNOWN_503}),
        "stream-broken",
        "failed",
        "connection-dropped",
    ),
    "haiku missing wins over buffering": (
        replace(good(), stream=BUFFERED, answers={OPUS: accepted(OPUS), HAIKU: UNKNOWN_503}),
        "models-missing",
        "warning",
        "model-restricted",
    ),
    "buffered": (replace(good(), stream=BUFFERED), "buffered", "warning", "buffering-proxy"),
    "not streamed": (replace(good(), stream=NotStreamed(duration_ms=1)), "not-streamed", "warning", "buffering-proxy"),
    "stream refused": (
        replace(good(), stream=results.RequestRefused(status=400, duration_ms=1)),
        "refused",
        "failed",
        "gateway-error",
    ),
    "stream throttled": (
        replace(good(), stream=results.Throttled(status=429, duration_ms=1)),
        "throttled",
        "warning",
        "rate-limited",
    ),
    "slow": (replace(good(), first=MessageProbe(accepted(SONNET, SLOW_MS + 1))), "slow", "warning", "timeout"),
    "certificate": (ends_in(3), "certificate-ends", "warning", "tls-expired"),
    "part refused": (
        replace(good(REHEARSING), rehearsals=(refused(RequestPart.BETAS),)),
        "part-refused",
        "failed",
        "betas-rejected",
    ),
    "rehearsal fails otherwise": (
        replace(
            good(REHEARSING),
            rehearsals=(
                RehearsalFailed(shape=ClientShape.CURRENT, result=results.OutOfCredit(status=403, duration_ms=1)),
            ),
        ),
        "out-of-credit",
        "failed",
        "out-of-credit",
    ),
    "nothing known": (findings(), "incomplete", "warning", ""),
    "one model not asked": (replace(good(), answers={OPUS: accepted(OPUS)}), "incomplete", "warning", ""),
    "no stream": (replace(good(), stream=None), "incomplete", "warning", ""),
    "rehearsal cut short": (good(REHEARSING), "incomplete", "warning", ""),
}


def verdict_on(state: Findings) -> Conclusion:
    return conclude(found.with_end(state, Ending.COMPLETE, 100), PROFILE)


@pytest.mark.parametrize("name", CASES)
def test_most_serious_finding_decides(name: str) -> None:
    state, code, tone, cause = CASES[name]
    verdict = verdict_on(state)
    assert (verdict.code, verdict.state, verdict.cause_id) == (code, tone, cause)


@pytest.mark.parametrize("name", CASES)
def test_passed_is_said_only_when_every_step_passed(name: str) -> None:
    state = found.with_end(CASES[name][0], Ending.COMPLETE, 100)
    needed = [s.state for s in progress_of(state).steps if s.name is not StepName.REHEARSAL or state.plan.rehearsal]
    passed = all(s is StepState.PASSED for s in needed)
    assert passed is (conclude(state, PROFILE).state is VerdictState.PASSED)


@pytest.mark.parametrize("name", CASES)
def test_words_are_short_plain_and_complete(name: str) -> None:
    verdict = verdict_on(CASES[name][0])
    for text in filter(None, (verdict.sentence, verdict.cause, verdict.next_action)):
        said = str(text)
        assert said.endswith(".")
        assert not re.search(r"!|\b(?:simply|just|oops|please|invalid|failed)\b|[{}]", said, re.IGNORECASE)
        assert len(said) <= 150


def test_every_code_of_a_whole_check_is_reached() -> None:
    codes = {verdict_on(state).code for state, *_ in CASES.values()}
    assert codes >= {
        VerdictCode.OTHER_HEADER,
        VerdictCode.STREAM_BROKEN,
        VerdictCode.BUFFERED,
        VerdictCode.NOT_STREAMED,
        VerdictCode.PART_REFUSED,
        VerdictCode.MODELS_MISSING,
        VerdictCode.SLOW,
        VerdictCode.CERTIFICATE_ENDS,
        VerdictCode.INCOMPLETE,
    }


@pytest.mark.parametrize("flaw", StreamFlaw)
def test_every_flaw_of_a_stream_has_words_and_a_cause(flaw: StreamFlaw) -> None:
    verdict = verdict_on(replace(good(), stream=broken(flaw)))
    assert verdict.cause
    assert verdict.cause_id
    assert verdict.quote == "oh"


@pytest.mark.parametrize("part", RequestPart)
def test_every_part_of_the_client_s_request_has_words_and_a_cause(part: RequestPart) -> None:
    verdict = verdict_on(replace(good(REHEARSING), rehearsals=(refused(part),)))
    assert verdict.code is VerdictCode.PART_REFUSED
    assert verdict.cause_id
    assert str(verdict.cause).endswith(".")
    assert all(change.fields == ("opt",) for change in verdict.changes)


def test_refused_betas_can_be_left_out_with_one_press() -> None:
    verdict = verdict_on(replace(good(REHEARSING), rehearsals=(refused(RequestPart.BETAS),)))
    assert [(change.fields, change.value) for change in verdict.changes] == [(("opt",), "no-betas")]


def test_large_body_is_the_operator_s_to_repair() -> None:
    verdict = verdict_on(replace(good(REHEARSING), rehearsals=(refused(RequestPart.LARGE_BODY),)))
    assert verdict.changes == ()
    assert verdict.link
    assert verdict.link.name == "support"


def test_nearest_id_is_offered_for_every_tier_that_maps_the_unknown_one() -> None:
    written = "claude-haiku-4-5"
    both = replace(PLAN.models[2], id=written, tiers=(PLAN.models[2].tiers[0], PLAN.models[1].tiers[0]))
    plan = replace(PLAN, models=(PLAN.models[0], both))
    state = replace(good(plan), answers={written: unknown(written)})
    assert [(change.fields, change.value) for change in verdict_on(state).changes] == [(("haiku", "opus"), HAIKU)]


def test_fastest_address_is_recommended_when_it_is_worth_it() -> None:
    plan = replace(PLAN, other_addresses=(ELSEWHERE,))
    own = MessageProbe(accepted(SONNET, 300))

    def recommended(answer: results.CheckResult, first_one: MessageProbe = own) -> tuple[Change, ...]:
        return verdict_on(replace(good(plan), first=first_one, addresses={"elsewhere": answer})).changes

    assert [change.value for change in recommended(accepted(SONNET, 200))] == ["elsewhere"]
    assert recommended(accepted(SONNET, 260)) == ()
    assert recommended(REJECTED) == ()
    down = MessageProbe(results.Unreachable(status=None, duration_ms=1, kind=results.Obstacle.REFUSED))
    assert [change.value for change in recommended(accepted(SONNET, 900), down)] == ["elsewhere"]


def test_costs_add_up_everything_that_was_answered() -> None:
    state = found.with_end(replace(good(REHEARSING), rehearsals=(REHEARSED,)), Ending.COMPLETE, 1234)
    assert costs_of(state) == Costs(tokens=3 * 9 + 12 + 901, first_token="0.1", total="1.2")
    assert costs_of(found.with_end(findings(), Ending.OUT_OF_TIME, 50)) == Costs(0, "", "0.1")


def test_usable_ids_are_only_claimed_when_a_model_answered() -> None:
    assert good().usable_ids == (SONNET, OPUS, HAIKU, "gpt-9")
    unproven = replace(good(), first=MessageProbe(REJECTED), answers={}, stream=None)
    assert unproven.usable_ids == ()
    assert replace(good(), stream=STREAMED, listing=None).usable_ids == (SONNET, OPUS, HAIKU)
