"""Owns what the key check's region shows (PURE): a verdict, a refusal before the gateway was asked, or a wait."""

from __future__ import annotations

from dataclasses import dataclass

from portal.gateway.results import CheckResult
from portal.keycheck.steps import Steps, StepState
from portal.keycheck.verdicts import Verdict, judge
from portal.keys import CleanedKey, UnusableKey
from portal.profile.model import GatewayProfile
from portal.words import Text, _, ngettext

_NOTHING_RAN = Steps(StepState.NOT_CHECKED, StepState.NOT_CHECKED, StepState.NOT_CHECKED)


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of the check: a stable name, what it is called, its state and the state's word."""

    name: str
    label: Text
    state: StepState
    word: Text


@dataclass(frozen=True, slots=True)
class KeyCheckView:
    """What the region shows.

    Attributes:
        code: the value of `data-verdict`.
        tone: passed, warning or failed.
        removed: what was taken off the paste.
        unusual: that the key does not look like one of this gateway, if its profile says how they look.
        quote: what the gateway said, already shortened and masked.
        seconds: how long the gateway took, or None when it was not asked.
        query: the way back to the same set-up.

    """

    code: str
    tone: str
    sentence: Text
    cause: Text | None
    next_action: Text | None
    steps: tuple[ShownStep, ...]
    query: str
    link_url: str = ""
    link_label: Text | None = None
    removed: tuple[Text, ...] = ()
    unusual: Text | None = None
    quote: str = ""
    status: int | None = None
    seconds: str = ""
    model: str = ""


_STEP_LABELS = {"address": _("Address"), "credential": _("Key"), "model": _("Model")}
_STATE_WORDS = {
    StepState.WAITING: _("waiting"),
    StepState.RUNNING: _("running"),
    StepState.PASSED: _("passed"),
    StepState.WARNING: _("warning"),
    StepState.FAILED: _("failed"),
    StepState.NOT_CHECKED: _("not checked"),
}


def show_result(
    result: CheckResult, cleaned: CleanedKey, model: str, query: str, profile: GatewayProfile
) -> KeyCheckView:
    """Show what the gateway's answer means."""
    verdict: Verdict = judge(result, profile)
    return KeyCheckView(
        code=verdict.code,
        tone=verdict.state,
        sentence=verdict.sentence,
        cause=verdict.cause,
        next_action=verdict.next_action,
        steps=_steps(verdict.steps),
        query=query,
        link_url=verdict.link.url if verdict.link else "",
        link_label=verdict.link.label if verdict.link else None,
        removed=cleaned.removed,
        unusual=_unusual(cleaned, profile),
        quote=result.quote,
        status=result.status,
        seconds=f"{result.duration_ms / 1000:.1f}",
        model=model,
    )


def _unusual(cleaned: CleanedKey, profile: GatewayProfile) -> Text | None:
    if profile.expects(cleaned.key):
        return None
    if profile.key_hint:
        return _("It does not look like a key of {gateway}: one {hint}.", gateway=profile.name, hint=profile.key_hint)
    return _("It does not look like a key of {gateway}.", gateway=profile.name)


def show_unusable(unusable: UnusableKey, query: str) -> KeyCheckView:
    """Show why the paste is not a key; the gateway was not asked."""
    return KeyCheckView(
        code="unusable-key",
        tone="failed",
        sentence=unusable.reason,
        cause=None,
        next_action=None,
        steps=_steps(_NOTHING_RAN),
        query=query,
    )


def show_wait(wait_seconds: int, query: str) -> KeyCheckView:
    """Show that this client has to wait; the gateway was not asked."""
    return KeyCheckView(
        code="too-many-checks",
        tone="warning",
        sentence=ngettext(
            "Too many checks in a short time. You can check again in {count} second.",
            "Too many checks in a short time. You can check again in {count} seconds.",
            wait_seconds,
        ),
        cause=_("The portal limits checks, so that nobody can try out keys with it."),
        next_action=_("Go on with the guide. Your set-up does not need the check."),
        steps=_steps(_NOTHING_RAN),
        query=query,
    )


def _steps(steps: Steps) -> tuple[ShownStep, ...]:
    states = {"address": steps.address, "credential": steps.credential, "model": steps.model}
    return tuple(ShownStep(name, _STEP_LABELS[name], state, _STATE_WORDS[state]) for name, state in states.items())
