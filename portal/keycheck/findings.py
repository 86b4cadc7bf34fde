"""Owns what a check has found so far: an immutable value, and one function for each thing that can be found. PURE.

What the findings mean for each step is in `progress`, what they mean for the visitor in `conclusion`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.gateway import results
from portal.gateway.results import Barrier, CheckResult, Shape
from portal.gateway.stages import (
    ClientShape,
    MessageProbe,
    ModelListing,
    ModelsListed,
    Moment,
    NotStreamed,
    Rehearsal,
    Streamed,
    StreamFinding,
)
from portal.keycheck.plan import CheckPlan
from portal.keycheck.steps import StepState, steps_of

_REFUSALS: Final = (
    results.Rejected,
    results.NotAllowed,
    results.OutOfCredit,
    results.ModelUnknown,
    results.RequestRefused,
)


class Ending(StrEnum):
    """How a check ended."""

    COMPLETE = "complete"  # everything that could be asked was asked
    OUT_OF_TIME = "out-of-time"  # the total budget ran out before


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known at one moment of a check.

    Attributes:
        now: when the check began, for a certificate's end; aware.
        moment: where the first request is, until it has an outcome.
        first: the outcome for the model that an ordinary prompt goes to: it decides address and credential.
        other_header: the same with the key in the other header, if it was tried.
        asking: the ids of models that are being asked.
        answers: what came of the models beside the first.
        addresses: what came of the gateway's other addresses, by region.
        rehearsing: whose request is being rehearsed.
        expected_tokens: how many input tokens a rehearsal is expected to cost.
        ending: None while the check runs.

    """

    plan: CheckPlan
    now: datetime
    moment: Moment | None = None
    first: MessageProbe | None = None
    other_header: MessageProbe | None = None
    listing: ModelListing | None = None
    asking: frozenset[str] = frozenset()
    answers: Mapping[str, CheckResult] = field(default_factory=lambda: MappingProxyType({}))
    streaming: bool = False
    stream: StreamFinding | None = None
    addresses: Mapping[str, CheckResult] = field(default_factory=lambda: MappingProxyType({}))
    rehearsing: ClientShape | None = None
    rehearsals: tuple[Rehearsal, ...] = ()
    expected_tokens: int = 0
    ending: Ending | None = None
    total_ms: int = 0

    def answer_for(self, model_id: str) -> CheckResult | None:
        """What came of one model."""
        if self.first and model_id == self.plan.default_model.id:
            return self.first.result
        return self.answers.get(model_id)

    @property
    def accepted(self) -> tuple[str, ...]:
        """The mapped models that answered, in the plan's order."""
        ids = (model.id for model in self.plan.models)
        return tuple(id_ for id_ in ids if isinstance(self.answer_for(id_), results.Accepted))

    @property
    def refused(self) -> frozenset[str]:
        """The mapped models that this key cannot use now, for a reason that does not pass by waiting."""
        ids = (model.id for model in self.plan.models)
        return frozenset(id_ for id_ in ids if isinstance(self.answer_for(id_), _REFUSALS))

    @property
    def usable_ids(self) -> tuple[str, ...]:
        """The ids to choose from: those that answered, then the gateway's own list without what it just refused."""
        listed = self.listing.ids if isinstance(self.listing, ModelsListed) and self.has_answered else ()
        return tuple(dict.fromkeys((*self.accepted, *(id_ for id_ in listed if id_ not in self.refused))))

    @property
    def has_answered(self) -> bool:
        """Whether a model answered with this key, in one piece or as a stream."""
        return bool(self.accepted) or isinstance(self.stream, Streamed | NotStreamed)

    @property
    def key_is_proven(self) -> bool:
        """Whether the key is good: a model answered, or was refused by a gateway that had accepted the key before."""
        answers = [self.answer_for(model.id) for model in self.plan.models]
        return self.has_answered or any(one and steps_of(one).credential is StepState.PASSED for one in answers)


