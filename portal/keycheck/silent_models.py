"""Owns what is told of the models of the choices that were asked and did not answer: how many, why, what else. PURE.

The words are in `model_wording`, the verdict on the whole check is in `conclusion`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.gateway import results
from portal.gateway.results import Barrier, CheckResult
from portal.gateway.stages import ModelsListed
from portal.keycheck import causes, model_wording
from portal.keycheck.findings import Findings
from portal.keycheck.model_wording import Reason
from portal.keycheck.nearest import nearest_id
from portal.keycheck.progress import Progress, StepName, is_slow
from portal.keycheck.proven_wording import proven_cause
from portal.keycheck.steps import StepState
from portal.keycheck.verdict_kinds import VerdictCode, Words


@dataclass(frozen=True, slots=True)
class SilentModel:
    """A model that did not answer, and what came instead; `is_refused` when waiting does not help."""

    id: str
    answer: CheckResult
    is_refused: bool


@dataclass(frozen=True, slots=True)
class NearestId:
    """An offered id, and the fields of the choices that would take it."""

    id: str
    fields: tuple[str, ...]


def is_about_models(result: CheckResult) -> bool:
    """Whether an answer says something of the model, and not of the key or the gateway."""
    match result:
        case results.ModelUnknown() | results.NotAllowed(barrier=Barrier.MODEL):
            return True
        case _:
            return False


def silent_models(progress: Progress) -> list[SilentModel]:
    """The models that were asked and did not answer, in the plan's order."""
    return [
        SilentModel(row.model.id, row.result, row.state is StepState.FAILED)
        for row in progress.models
        if row.result and row.state in {StepState.FAILED, StepState.WARNING} and not is_slow(row.result)
    ]


def words_about_the_first(findings: Findings, progress: Progress, gateway: str, result: CheckResult) -> Words:
    """The words when the model of ordinary prompts does not answer: for it, and for the others that do not, either."""
    proven = progress.state_of(StepName.CREDENTIAL) is StepState.PASSED
    reason = _reason(findings, [result], key_is_proven=proven)
    words = model_wording.one_model(reason, f"`{findings.plan.default_model.id}`", gateway)
    silent = silent_models(progress)
    if len(silent) == 1:
        return words
    return replace(_several(findings, progress, gateway, silent, key_is_proven=proven), code=words.code)


def words_beside_the_first(findings: Findings, progress: Progress, gateway: str) -> Words:
    """The words when it answers and others do not; one of them at least is refused."""
    silent = silent_models(progress)
    if len(silent) == 1:
        reason = _reason(findings, [silent[0].answer], key_is_proven=True)
        words = model_wording.one_model(reason, f"`{silent[0].id}`", gateway)
    else:
        words = _several(findings, progress, gateway, silent, key_is_proven=True)
    return replace(words, code=VerdictCode.MODELS_MISSING, cause=model_wording.with_consequence(words.cause))


def cause_of_model(findings: Findings, result: CheckResult) -> str:
    """The id of the cause that explains why one model does not answer."""
    return causes.MODEL_UNKNOWN if _is_misspelt(findings, result) else proven_cause(result)


def nearest_offered(findings: Findings, result: CheckResult) -> NearestId | None:
    """The offered id that looks most like that of a model that is not there, if one does."""
    if not is_about_models(result):
        return None
    row = next((model for model in findings.plan.models if findings.answer_for(model.id) is result), None)
    if row is None:
        return None
    silent = {model.id for model in findings.plan.models if model.id not in findings.accepted}
    near = nearest_id(row.id, [id_ for id_ in _offered(findings) if id_ not in silent])
    return NearestId(near, tuple(tier.value for tier in row.tiers)) if near else None


def _several(
    findings: Findings, progress: Progress, gateway: str, silent: list[SilentModel], *, key_is_proven: bool
) -> Words:
    answers = [model.answer for model in silent]
    failed, total = len(silent), len(progress.models)
    if model_wording.are_alike(answers):
        reason = _reason(findings, answers, key_is_proven=key_is_proven)
        return model_wording.several_models(reason, failed, total, gateway)
    refused = ", ".join(f"`{model.id}`" for model in silent if model.is_refused)
    return model_wording.models_differ(failed, total, gateway, refused, key_is_proven=key_is_proven)


def _reason(findings: Findings, answers: list[CheckResult], *, key_is_proven: bool) -> Reason:
    """Why the models of these answers, which are alike, are silent."""
    misspelt = all(_is_misspelt(findings, answer) for answer in answers)
    first = answers[0]
    if isinstance(first, results.ModelUnknown):
        first = replace(first, key_proven=key_is_proven)
    return model_wording.reason_of(first, misspelt=misspelt)


def _is_misspelt(findings: Findings, result: CheckResult) -> bool:
    """Whether the id is not offered, and one that looks like it is."""
    match result:
        case results.ModelUnknown(model=model):
            return model not in _offered(findings) and nearest_offered(findings, result) is not None
        case _:
            return False


def _offered(findings: Findings) -> Sequence[str]:
    """The ids of the gateway's own list, then those of the profile."""
    listed = findings.listing.ids if isinstance(findings.listing, ModelsListed) else ()
    return (*listed, *findings.plan.offered)
