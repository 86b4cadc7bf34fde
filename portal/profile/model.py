"""Owns what a gateway is to the portal: frozen values, already validated by `portal.profile.document`.

It must not know TOML, files, HTTP or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.keys import ApiKey

KEY_FIELD: Final = "{key}"
"""Where a custom header's value takes the visitor's key, in a profile file."""


class CredentialScheme(StrEnum):
    """The header in which the gateway wants the key.

    Claude Code sends `ANTHROPIC_AUTH_TOKEN` as `Authorization: Bearer` and `ANTHROPIC_API_KEY` as `x-api-key`
    (measured with 2.1.197 and 2.1.330).
    """

    BEARER = "bearer"
    X_API_KEY = "x-api-key"

    @property
    def variable(self) -> str:
        """The environment variable that carries the key."""
        return "ANTHROPIC_AUTH_TOKEN" if self is CredentialScheme.BEARER else "ANTHROPIC_API_KEY"

    @property
    def other_variable(self) -> str:
        """The variable that has to be neutralised, because a left-over value would be sent as well."""
        return "ANTHROPIC_API_KEY" if self is CredentialScheme.BEARER else "ANTHROPIC_AUTH_TOKEN"


class ModelIdRule(StrEnum):
    """How the gateway writes version numbers in model ids: `4.6`, `4-6`, or either."""

    DOTTED = "dotted"
    HYPHENATED = "hyphenated"
    FREE = "free"


class Tier(StrEnum):
    """Claude Code's model tiers; each has a variable `ANTHROPIC_DEFAULT_<TIER>_MODEL`.

    `FABLE` is optional in a profile: newer clients show it in the picker, where an unmapped entry would be dead.
    """

    OPUS = "opus"
    SONNET = "sonnet"
    HAIKU = "haiku"
    FABLE = "fable"

    @property
    def variable(self) -> str:
        """The environment variable that maps the tier to a gateway's model id."""
        return f"ANTHROPIC_DEFAULT_{self.value.upper()}_MODEL"


MIN_CONTEXT_TOKENS: Final = 10_000
MAX_CONTEXT_TOKENS: Final = 10_000_000
"""Bounds of `CLAUDE_CODE_MAX_CONTEXT_TOKENS`, in tokens. The client's own prompt and tools need more than the least."""

REQUIRED_TIERS: Final = (Tier.OPUS, Tier.SONNET, Tier.HAIKU)


class Toggle(StrEnum):
    """Client settings that a visitor may switch and a profile may recommend; `guide.explanations` explains each."""

    NO_BETAS = "no-betas"
    NO_TRAFFIC = "no-traffic"
    DISCOVERY = "discovery"
    NO_WEBFETCH_CHECK = "no-webfetch-check"
    NO_AUTO_MODE = "no-auto-mode"
    NO_ADAPTIVE_THINKING = "no-adaptive-thinking"
    NO_THINKING = "no-thinking"
    NO_EFFORT = "no-effort"
    NO_1M = "no-1m"
    NO_ATTRIBUTION = "no-attribution"
    NO_LEGACY_REMAP = "no-legacy-remap"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that the gateway offers. `label` and `use` are the operator's words (not translated)."""

    id: str
    label: str
    use: str = ""


@dataclass(frozen=True, slots=True)
class ExtraVariable:
    """A variable the gateway needs beside the usual ones, and why, in the operator's words."""

    name: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Links:
    """Where the gateway helps its people; absolute https addresses, empty when there is none."""

    console: str = ""
    docs: str = ""
    models: str = ""
    status: str = ""
    support: str = ""


@dataclass(frozen=True, slots=True)
class Logo:
    """The operator's logo: the bytes of the file that the profile names, and its media type."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Brand:
    """How the portal looks for this gateway: `accent` is a CSS hex colour such as `#0f766e`."""

    name: str
    accent: str = "#0f766e"
    logo: Logo | None = None


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Which optional endpoints the gateway has (advisory)."""

    models: bool = True
    count_tokens: bool = True