def with_moment(findings: Findings, moment: Moment) -> Findings:
    """The first request got further."""
    return replace(findings, moment=moment) if findings.first is None else findings


def with_first(findings: Findings, probe: MessageProbe) -> Findings:
    """The first request has an outcome."""
    return replace(findings, first=probe, moment=None)


def with_other_header(findings: Findings, probe: MessageProbe) -> Findings:
    """The other header was tried."""
    return replace(findings, other_header=probe)


def with_listing(findings: Findings, listing: ModelListing) -> Findings:
    """The gateway's list of models was asked for."""
    return replace(findings, listing=listing)


def with_question(findings: Findings, model_id: str) -> Findings:
    """A model is being asked."""
    return replace(findings, asking=findings.asking | {model_id})


def with_answer(findings: Findings, model_id: str, result: CheckResult) -> Findings:
    """A model was asked."""
    answers = MappingProxyType({**findings.answers, model_id: result})
    return replace(findings, asking=findings.asking - {model_id}, answers=answers)


def with_stream_begun(findings: Findings) -> Findings:
    """A streamed answer was asked for."""
    return replace(findings, streaming=True)


def with_stream(findings: Findings, stream: StreamFinding) -> Findings:
    """The streamed answer is over."""
    return replace(findings, streaming=False, stream=stream)


def with_address(findings: Findings, region: str, result: CheckResult) -> Findings:
    """Another address of the gateway was measured."""
    return replace(findings, addresses=MappingProxyType({**findings.addresses, region: result}))


def with_rehearsal_begun(findings: Findings, shape: ClientShape) -> Findings:
    """A client's request is being rehearsed."""
    return replace(findings, rehearsing=shape)


def with_rehearsal(findings: Findings, rehearsal: Rehearsal) -> Findings:
    """A client's request was rehearsed."""
    return replace(findings, rehearsing=None, rehearsals=(*findings.rehearsals, rehearsal))


def with_end(findings: Findings, ending: Ending, total_ms: int) -> Findings:
    """The check is over; what still runs will not be known."""
    return replace(
        findings,
        ending=ending,
        total_ms=total_ms,
        moment=None,
        asking=frozenset(),
        streaming=False,
        rehearsing=None,
    )


def wants_other_header(findings: Findings) -> bool:
    """Whether the refusal is one that the other header may avoid: the key itself was turned away."""
    match findings.first.result if findings.first else None:
        case results.Rejected() | results.NotAllowed(barrier=Barrier.OTHER):
            return True
        case _:
            return False


def works_with_the_other_header(findings: Findings) -> bool:
    """Whether the gateway takes the key only in the header that this set-up does not use."""
    match findings.other_header.result if findings.other_header else None:
        case results.Accepted() | results.OutOfCredit():
            return True
        case results.NotAllowed(barrier=barrier):
            return barrier is Barrier.MODEL
        case results.ModelUnknown(key_proven=proven):
            return proven
        case _:
            return False


def may_go_on(findings: Findings) -> bool:
    """Whether there is a point in asking for models: what is wrong so far, if anything, is about one model."""
    match findings.first.result if findings.first else None:
        case results.Accepted() | results.ModelUnknown() | results.NotAllowed(barrier=Barrier.MODEL):
            return True
        case _:
            return False


def may_stream(findings: Findings) -> bool:
    """Whether a streamed answer is worth asking for: a model answers, or the gateway streams whatever is asked."""
    match findings.first.result if findings.first else None:
        case results.NotMessagesApi(kind=kind):
            return kind is Shape.EVENT_STREAM
        case _:
            return bool(findings.accepted)


def may_measure(findings: Findings) -> bool:
    """Whether the gateway's other addresses are worth a token: this one answers well, or is itself the trouble."""
    match findings.first.result if findings.first else None:
        case results.Accepted() | results.Unreachable() | results.TimedOut() | results.GatewayFailed():
            return True
        case results.NotMessagesApi():
            return True
        case _:
            return False
