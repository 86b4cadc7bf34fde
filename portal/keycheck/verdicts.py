"""Owns the verdict on one request: what the visitor is told about its outcome. PURE.

The verdict on a whole check is in `conclusion`; the words are in `wording`, what is known of each step in `steps`.
It must not know HTTP, HTML or the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from portal.gateway.results import CheckResult
from portal.keycheck.steps import Steps, steps_of
from portal.keycheck.verdict_kinds import LinkName, VerdictCode, VerdictState
from portal.keycheck.wording import words_for
from portal.profile.model import GatewayProfile
from portal.words import Text, _

__all__ = ["LinkName", "Verdict", "VerdictCode", "VerdictLink", "VerdictState", "first_link", "judge"]


@dataclass(frozen=True, slots=True)
class VerdictLink:
    """Where the next action happens: an absolute address from the profile, and what is written on it."""

    name: LinkName
    url: str
    label: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the visitor is told.

    Attributes:
        sentence: what happened.
        cause: why, probably.
        next_action: what to do now.
        link: where to do it, if the profile has the address.
        steps: what is known of address, credential and model.

    """

    code: VerdictCode
    state: VerdictState
    sentence: Text
    cause: Text
    next_action: Text
    link: VerdictLink | None
    steps: Steps


_LABELS: Final = {
    LinkName.CONSOLE: _("Open the console"),
    LinkName.DOCS: _("Read the documentation"),
    LinkName.MODELS: _("See the list of models"),
    LinkName.STATUS: _("See the status page"),
    LinkName.SUPPORT: _("Contact the support"),
}


def judge(result: CheckResult, profile: GatewayProfile) -> Verdict:
    """Return what the visitor is told about `result`, with the profile's name and links in it."""
    words = words_for(result, profile.name)
    return Verdict(
        code=words.code,
        state=words.state,
        sentence=words.sentence,
        cause=words.cause,
        next_action=words.next_action,
        link=first_link(words.links, profile),
        steps=steps_of(result),
    )


def first_link(wanted: tuple[LinkName, ...], profile: GatewayProfile) -> VerdictLink | None:
    """The first of these links that the profile has."""
    for name in wanted:
        if url := _address(name, profile):
            return VerdictLink(name, url, _LABELS[name])
    return None


def _address(name: LinkName, profile: GatewayProfile) -> str:
    match name:
        case LinkName.CONSOLE:
            return profile.links.console
        case LinkName.DOCS:
            return profile.links.docs
        case LinkName.MODELS:
            return profile.links.models
        case LinkName.STATUS:
            return profile.links.status
        case LinkName.SUPPORT:
            return profile.links.support
        case _:
            assert_never(name)