@dataclass(frozen=True, slots=True)
class Region:
    """A further address of the same gateway, for people in one part of the world.

    Attributes:
        id: as it stands in a link, made of `a-z0-9-`.
        name: in the operator's words (not translated).
        base_url: as `GatewayProfile.base_url`.

    """

    id: str
    name: str
    base_url: str


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """An operator's own `[[symptoms]]`, `[[causes]]` or `[[steps]]`: frozen TOML, only what was written.

    `number` counts the tables of its kind from 1. What it means is known to `portal.diagnosis` alone.
    """

    id: str
    number: int
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class HelpEntries:
    """What an operator adds to the troubleshooting catalogue, or says otherwise; in the order of the file."""

    symptoms: tuple[HelpEntry, ...] = ()
    causes: tuple[HelpEntry, ...] = ()
    steps: tuple[HelpEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class GatewayProfile:
    """One gateway, as its profile file describes it.

    Attributes:
        slug: short name from the file name, made of `a-z0-9-`; used in file names.
        base_url: without a trailing slash; Claude Code appends `/v1/messages` to it.
        credential: the header that a visitor gets without choosing.
        regions: further addresses to choose from; `base_url_for` leads from a choice to an address.
        headers: custom header name -> value, where `{key}` stands for the visitor's key.
        key_pattern: a regular expression that a whole key matches, or empty; only used for a friendly notice.
        key_hint: how a key looks, in the operator's words, for example "starts with sk-".
        models: the tiers; opus, sonnet and haiku are always there.
        more_models: further models that a visitor may choose for a tier.
        default_tier: the tier that `ANTHROPIC_MODEL` names.
        extra_env: variables that every set-up for this gateway carries.
        timeout_ms: recommended `API_TIMEOUT_MS`, in milliseconds, or None for the client's default (600,000).
        context_tokens: recommended `CLAUDE_CODE_MAX_CONTEXT_TOKENS`, in tokens, or None for what the client assumes.
        toggles: switches that are on unless the visitor turns them off.
        help: what the operator adds to the troubleshooting catalogue.

    """

    slug: str
    name: str
    base_url: str
    credential: CredentialScheme
    models: Mapping[Tier, Model]
    brand: Brand
    default_tier: Tier = Tier.SONNET
    model_id_rule: ModelIdRule = ModelIdRule.FREE
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    key_pattern: str = ""
    key_hint: str = ""
    more_models: tuple[Model, ...] = ()
    extra_env: tuple[ExtraVariable, ...] = ()
    timeout_ms: int | None = None
    context_tokens: int | None = None
    toggles: frozenset[Toggle] = frozenset()
    links: Links = Links()
    endpoints: Endpoints = Endpoints()
    regions: tuple[Region, ...] = ()
    help: HelpEntries = HelpEntries()

    def offered(self) -> tuple[Model, ...]:
        """Every model the profile names, tiers first, without repeats."""
        seen: dict[str, Model] = {}
        for model in (*self.models.values(), *self.more_models):
            seen.setdefault(model.id, model)
        return tuple(seen.values())

    def expects(self, key: ApiKey) -> bool:
        """Tell whether the key looks as this gateway's keys do; True when the profile does not say or cannot tell.

        Keys over 512 characters are not judged, which bounds the time that a pattern may take.
        """
        text = key.reveal()
        return not self.key_pattern or len(text) > 512 or re.fullmatch(self.key_pattern, text) is not None

    def blanks(self) -> tuple[str, ...]:
        """Names such as `YOUR_ACCOUNT_ID` in the address or a header that the operator has still to fill in."""
        texts = (self.base_url, *(region.base_url for region in self.regions), *self.headers.values())
        return tuple(dict.fromkeys(name for text in texts for name in re.findall(r"YOUR_[A-Z][A-Z_]*[A-Z]", text)))


def base_url_for(profile: GatewayProfile, region: str) -> str:
    """The address that a set-up with this choice of region talks to; the empty choice is the profile's own.

    Raises:
        KeyError: the profile has no region of this id (`snippets.query` lets no such choice through).

    """
    if not region:
        return profile.base_url
    return {known.id: known.base_url for known in profile.regions}[region]
