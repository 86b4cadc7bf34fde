"""Owns where the next action of a verdict happens: the first of the profile's links that fits, and the support. PURE.

The verdict is in `conclusion`, its words are in `wording`. It must not know HTTP, HTML or the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from portal.keycheck.verdict_kinds import LinkName, VerdictCode, Words
from portal.profile.model import GatewayProfile
from portal.words import Text, _


@dataclass(frozen=True, slots=True)
class VerdictLink:
    """Where the next action happens: an absolute address from the profile, and what is written on it."""

    name: LinkName
    url: str
    label: Text


_LABELS: Final = {
    LinkName.CONSOLE: _("Open the console"),
    LinkName.DOCS: _("Read the documentation"),
    LinkName.MODELS: _("See the list of models"),
    LinkName.STATUS: _("See the status page"),
    LinkName.SUPPORT: _("Contact the support"),
}


NEEDS_SUPPORT: Final = frozenset(
    {
        VerdictCode.NOT_ALLOWED,
        VerdictCode.GATEWAY_ERROR,
        VerdictCode.TIMED_OUT,
        VerdictCode.UNREACHABLE,
        VerdictCode.NOT_MESSAGES_API,
        VerdictCode.REFUSED,
        VerdictCode.STREAM_BROKEN,
        VerdictCode.PART_REFUSED,
        VerdictCode.BUFFERED,
        VerdictCode.NOT_STREAMED,
        VerdictCode.CERTIFICATE_ENDS,
    }
)
"""What a visitor cannot, or not always, put right alone."""


def links_for(words: Words, profile: GatewayProfile) -> tuple[VerdictLink, ...]:
    """The first of the verdict's links that the profile has, and the support's where somebody else has to act."""
    asks = words.asks_support or words.code in NEEDS_SUPPORT
    wanted = (first_link(words.links, profile), first_link((LinkName.SUPPORT,), profile) if asks else None)
    return tuple(dict.fromkeys(link for link in wanted if link))


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
