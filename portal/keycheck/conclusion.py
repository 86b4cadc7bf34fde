"""Owns the verdict on the whole check: one sentence, and the choices that a press changes. PURE.

The most serious finding decides: address and key, then the model of ordinary prompts, streaming, the rehearsal, the
other models, and at last what is only slow or missing. "Passed" needs a good answer from every mapped model and a
good stream. The words are in `wording` and `stage_wording`. It must not know HTTP, HTML or the key.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.gateway import results
from portal.gateway.results import CheckResult
from portal.gateway.stages import (
    NotStreamed,
    PartRefused,
    RehearsalFailed,
    StreamBroke,
    Streamed,
)
from portal.keycheck import causes, model_wording, stage_wording
from portal.keycheck.addresses import fastest_address
from portal.keycheck.findings import Findings, works_with_the_other_header
from portal.keycheck.links import VerdictLink, links_for
from portal.keycheck.progress import Progress, StepName, certificate_ends_soon, is_slow, progress_of
from portal.keycheck.proven_wording import (
    REHEARSED_ANSWER,
    STREAMED_ANSWER,
    answer_of,
    proven_cause,
    proven_words,
)
from portal.keycheck.remedies import remedy_for
from portal.keycheck.silent_models import (
    SilentModel,
    cause_of_model,
    is_about_models,
    nearest_offered,
    silent_models,
    words_about_the_first,
    words_beside_the_first,
)
from portal.keycheck.steps import StepState
from portal.keycheck.verdict_kinds import VerdictCode, VerdictState, Words
from portal.keycheck.wording import words_for
from portal.profile.model import GatewayProfile
from portal.snippets.choice_fields import CREDENTIAL_FIELD, OPTION_FIELD, REGION_FIELD
from portal.words import Text, _


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the choices that one press makes: the fields, their new value, and what is written on it."""

    fields: tuple[str, ...]
    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the visitor is told in the end.

    Attributes:
        links: where the next action happens; the operator's support comes last, where somebody else has to act.
        cause_id: the cause in the troubleshooting catalogue, or empty.
        changes: what a press can put right.
        quote: what the gateway said about it, already shortened and masked.

    """

    code: VerdictCode
    state: VerdictState
    sentence: Text
    cause: Text | None
    next_action: Text
    links: tuple[VerdictLink, ...]
    cause_id: str
    changes: tuple[Change, ...]
    quote: str

    @property
    def link(self) -> VerdictLink | None:
        """The first of the links."""
        return next(iter(self.links), None)


@dataclass(frozen=True, slots=True)
class _Found:
    words: Words
    cause_id: str = ""
    changes: tuple[Change, ...] = ()
    quote: str = ""


def conclude(findings: Findings, profile: GatewayProfile) -> Conclusion:
    """The verdict on findings whose check is over."""
    progress = progress_of(findings)
    found = _decide(findings, progress, profile)
    words = found.words
    return Conclusion(
        code=words.code,
        state=_colour(words.code, progress),
        sentence=words.sentence,
        cause=words.cause if words.cause.msgid else None,
        next_action=words.next_action,
        links=links_for(words, profile),
        cause_id=found.cause_id,
        changes=found.changes,
        quote=found.quote,
    )


def _colour(code: VerdictCode, progress: Progress) -> VerdictState:
    """That of the worst step, so that the verdict and the steps below it cannot disagree."""
    if StepState.FAILED in {step.state for step in progress.steps}:
        return VerdictState.FAILED
    return VerdictState.PASSED if code is VerdictCode.ACCEPTED else VerdictState.WARNING


def _decide(findings: Findings, progress: Progress, profile: GatewayProfile) -> _Found:
    return (
        _about_the_first(findings, progress, profile)
        or _about_the_stream(findings, progress, profile.name, failures=True)
        or _about_the_rehearsal(findings, profile.name)
        or _about_other_models(findings, progress, profile)
        or _about_the_stream(findings, progress, profile.name, failures=False)
        or _about_slowness(findings, profile.name)
        or _about_the_rest(findings, progress, profile.name)
    )


def _about_the_first(findings: Findings, progress: Progress, profile: GatewayProfile) -> _Found | None:
    """Address, key and the model of ordinary prompts: without them nothing works."""
    if findings.first is None:
        return _Found(stage_wording.incomplete(profile.name, key_is_proven=False))
    if findings.other_header and works_with_the_other_header(findings):
        scheme = findings.plan.with_the_other_header().credential
        label = _("Use {header}", header=stage_wording.header_name(scheme))
        change = Change((CREDENTIAL_FIELD,), scheme.value, label)
        quote = findings.first.result.quote
        return _Found(stage_wording.other_header(profile.name, scheme), causes.KEY_REJECTED, (change,), quote)
    result = findings.first.result
    if isinstance(result, results.Accepted):
        return None
    streams_unasked = isinstance(result, results.NotMessagesApi) and result.kind is results.Shape.EVENT_STREAM
    if streams_unasked and isinstance(findings.stream, Streamed | NotStreamed | StreamBroke):
        return None  # the stream says more than the answer that was streamed unasked
    changes = (*_renaming(findings, result), *_other_address(findings))
    if is_about_models(result):
        words = words_about_the_first(findings, progress, profile.name, result)
        return _Found(words, cause_of_model(findings, result), changes, result.quote)
    return _Found(words_for(result, profile.name), causes.cause_of(result), changes, result.quote)


def _other_address(findings: Findings) -> tuple[Change, ...]:
    """The press that takes the fastest of the gateway's addresses, if it is worth it."""
    better = fastest_address(findings)
    return (Change((REGION_FIELD,), better.region, _("Use {name}", name=better.name)),) if better else ()


