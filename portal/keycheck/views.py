"""Owns what the key check's region shows (PURE): a check while it runs, its verdict, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.gateway.quotes import language_of
from portal.keycheck.conclusion import Change, Conclusion, conclude
from portal.keycheck.costs import Costs, costs_of
from portal.keycheck.findings import Findings
from portal.keycheck.forms import KeyCheckForm
from portal.keycheck.links import VerdictLink
from portal.keycheck.progress import ModelProgress, Progress, StepName, StepProgress, may_rehearse, progress_of
from portal.keycheck.step_words import STATE_WORDS, STEP_LABELS, words_beside, words_for_model
from portal.keycheck.steps import StepState
from portal.keys import CleanedKey, UnusableKey
from portal.profile.model import GatewayProfile
from portal.snippets.by_hand import Question, ask_by_hand
from portal.snippets.choice_fields import as_query
from portal.snippets.guide import Section
from portal.words import Text, _, ngettext

_NO_COMMAND: Final = Section()
_MOST_IDS: Final = 60
"""Longest list of ids that is shown; all of them fill the pickers."""


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of the check: a stable name, what it is called, its state and the state's word, and a remark."""

    name: str
    label: Text
    state: StepState
    word: Text
    beside: Text | None = None
    took: Text | None = None


@dataclass(frozen=True, slots=True)
class ShownModel:
    """One model of the choices: the tiers that it stands for, its id, its state, and a remark."""

    id: str
    tiers: str
    state: StepState
    word: Text
    beside: Text | None


@dataclass(frozen=True, slots=True)
class Press:
    """A press that changes the choices: what is written on it, and the query that it leads to."""

    label: Text | str
    query: str


@dataclass(frozen=True, slots=True)
class KeyCheckView:
    """What the region shows.

    Attributes:
        code: the value of `data-verdict`; empty while the check runs.
        tone: running, passed, warning or failed.
        presses: what can be put into the choices with one press.
        removed: what was taken off the paste.
        unusual: that the key does not look like one of this gateway, if its profile says how they look.
        links: where the next action happens.
        quote: what the gateway said, already shortened and masked.
        quote_language: its language as HTML writes it, or empty when it cannot be told.
        costs: what the check cost, or None when the gateway was not asked.
        query: the way back to the same set-up.
        choices: the same as fields of a form.
        by_hand: the same question as a command.
        usable: the ids to choose from, with the query that makes each the model of ordinary prompts.
        rehearsal_tokens: what a full rehearsal costs, or None when it is not offered.
        troubleshooting: where the cause is explained, or empty.

    """

    code: str
    tone: str
    sentence: Text
    cause: Text | None
    next_action: Text | None
    steps: tuple[ShownStep, ...]
    query: str
    choices: tuple[tuple[str, str], ...]
    models: tuple[ShownModel, ...] = ()
    links: tuple[VerdictLink, ...] = ()
    presses: tuple[Press, ...] = ()
    removed: tuple[Text, ...] = ()
    unusual: Text | None = None
    quote: str = ""
    quote_language: str = ""
    costs: Costs | None = None
    by_hand: Section = _NO_COMMAND
    usable: tuple[Press, ...] = ()
    usable_ids: str = ""
    rehearsal_tokens: int | None = None
    troubleshooting: str = ""

    @property
    def is_over(self) -> bool:
        """Whether this is the last that is shown of a check."""
        return bool(self.code)


@dataclass(frozen=True, slots=True)
class Around:
    """What a view needs beside the findings."""

    form: KeyCheckForm
    cleaned: CleanedKey
    profile: GatewayProfile


def show_findings(findings: Findings, around: Around) -> KeyCheckView:
    """Show a check at one moment."""
    progress = progress_of(findings)
    steps = tuple(_step(step, findings) for step in progress.steps)
    models = tuple(_model(row) for row in progress.models)
    if findings.ending is None:
        return KeyCheckView(
            code="",
            tone="running",
            sentence=_("Checking your key …"),
            cause=None,
            next_action=None,
            steps=steps,
            models=models,
            query=around.form.query,
            choices=around.form.choices,
        )
    return _show_end(findings, progress, around, steps, models)


