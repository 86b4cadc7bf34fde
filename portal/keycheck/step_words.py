"""Owns what is said beside each step and model while the check runs and afterwards: fragments, not verdicts. PURE."""

from __future__ import annotations

from typing import Final, assert_never

from portal.gateway import results
from portal.gateway.results import CheckResult
from portal.gateway.stages import (
    ModelsListed,
    ModelsUnlisted,
    Moment,
    NotStreamed,
    PartRefused,
    RehearsalFailed,
    Rehearsed,
    StreamBroke,
    Streamed,
)
from portal.keycheck.findings import Ending, Findings, works_with_the_other_header
from portal.keycheck.progress import ModelProgress, StepName, is_slow
from portal.keycheck.stage_wording import header_name, part_name
from portal.keycheck.steps import StepState
from portal.words import Text, _, ngettext

STEP_LABELS: Final = {
    StepName.ADDRESS: _("Address"),
    StepName.CREDENTIAL: _("Key"),
    StepName.MODELS: _("Models"),
    StepName.STREAMING: _("Streaming"),
    StepName.REHEARSAL: _("Full rehearsal"),
}
STATE_WORDS: Final = {
    StepState.WAITING: _("waiting"),
    StepState.RUNNING: _("running"),
    StepState.PASSED: _("passed"),
    StepState.WARNING: _("warning"),
    StepState.FAILED: _("failed"),
    StepState.NOT_CHECKED: _("not checked"),
}
_MOMENTS: Final = {
    Moment.CONNECTING: _("connecting"),
    Moment.SECURING: _("securing the connection"),
    Moment.ASKING: _("connected"),
}


def words_beside(name: StepName, findings: Findings) -> Text | None:
    """What is said beside one step, or None when its state says it all."""
    match name:
        case StepName.ADDRESS:
            return _beside_address(findings)
        case StepName.CREDENTIAL:
            return _beside_credential(findings)
        case StepName.MODELS:
            return _beside_models(findings)
        case StepName.STREAMING:
            return _beside_streaming(findings)
        case StepName.REHEARSAL:
            return _beside_rehearsal(findings)
        case _:
            assert_never(name)


def words_for_model(row: ModelProgress) -> Text | None:  # noqa: C901, PLR0911, PLR0912 - one case per outcome
    """What is said beside one model when its state does not say it all."""
    match row.result:
        case None | results.Accepted() if row.result is None or not is_slow(row.result):
            return None
        case results.Accepted(duration_ms=took):
            return _("slow: {seconds} s for one token", seconds=f"{took / 1000:.0f}")
        case results.NotAllowed(barrier=results.Barrier.MODEL):
            return _("not in this key’s plan")
        case results.NotAllowed(barrier=results.Barrier.GROUP):
            return _("not in the key’s group or plan")
        case results.ModelUnknown(no_channel=True):
            return _("no channel for it at the gateway")
        case results.ModelUnknown():
            return _("not offered to this key")
        case results.Throttled():
            return _("too many requests for now")
        case results.TimedOut():
            return _("no answer in time")
        case results.OutOfCredit():
            return _("no credit for it")
        case results.GatewayFailed():
            return _("the gateway fails to answer")
        case results.Unreachable() if row.state is StepState.WARNING:
            return _("no connection")
        case result if row.state is StepState.FAILED and result is not None:
            return _refused(result)
        case _:
            return None


def _beside_address(findings: Findings) -> Text | None:
    if findings.first is None:
        return _MOMENTS[findings.moment] if findings.moment else None
    result, connection = findings.first.result, findings.first.connection
    if isinstance(result, results.NotMessagesApi) and result.target:
        return _("redirects to {target}, which was not followed", target=f"`{result.target.replace('`', '')}`")
    if isinstance(result, results.Unreachable):
        return None
    if connection.tls_version and connection.certificate_ends:
        day = connection.certificate_ends.date().isoformat()
        return _("{tls}, certificate good until {day}", tls=connection.tls_version, day=day)
    return _("connected") if connection.connect_ms is not None else None


def _beside_credential(findings: Findings) -> Text | None:  # noqa: PLR0911 - one case per outcome
    if works_with_the_other_header(findings):
        return _("accepted only as {header}", header=header_name(findings.plan.with_the_other_header().credential))
    first = findings.first.result if findings.first else None
    if findings.other_header and isinstance(first, results.NotAllowed):
        return _("not allowed to do this, in whichever header it was sent")
    if findings.other_header:
        return _("not accepted, in whichever header it was sent")
    match first:
        case results.Accepted() | results.NotAllowed(barrier=results.Barrier.MODEL):
            return _("accepted")
        case results.ModelUnknown(key_proven=True):
            return _("accepted")
        case results.OutOfCredit():
            return _("accepted, without credit")
        case _:
            return _("accepted") if findings.key_is_proven else None


def _beside_models(findings: Findings) -> Text | None:
    match findings.listing:
        case ModelsListed(ids=ids, complete=complete):
            if not complete:
                return _("the gateway lists more than {count}", count=len(ids))
            return ngettext("the gateway lists {count}", "the gateway lists {count}", len(ids))
        case ModelsUnlisted(status=404 | 405):
            return _("the gateway has no list of them")
        case ModelsUnlisted():
            return _("the gateway did not give its list")
        case _:
            return None


def _beside_streaming(findings: Findings) -> Text | None:
    match findings.stream:
        case Streamed(in_one_block=True):
            return _("arrives in one block")
        case Streamed(events=events):
            return ngettext("{count} event, one after the other", "{count} events, one after the other", events)
        case NotStreamed():
            return _("answers in one piece")
        case StreamBroke():
            return _("broke off")
        case None:
            return None
        case result:
            return _refused(result)


def _beside_rehearsal(findings: Findings) -> Text | None:  # noqa: PLR0911 - one case per state
    if findings.rehearsing:
        return _("as Claude Code {version}", version=findings.rehearsing)
    for one in findings.rehearsals:
        match one:
            case PartRefused(part=part):
                return _("does not take {part}", part=part_name(part))
            case RehearsalFailed(result=result):
                return _refused(result)
            case Rehearsed():
                continue
            case _:
                assert_never(one)
    if findings.rehearsals:
        answered = [one for one in findings.rehearsals if isinstance(one, Rehearsed)]
        size = max(one.body_bytes for one in answered) // 1000
        if tokens := max((one.counted_tokens or 0 for one in answered), default=0):
            return _("answered, with a body of {size} KB, counted as {tokens} tokens", size=size, tokens=f"{tokens:,}")
        return _("answered, with a body of {size} KB", size=size)
    if findings.plan.rehearsal and findings.ending is Ending.OUT_OF_TIME:
        return _("the time ran out")
    return None


def _refused(result: CheckResult) -> Text:
    if isinstance(result, results.TimedOut):
        return _("no answer in time")
    if isinstance(result, results.NotMessagesApi):
        return _("another answer than the API’s")
    return _("refused (status {status})", status=result.status) if result.status else _("refused")
