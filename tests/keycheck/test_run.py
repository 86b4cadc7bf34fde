"""Which questions a check asks, in which order, and how it ends."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise

import pytest

from portal.gateway.results import (
    Barrier,
    CheckResult,
    GatewayFailed,
    NotAllowed,
    NotMessagesApi,
    OutOfCredit,
    Shape,
    Throttled,
    TimedOut,
)
from portal.gateway.stages import ClientShape, PartRefused, RequestPart
from portal.keycheck.findings import Ending, Findings
from portal.keycheck.plan import CheckPlan
from portal.keycheck.run import run_check
from portal.profile.model import CredentialScheme
from tests.keycheck.scripted import ELSEWHERE, HAIKU, OPUS, PLAN, REJECTED, SONNET, STREAMED, Scripted, unknown

pytestmark = pytest.mark.anyio

BEARER, X_API_KEY = CredentialScheme.BEARER, CredentialScheme.X_API_KEY


async def run(
    prober: Scripted, plan: CheckPlan = PLAN, *, budget_seconds: float = 5, pulse_seconds: float = 5
) -> list[Findings]:
    check = run_check(prober, plan, budget_seconds=budget_seconds, pulse_seconds=pulse_seconds)
    return [found async for found in check]


async def test_everything_is_asked_once_when_the_first_answer_is_good() -> None:
    prober = Scripted()
    seen = await run(prober)
    assert sorted(prober.calls) == sorted(
        [f"bearer {SONNET}", f"bearer {OPUS}", f"bearer {HAIKU}", "list", f"stream {SONNET}"]
    )
    assert prober.calls[0] == f"bearer {SONNET}"
    assert (seen[0].moment, seen[0].first, seen[-1].ending) == (None, None, Ending.COMPLETE)
    assert set(seen[-1].answers) == {OPUS, HAIKU}
    assert seen[-1].stream == STREAMED
    assert not seen[-1].asking


async def test_few_requests_are_under_way_at_one_time() -> None:
    prober = Scripted(pause=0.01)
    await run(prober)
    assert prober.most_open == 3


async def test_other_header_is_tried_once_and_nothing_else_when_the_key_is_turned_away() -> None:
    prober = Scripted({(BEARER, SONNET): REJECTED})
    seen = await run(prober)
    assert prober.calls == [f"bearer {SONNET}", f"x-api-key {SONNET}"]
    assert seen[-1].other_header
    assert seen[-1].first
    assert seen[-1].first.result == REJECTED


@pytest.mark.parametrize(
    "result",
    [
        OutOfCredit(status=403, duration_ms=1),
        GatewayFailed(status=500, duration_ms=1),
        NotAllowed(status=403, duration_ms=1, barrier=Barrier.NETWORK),
        NotMessagesApi(status=200, duration_ms=1, kind=Shape.HTML),
    ],
    ids=lambda result: type(result).__name__,
)
async def test_nothing_more_is_asked_when_the_first_answer_says_it_all(result: CheckResult) -> None:
    prober = Scripted({SONNET: result})
    seen = await run(prober)
    assert prober.calls == [f"bearer {SONNET}"]
    assert seen[-1].ending is Ending.COMPLETE


async def test_stream_is_asked_of_a_model_that_answers_when_the_first_is_unknown() -> None:
    prober = Scripted({SONNET: unknown(SONNET)})
    seen = await run(prober)
    assert f"stream {OPUS}" in prober.calls
    assert seen[-1].stream == STREAMED


async def test_stream_is_asked_when_the_gateway_streams_whatever_is_asked() -> None:
    prober = Scripted({SONNET: NotMessagesApi(status=200, duration_ms=1, kind=Shape.EVENT_STREAM)})
    await run(prober)
    assert prober.calls == [f"bearer {SONNET}", f"stream {SONNET}"]


async def test_list_is_not_asked_for_when_the_gateway_has_none() -> None:
    prober = Scripted()
    await run(prober, replace(PLAN, lists_models=False))
    assert "list" not in prober.calls


async def test_other_addresses_are_measured_with_the_same_question() -> None:
    prober = Scripted()
    seen = await run(prober, replace(PLAN, other_addresses=(ELSEWHERE,)))
    assert ELSEWHERE.base_url in prober.calls
    assert set(seen[-1].addresses) == {"elsewhere"}


async def test_rehearsal_comes_last_and_for_both_clients() -> None:
    prober = Scripted()
    seen = await run(prober, replace(PLAN, rehearsal=True, counts_tokens=True))
    assert prober.calls[-2:] == [f"rehearse {ClientShape.CURRENT} True", f"rehearse {ClientShape.OLDER} True"]
    assert len(seen[-1].rehearsals) == 2
    assert seen[-1].expected_tokens > 10_000


async def test_rehearsal_stops_at_the_first_refusal() -> None:
    refused = PartRefused(
        shape=ClientShape.CURRENT,
        part=RequestPart.BETAS,
        body_bytes=1,
        status=400,
        duration_ms=1,
    )
    prober = Scripted(rehearsals={ClientShape.CURRENT: refused})
    seen = await run(prober, replace(PLAN, rehearsal=True))
    assert seen[-1].rehearsals == (refused,)


async def test_rehearsal_is_left_out_when_a_step_before_is_red() -> None:
    prober = Scripted({SONNET: unknown(SONNET)})
    seen = await run(prober, replace(PLAN, rehearsal=True))
    assert not [call for call in prober.calls if call.startswith("rehearse")]
    assert seen[-1].rehearsals == ()


async def test_check_ends_and_cancels_when_its_time_runs_out() -> None:
    prober = Scripted(hangs=frozenset({f"bearer {HAIKU}"}))
    seen = await run(prober, budget_seconds=0.1)
    assert seen[-1].ending is Ending.OUT_OF_TIME
    assert set(seen[-1].answers) == {OPUS}
    assert prober.cancelled == [f"bearer {HAIKU}"]
    assert prober.open == 0


async def test_same_findings_come_again_when_nothing_happens() -> None:
    prober = Scripted(hangs=frozenset({f"bearer {SONNET}"}))
    seen = await run(prober, budget_seconds=0.4, pulse_seconds=0.05)
    assert any(later is earlier for earlier, later in pairwise(seen))


async def test_requests_are_cancelled_when_the_iterator_is_closed() -> None:
    prober = Scripted(hangs=frozenset({f"bearer {HAIKU}", "list", f"stream {SONNET}"}))
    async with aclosing(run_check(prober, PLAN)) as check:
        async for found in check:
            if found.streaming:
                break
    await asyncio.sleep(0)
    assert prober.open == 0
    assert f"stream {SONNET}" in prober.cancelled


async def test_check_ends_with_what_is_known_when_the_portal_is_stopped_meanwhile() -> None:
    prober = Scripted(hangs=frozenset({f"bearer {HAIKU}"}))
    ends = [math.inf]
    check = run_check(prober, PLAN, budget_seconds=60, pulse_seconds=0.05, latest=lambda: ends[0])
    seen = []
    async for found in check:
        seen.append(found)
        if OPUS in found.answers and ends[0] == math.inf:
            ends[0] = time.perf_counter() + 0.1
    assert seen[-1].ending is Ending.OUT_OF_TIME
    assert OPUS in seen[-1].answers
    assert f"bearer {HAIKU}" in prober.cancelled


async def test_error_is_raised_and_everything_cancelled_when_the_code_breaks() -> None:
    prober = Scripted(breaks=frozenset({"list"}), hangs=frozenset({f"stream {SONNET}"}))
    with pytest.raises(ExceptionGroup):
        await run(prober)
    assert prober.open == 0


async def test_steps_keep_their_own_time_when_a_rehearsal_was_asked_for() -> None:
    prober = Scripted(hangs=frozenset({f"bearer {HAIKU}"}))
    plan = replace(PLAN, rehearsal=True)
    seen = await run(prober, plan, budget_seconds=0.1)
    assert (seen[-1].ending, seen[-1].rehearsals) == (Ending.OUT_OF_TIME, ())
    assert seen[-1].total_ms < 1000


async def test_rehearsal_has_its_time_from_its_own_beginning() -> None:
    prober = Scripted(pause=0.1)
    check = run_check(prober, replace(PLAN, rehearsal=True), budget_seconds=0.5, rehearsal_seconds=5)
    seen = [found async for found in check]
    assert (seen[-1].ending, len(seen[-1].rehearsals)) == (Ending.COMPLETE, 2)


async def test_everything_ends_when_the_most_of_the_time_is_used_up() -> None:
    prober = Scripted(hangs=frozenset({f"rehearse {ClientShape.OLDER} True"}))
    check = run_check(prober, replace(PLAN, rehearsal=True), most_seconds=0.5)
    seen = [found async for found in check]
    assert (seen[-1].ending, len(seen[-1].rehearsals)) == (Ending.OUT_OF_TIME, 1)
    assert seen[-1].total_ms < 2000


@pytest.mark.parametrize("stream", [Throttled(status=429, duration_ms=1), TimedOut(status=None, duration_ms=1)])
async def test_rehearsal_is_left_out_when_no_stream_was_answered(stream: CheckResult) -> None:
    prober = Scripted(stream=stream)
    await run(prober, replace(PLAN, rehearsal=True))
    assert not [call for call in prober.calls if call.startswith("rehearse")]