def _show_end(
    findings: Findings,
    progress: Progress,
    around: Around,
    steps: tuple[ShownStep, ...],
    models: tuple[ShownModel, ...],
) -> KeyCheckView:
    form, profile = around.form, around.profile
    verdict: Conclusion = conclude(findings, profile)
    plan = findings.plan
    usable = findings.usable_ids
    asked = Question(plan.access.base_url, plan.access.credential, plan.access.headers, plan.default_model.id)
    trouble = f"/troubleshoot?cause={verdict.cause_id}&{form.query}" if verdict.cause_id else ""
    offers = may_rehearse(findings) and progress.state_of(StepName.REHEARSAL) is StepState.NOT_CHECKED
    return KeyCheckView(
        code=verdict.code,
        tone=verdict.state,
        sentence=verdict.sentence,
        cause=verdict.cause,
        next_action=verdict.next_action,
        steps=steps,
        models=models,
        query=form.query,
        choices=form.choices,
        links=verdict.links,
        presses=tuple(_press(change, form) for change in verdict.changes),
        removed=around.cleaned.removed,
        unusual=_unusual(around.cleaned, profile),
        quote=verdict.quote,
        quote_language=language_of(verdict.quote),
        costs=costs_of(findings),
        by_hand=ask_by_hand(form.platform, form.shell, asked),
        usable=tuple(
            Press(id_, as_query(form.with_choice(form.default_tier.value, id_))) for id_ in usable[:_MOST_IDS]
        ),
        usable_ids=" ".join(usable),
        rehearsal_tokens=findings.expected_tokens if offers else None,
        troubleshooting=trouble,
    )


def _press(change: Change, form: KeyCheckForm) -> Press:
    choices = form.choices
    for field in change.fields:
        choices = form.with_choice(field, change.value, among=choices)
    return Press(change.label, as_query(choices))


def _step(step: StepProgress, findings: Findings) -> ShownStep:
    beside = words_beside(step.name, findings)
    return ShownStep(
        step.name, STEP_LABELS[step.name], step.state, STATE_WORDS[step.state], beside, _took(step.duration_ms)
    )


def _took(duration_ms: int | None) -> Text | None:
    if duration_ms is None:
        return None
    if duration_ms < 100:
        return _("{count} ms", count=duration_ms)
    return _("{seconds} s", seconds=f"{duration_ms / 1000:.1f}")


def _model(row: ModelProgress) -> ShownModel:
    tiers = ", ".join(row.model.tiers)
    return ShownModel(row.model.id, tiers, row.state, STATE_WORDS[row.state], words_for_model(row))


def _unusual(cleaned: CleanedKey, profile: GatewayProfile) -> Text | None:
    if profile.expects(cleaned.key):
        return None
    if profile.key_hint:
        return _("It does not look like a key of {gateway} ({hint}).", gateway=profile.name, hint=profile.key_hint)
    return _("It does not look like a key of {gateway}.", gateway=profile.name)


_NOTHING_RAN: Final = tuple(
    ShownStep(name, STEP_LABELS[name], StepState.NOT_CHECKED, STATE_WORDS[StepState.NOT_CHECKED]) for name in StepName
)


def show_unusable(unusable: UnusableKey, form: KeyCheckForm) -> KeyCheckView:
    """Show why the paste is not a key; the gateway was not asked."""
    return KeyCheckView(
        code="unusable-key",
        tone="failed",
        sentence=unusable.reason,
        cause=None,
        next_action=None,
        steps=_NOTHING_RAN,
        query=form.query,
        choices=form.choices,
    )


def show_wait(wait_seconds: int, form: KeyCheckForm, *, busy: bool = False) -> KeyCheckView:
    """Show that this client has to wait; the gateway was not asked. `busy`: because of other people's checks."""
    if busy:
        sentence = ngettext(
            "This portal is checking as many keys as it can. You can check yours in {count} second.",
            "This portal is checking as many keys as it can. You can check yours in {count} seconds.",
            wait_seconds,
        )
        cause = _("Many people check their keys at the moment. The guide is not affected.")
    else:
        sentence = ngettext(
            "This portal has made many checks in a short time. You can check again in {count} second.",
            "This portal has made many checks in a short time. You can check again in {count} seconds.",
            wait_seconds,
        )
        cause = _("The portal limits checks, so that nobody can try out keys with it.")
    return KeyCheckView(
        code="too-many-checks",
        tone="warning",
        sentence=sentence,
        cause=cause,
        next_action=_("Go on with the guide. Your set-up does not need the check."),
        steps=_NOTHING_RAN,
        query=form.query,
        choices=form.choices,
    )
