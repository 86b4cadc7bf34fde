"""Owns the order in which the stages of a check run, side by side where they can, within one time budget.

The first request decides address and key. Then the list of models, one token from each further model, the stream and
the gateway's other addresses are asked for, at most `AT_ONCE` at a time; the rehearsal comes last. Closing the
iterator ends every request that is under way. It must not know what findings mean (`progress`) or how they look.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final

from portal.gateway.client_shape import expected_tokens
from portal.gateway.stages import Moment, Rehearsed
from portal.keycheck import findings as found
from portal.keycheck.findings import Ending, Findings
from portal.keycheck.plan import REHEARSED, CheckPlan
from portal.keycheck.prober import Prober
from portal.keycheck.progress import may_rehearse

BUDGET_SECONDS: Final = 45.0
"""Most time that the four steps of a check take, in seconds."""

REHEARSAL_SECONDS: Final = 120.0
"""What a rehearsal may take on top, in seconds: a large request is read by the model before it answers."""

AT_ONCE: Final = 3
"""Most requests of one check that are under way at one time: more would look like an attack to some gateways."""

CALM_SECONDS: Final = 0.1
"""Least time between two findings that are yielded, in seconds: what comes in between is told together."""

Fold = Callable[[Findings], Findings]


async def run_check(  # noqa: PLR0913 - what is asked, and its limits
    prober: Prober,
    plan: CheckPlan,
    *,
    budget_seconds: float = BUDGET_SECONDS,
    rehearsal_seconds: float = REHEARSAL_SECONDS,
    most_seconds: float = math.inf,
    pulse_seconds: float = 10.0,
    latest: Callable[[], float] = lambda: math.inf,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncGenerator[Findings]:
    """Yield what is known, at the start and whenever more is; the last findings have an `ending`.

    The steps before a rehearsal have `budget_seconds`, the rehearsal `rehearsal_seconds` from its own beginning, and
    everything together at most `most_seconds`. All of it is over at `latest`, by `time.perf_counter()`, which is looked
    at again after each pulse. When nothing happens for `pulse_seconds`, the same findings are yielded again, so that a
    caller can show that it is alive.
    """
    started = time.perf_counter()
    deadline = started + min(budget_seconds, most_seconds)
    rehearses = False
    findings = Findings(plan, now(), expected_tokens=_tokens_of_a_rehearsal())
    queue: asyncio.Queue[Fold | None] = asyncio.Queue()
    work = asyncio.create_task(_Stages(prober, findings, queue).run())
    work.add_done_callback(lambda _: queue.put_nowait(None))
    ending = Ending.OUT_OF_TIME
    told = findings
    told_at = time.perf_counter()
    try:
        yield findings
        while (left := min(deadline, latest()) - time.perf_counter()) > 0:
            since = time.perf_counter() - told_at
            rest = max(CALM_SECONDS - since, 0) if findings is not told else pulse_seconds
            try:
                async with asyncio.timeout(min(left, rest)):  # `wait_for` may lose a cancellation (Python 3.11)
                    fold = await queue.get()
            except TimeoutError:
                told, told_at = findings, time.perf_counter()
                yield findings
                continue
            if fold is None:
                ending = Ending.COMPLETE
                await work  # raises what broke, if anything did
                break
            findings = fold(findings)
            if findings.rehearsing and not rehearses:
                rehearses = True
                deadline = min(time.perf_counter() + rehearsal_seconds, started + most_seconds)
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(work, return_exceptions=True)
    yield found.with_end(findings, ending, round((time.perf_counter() - started) * 1000))


@cache
def _tokens_of_a_rehearsal() -> int:
    return sum(expected_tokens(shape) for shape in REHEARSED)


class _Stages:
    """Asks in the right order and reports every change as a fold; keeps the same findings itself to decide by."""

    def __init__(self, prober: Prober, findings: Findings, queue: asyncio.Queue[Fold | None]) -> None:
        self._prober = prober
        self._findings = findings
        self._queue = queue
        self._slots = asyncio.Semaphore(AT_ONCE)

    def _report(self, fold: Fold) -> None:
        self._findings = fold(self._findings)
        self._queue.put_nowait(fold)

    async def run(self) -> None:
        plan = self._findings.plan
        model = plan.default_model.id
        self._report(partial(found.with_moment, moment=Moment.CONNECTING))
        probe = await self._prober.probe_message(plan.access, model, self._notice)
        self._report(partial(found.with_first, probe=probe))
        if found.wants_other_header(self._findings):
            other = await self._prober.probe_message(plan.with_the_other_header(), model)
            self._report(partial(found.with_other_header, probe=other))
            return
        await self._look_around()
        if plan.rehearsal and may_rehearse(self._findings):
            await self._rehearse()

    def _notice(self, moment: Moment) -> None:
        self._report(partial(found.with_moment, moment=moment))

    async def _look_around(self) -> None:
        """Everything that does not wait for each other, a few at a time."""
        plan = self._findings.plan
        goes_on = found.may_go_on(self._findings)
        streams_already = found.may_stream(self._findings)
        async with asyncio.TaskGroup() as group:
            if streams_already:
                group.create_task(self._in_turn(self._stream))
            if goes_on:
                if plan.lists_models:
                    group.create_task(self._in_turn(self._list))
                for model in plan.models[1:]:
                    group.create_task(self._in_turn(partial(self._ask, model.id)))
            for address in plan.other_addresses if found.may_measure(self._findings) else ():
                group.create_task(self._in_turn(partial(self._measure, address.region, address.base_url)))
        if not streams_already and found.may_stream(self._findings):
            await self._stream()  # only another model than the first one answers

    async def _in_turn(self, ask: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async with self._slots:
            await ask()

    async def _list(self) -> None:
        listing = await self._prober.list_models(self._findings.plan.access)
        self._report(partial(found.with_listing, listing=listing))

    async def _ask(self, model_id: str) -> None:
        self._report(partial(found.with_question, model_id=model_id))
        probe = await self._prober.probe_message(self._findings.plan.access, model_id)
        self._report(partial(found.with_answer, model_id=model_id, result=probe.result))

    async def _stream(self) -> None:
        self._report(found.with_stream_begun)
        model = next(iter(self._findings.accepted), self._findings.plan.default_model.id)
        stream = await self._prober.probe_stream(self._findings.plan.access, model)
        self._report(partial(found.with_stream, stream=stream))

    async def _measure(self, region: str, base_url: str) -> None:
        access = replace(self._findings.plan.access, base_url=base_url)
        probe = await self._prober.probe_message(access, self._findings.plan.default_model.id)
        self._report(partial(found.with_address, region=region, result=probe.result))

    async def _rehearse(self) -> None:
        plan = self._findings.plan
        for shape in REHEARSED:
            self._report(partial(found.with_rehearsal_begun, shape=shape))
            rehearsal = await self._prober.rehearse(
                plan.access, plan.asked_for, shape, count=plan.counts_tokens, toggles=plan.toggles
            )
            self._report(partial(found.with_rehearsal, rehearsal=rehearsal))
            if not isinstance(rehearsal, Rehearsed):
                return