def _about_the_stream(findings: Findings, progress: Progress, gateway: str, *, failures: bool) -> _Found | None:
    if (progress.state_of(StepName.STREAMING) is StepState.FAILED) is not failures:
        return None
    match findings.stream:
        case Streamed(in_one_block=False) | None:
            return None
        case Streamed() | NotStreamed() as stream:
            return _Found(stage_wording.stream_words(stream, gateway), causes.BUFFERING)
        case StreamBroke(flaw=flaw, quote=quote) as stream:
            words = stage_wording.stream_words(stream, gateway, key_is_proven=findings.key_is_proven)
            return _Found(words, causes.cause_of_flaw(flaw), quote=quote)
        case result:
            return _about_a_later_stage(STREAMED_ANSWER, result, gateway)


def _about_a_later_stage(answer: Text, result: CheckResult, gateway: str) -> _Found:
    return _Found(proven_words(answer, result, gateway), proven_cause(result), quote=result.quote)


def _about_the_rehearsal(findings: Findings, gateway: str) -> _Found | None:
    for one in findings.rehearsals:
        match one:
            case PartRefused(part=part, quote=quote):
                option = remedy_for(part)
                label = _("Leave it out: {part}", part=stage_wording.part_name(part))
                is_left_out = option in findings.plan.toggles  # and it did not help
                change = (Change((OPTION_FIELD,), option, label),) if option and not is_left_out else ()
                words = stage_wording.part_words(one, gateway, has_option=bool(change))
                return _Found(words, causes.cause_of_refused(part), change, quote)
            case RehearsalFailed(result=result):
                return _about_a_later_stage(REHEARSED_ANSWER, result, gateway)
            case _:
                continue
    return None


def _about_other_models(findings: Findings, progress: Progress, profile: GatewayProfile) -> _Found | None:
    silent = silent_models(progress)
    refused = [model for model in silent if model.is_refused]
    if not refused:
        return _about_busy_models(silent, progress, profile.name)
    told = refused[0].answer
    changes = tuple(change for model in refused for change in _renaming(findings, model.answer))
    words = words_beside_the_first(findings, progress, profile.name)
    return _Found(words, cause_of_model(findings, told), changes, told.quote)


def _about_busy_models(waiting: list[SilentModel], progress: Progress, gateway: str) -> _Found | None:
    """Models that gave no answer this time."""
    if not waiting:
        return None
    told = waiting[0].answer
    ids = ", ".join(f"`{model.id}`" for model in waiting)
    found = _about_a_later_stage(answer_of(ids), told, gateway)
    if model_wording.are_alike([model.answer for model in waiting]):
        return found
    words = model_wording.busy_differ(len(waiting), len(progress.models), gateway, found.words.code)
    return replace(found, words=words)


def _renaming(findings: Findings, result: CheckResult) -> tuple[Change, ...]:
    """The press that takes the nearest offered id for a model that is not there."""
    near = nearest_offered(findings, result)
    return (Change(near.fields, near.id, _("Use {id}", id=f"`{near.id}`")),) if near else ()


def _about_slowness(findings: Findings, gateway: str) -> _Found | None:
    for model in findings.plan.models:
        answer = findings.answer_for(model.id)
        if answer and is_slow(answer):
            return _Found(stage_wording.slow(gateway, f"`{model.id}`"), causes.SLOW)
    ends = findings.first.connection.certificate_ends if findings.first else None
    if ends and certificate_ends_soon(findings):
        return _Found(stage_wording.certificate_ends(gateway, ends.date().isoformat()), causes.CERTIFICATE_ENDS)
    return None


def _about_the_rest(findings: Findings, progress: Progress, gateway: str) -> _Found:
    needed = [step.state for step in progress.steps if step.name is not StepName.REHEARSAL or findings.plan.rehearsal]
    if findings.first and isinstance(findings.first.result, results.NotMessagesApi):
        return _Found(stage_wording.always_streams(gateway))
    if any(state is not StepState.PASSED for state in needed):
        return _Found(stage_wording.incomplete(gateway, key_is_proven=findings.key_is_proven))
    words = stage_wording.all_works(gateway, len(findings.plan.models), rehearsed=findings.plan.rehearsal)
    return _Found(words, changes=_other_address(findings))
