"""Owns what a visitor chose, as far as it changes a text: the input of every recipe.

It must not know where the choices came from (a query, a form) or how they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.profile.model import CredentialScheme, GatewayProfile, Tier, Toggle
from portal.snippets.targets import INSTALLS, SHELLS, Install, Platform, Scope, Target


@dataclass(frozen=True, slots=True)
class Choices:
    """A complete, legal set-up.

    Attributes:
        models: a model id for each tier that the profile maps.
        default_tier: the tier that `ANTHROPIC_MODEL` names.
        timeout_ms: `API_TIMEOUT_MS` in milliseconds, or None to leave the client's default (600,000).
        credential: the header that carries the key.
        region: the id of one of the profile's regions, or empty for its own address (`profile.model.base_url_for`).
        context_tokens: `CLAUDE_CODE_MAX_CONTEXT_TOKENS`, or None to leave what the client assumes of the model.

    """

    target: Target
    install: Install
    models: Mapping[Tier, str]
    default_tier: Tier
    timeout_ms: int | None
    toggles: frozenset[Toggle]
    credential: CredentialScheme
    region: str = ""
    context_tokens: int | None = None


def recommended_choices(profile: GatewayProfile, platform: Platform = Platform.MACOS) -> Choices:
    """What the portal proposes to somebody who chose nothing but (perhaps) their platform."""
    return Choices(
        target=Target(platform, SHELLS[platform][0], Scope.USER),
        install=INSTALLS[platform][0],
        models=MappingProxyType({tier: model.id for tier, model in profile.models.items()}),
        default_tier=profile.default_tier,
        timeout_ms=profile.timeout_ms,
        toggles=profile.toggles,
        credential=profile.credential,
        context_tokens=profile.context_tokens,
    )
