"""Owns watching the gateway: each thing that is asked of it, how long it took and what kind of outcome it had.

Wraps the client and has its methods. It must not know what is asked: neither model, address nor key is looked at.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, TypeVar, assert_never

from portal.gateway import results
from portal.gateway.access import Access
from portal.gateway.client import GatewayClient
from portal.gateway.stages import (
    ClientShape,
    MessageProbe,
    ModelListing,
    ModelsListed,
    ModelsUnlisted,
    Moment,
    NotStreamed,
    PartRefused,
    Rehearsal,
    RehearsalFailed,
    Rehearsed,
    StreamBroke,
    Streamed,
    StreamFinding,
)
from portal.observability.metrics import ClosedCounter, ClosedHistogram
from portal.observability.traces import SpanName, span
from portal.profile.model import Toggle


class GatewayStep(StrEnum):
    """What is asked of the gateway."""

    MESSAGE = "message"
    MODELS = "models"
    STREAM = "stream"
    REHEARSAL = "rehearsal"


class GatewayOutcome(StrEnum):
    """How it went, coarsely: whose business it is."""

    GOOD = "good"
    REFUSED = "refused"  # an answer that says no: key, model, credit, or this very request
    THROTTLED = "throttled"
    FAILED = "failed"  # the gateway's own trouble, or an answer that is none
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"  # the visitor left, or the check's time was over


_Found = MessageProbe | ModelListing | StreamFinding | Rehearsal
_Asked = TypeVar("_Asked", MessageProbe, ModelListing, StreamFinding, Rehearsal)

_SECONDS: Final = ClosedHistogram(
    "portal_gateway_seconds",
    "What the gateway took to answer what was asked, in seconds.",
    (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120),
    step=GatewayStep,
)
_ANSWERS: Final = ClosedCounter(
    "portal_gateway_answers", "What was asked of the gateway, by outcome.", step=GatewayStep, outcome=GatewayOutcome
)


class ObservedGateway:
    """A client whose calls are counted and traced."""

    def __init__(self, client: GatewayClient) -> None:
        self._client = client

    async def probe_message(
        self, access: Access, model_id: str, notify: Callable[[Moment], None] | None = None
    ) -> MessageProbe:
        """See `GatewayClient.probe_message`."""
        return await _observed(GatewayStep.MESSAGE, self._client.probe_message(access, model_id, notify))

    async def list_models(self, access: Access) -> ModelListing:
        """See `GatewayClient.list_models`."""
        return await _observed(GatewayStep.MODELS, self._client.list_models(access))

    async def probe_stream(self, access: Access, model_id: str) -> StreamFinding:
        """See `GatewayClient.probe_stream`."""
        return await _observed(GatewayStep.STREAM, self._client.probe_stream(access, model_id))

    async def rehearse(
        self,
        access: Access,
        model_id: str,
        shape: ClientShape,
        *,
        count: bool = False,
        toggles: frozenset[Toggle] = frozenset(),
    ) -> Rehearsal:
        """See `GatewayClient.rehearse`."""
        asked = self._client.rehearse(access, model_id, shape, count=count, toggles=toggles)
        return await _observed(GatewayStep.REHEARSAL, asked)


async def _observed(step: GatewayStep, asked: Awaitable[_Asked]) -> _Asked:
    started = time.perf_counter()
    outcome = GatewayOutcome.STOPPED
    with span(SpanName.GATEWAY, step=step.value) as seen:
        try:
            found = await asked
            outcome = outcome_of(found)
        finally:
            if outcome is not GatewayOutcome.STOPPED:  # how long nobody waited says nothing about the gateway
                _SECONDS.observe(time.perf_counter() - started, step)
            _ANSWERS.add(step, outcome)
            seen.note(outcome=outcome.value)
    return found


def outcome_of(found: _Found) -> GatewayOutcome:  # noqa: PLR0911 - one case per kind
    """The coarse outcome of what was found."""
    match found:
        case MessageProbe(result=result) | RehearsalFailed(result=result):
            return outcome_of(result)
        case results.Accepted() | ModelsListed() | Streamed() | NotStreamed() | Rehearsed():
            return GatewayOutcome.GOOD
        case (
            results.Rejected()
            | results.NotAllowed()
            | results.OutOfCredit()
            | results.ModelUnknown()
            | results.RequestRefused()
            | PartRefused()
        ):
            return GatewayOutcome.REFUSED
        case results.Throttled():
            return GatewayOutcome.THROTTLED
        case results.TimedOut():
            return GatewayOutcome.TIMED_OUT
        case results.Unreachable():
            return GatewayOutcome.UNREACHABLE
        case ModelsUnlisted(status=status):
            answered = status is not None and status < 500  # many gateways have no list, which is no failure
            return GatewayOutcome.REFUSED if answered else GatewayOutcome.FAILED
        case results.GatewayFailed() | results.NotMessagesApi() | StreamBroke():
            return GatewayOutcome.FAILED
        case _:
            assert_never(found)
