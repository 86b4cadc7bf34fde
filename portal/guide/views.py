"""Owns what the guide's template shows: plain values, made from choices and profile (PURE: no request, no HTML)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from portal.guide.explanations import PRECEDENCE, RARE_TOGGLE_LABELS, SCOPE_REASONS, TIER_LABELS, TOGGLE_LABELS
from portal.profile.model import CredentialScheme, GatewayProfile, Model, Tier, Toggle, base_url_for
from portal.scripts.commands import ApplyScript, apply_script, doctor_section
from portal.snippets.choices import Choices
from portal.snippets.guide import Block, Guide, Section
from portal.snippets.install import REQUIREMENTS
from portal.snippets.labels import INSTALL_LABELS, PLATFORM_LABELS, SHELL_LABELS, scope_label
from portal.snippets.query import OPTION_FIELD, FieldNotice, ParsedChoices, query_for, way_query_for
from portal.snippets.recipes import write_guide
from portal.snippets.targets import INSTALLS, SHELLS, Platform, Scope
from portal.words import Text


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a picker. `detail` is a line of explanation, or None."""

    value: str
    label: Text
    chosen: bool
    detail: Text | None = None


@dataclass(frozen=True, slots=True)
class NamedOption:
    """One entry of a picker whose name is not translated: an operator's word, or a header."""

    value: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ModelField:
    """The field of one tier: the value it shows, what is offered, and what is wrong with it."""

    tier: Tier
    label: Text
    value: str
    use: str
    chosen: bool
    notice: FieldNotice | None
    instead_query: str


@dataclass(frozen=True, slots=True)
class GuidePage:
    """Everything the guide's template needs.

    Attributes:
        script: the script that applies these choices, the recommended way; None where there is none.
        doctor: how to find a cause on the machine itself.
        query: the canonical query of this set-up, without `?`.
        language: the language that the query named, carried along by every link and form; or empty.
        platform_given: whether the query named the platform; otherwise the browser may detect it.
        regions: the gateway's further addresses; empty when there is one address only.
        rare_toggles: the options that only an error asks for, beside `toggles`.
        rare_chosen: whether one of the rarely needed options is not as the gateway's profile recommends it.

    """

    guide: Guide
    script: ApplyScript | None
    doctor: Section
    profile: GatewayProfile
    query: str
    platform_given: bool
    platforms: tuple[Option, ...]
    shells: tuple[Option, ...]
    installs: tuple[Option, ...]
    scopes: tuple[Option, ...]
    toggles: tuple[Option, ...]
    rare_toggles: tuple[Option, ...]
    rare_chosen: bool
    regions: tuple[NamedOption, ...]
    credentials: tuple[NamedOption, ...]
    models: tuple[ModelField, ...]
    offered: tuple[Model, ...]
    timeout_value: str
    notices: tuple[FieldNotice, ...]
    timeout_notice: FieldNotice | None
    context_value: str
    context_notice: FieldNotice | None
    requirements: Text
    precedence: tuple[Text, ...]
    choice_pairs: tuple[tuple[str, str], ...]
    language: str

    @property
    def scope_label(self) -> Text:
        """Where the settings live, in a few words."""
        return scope_label(self.guide.choices.target)

    @property
    def scope_reason(self) -> Text:
        """Why somebody would put them there."""
        return SCOPE_REASONS[self.guide.choices.target.scope]

    @property
    def platform_label(self) -> Text:
        """The machine's name."""
        return PLATFORM_LABELS[self.guide.choices.target.platform]

    @property
    def shell_label(self) -> Text:
        """The shell's name."""
        return SHELL_LABELS[self.guide.choices.target.shell]

    @property
    def default_model(self) -> str:
        """The model id that an ordinary prompt goes to."""
        return self.guide.choices.models[self.guide.choices.default_tier]

    @property
    def base_url(self) -> str:
        """The address that this set-up talks to."""
        return base_url_for(self.profile, self.guide.choices.region)

    @property
    def recommended_download(self) -> Block | None:
        """The file that can be downloaded instead of running the command."""
        return next(iter(self.guide.files.blocks), None)


_FIELDS_WITH_OWN_PLACE: Final = {tier.value for tier in Tier} | {"timeout_ms", "context_tokens"}
_HEADERS: Final = {CredentialScheme.BEARER: "Authorization: Bearer", CredentialScheme.X_API_KEY: "x-api-key"}


def show_guide(parsed: ParsedChoices, profile: GatewayProfile, origin: str, language: str = "") -> GuidePage:
    """Put together what the page shows for a parsed query.

    Args:
        parsed: the choices.
        profile: the gateway.
        origin: the portal's own address, which the commands that fetch a script hold.
        language: the code that the query named, or empty.
    """
    choices = parsed.choices
    target = choices.target
    in_language = f"&lang={language}" if language else ""
    query = query_for(choices, profile) + in_language
    return GuidePage(
        guide=write_guide(choices, profile),
        script=apply_script(choices, profile, origin, query_for(choices, profile)),
        doctor=doctor_section(choices, origin, way_query_for(choices, profile)),
        profile=profile,
        query=query,
        platform_given=parsed.platform_given,
        platforms=_options(Platform, target.platform, PLATFORM_LABELS),
        shells=_options(SHELLS[target.platform], target.shell, SHELL_LABELS),
        installs=_options(INSTALLS[target.platform], choices.install, INSTALL_LABELS),
        scopes=tuple(
            Option(scope, scope_label(replace(target, scope=scope)), scope is target.scope, SCOPE_REASONS[scope])
            for scope in Scope
        ),
        toggles=_toggles(TOGGLE_LABELS, choices),
        rare_toggles=_toggles(RARE_TOGGLE_LABELS, choices),
        rare_chosen=_rare_chosen(choices, profile),
        regions=tuple(NamedOption(region.id, region.name, region.id == choices.region) for region in profile.regions),
        credentials=tuple(
            NamedOption(scheme, header, scheme is choices.credential) for scheme, header in _HEADERS.items()
        ),
        models=tuple(_model_field(tier, parsed, profile, in_language) for tier in choices.models),
        offered=profile.offered(),
        timeout_value=_typed(parsed, "timeout_ms") or _digits(choices.timeout_ms),
        context_value=_typed(parsed, "context_tokens") or _digits(choices.context_tokens),
        notices=tuple(notice for name, notice in parsed.notices.items() if name not in _FIELDS_WITH_OWN_PLACE),
        timeout_notice=parsed.notices.get("timeout_ms"),
        context_notice=parsed.notices.get("context_tokens"),
        requirements=REQUIREMENTS[target.platform],
        precedence=PRECEDENCE,
        choice_pairs=(*_pairs(parsed), *((("lang", language),) if language else ())),
        language=language,
    )


def _options(values: Iterable[StrEnum], chosen: StrEnum, labels: dict[StrEnum, Text]) -> tuple[Option, ...]:
    return tuple(Option(value, labels[value], value is chosen) for value in values)


def _toggles(labels: Mapping[Toggle, tuple[Text, Text]], choices: Choices) -> tuple[Option, ...]:
    return tuple(Option(toggle, label, toggle in choices.toggles, detail) for toggle, (label, detail) in labels.items())


def _rare_chosen(choices: Choices, profile: GatewayProfile) -> bool:
    return (
        bool((choices.toggles ^ profile.toggles) & RARE_TOGGLE_LABELS.keys())
        or choices.credential is not profile.credential
        or choices.context_tokens != profile.context_tokens
    )


def _digits(number: int | None) -> str:
    return "" if number is None else str(number)


def _typed(parsed: ParsedChoices, field: str) -> str:
    notice = parsed.notices.get(field)
    return notice.typed if notice else ""


def _model_field(tier: Tier, parsed: ParsedChoices, profile: GatewayProfile, in_language: str) -> ModelField:
    choices = parsed.choices
    notice = parsed.notices.get(tier.value)
    instead = ""
    if notice and notice.instead:
        instead = query_for(replace(choices, models={**choices.models, tier: notice.instead}), profile) + in_language
    return ModelField(
        tier=tier,
        label=TIER_LABELS[tier],
        value=_typed(parsed, tier.value) or choices.models[tier],
        use=profile.models[tier].use,
        chosen=tier is choices.default_tier,
        notice=notice,
        instead_query=instead,
    )


def _pairs(parsed: ParsedChoices) -> tuple[tuple[str, str], ...]:
    """Every choice by its field name, for forms that carry them along."""
    choices = parsed.choices
    target = choices.target
    return (
        ("os", target.platform),
        ("shell", target.shell),
        ("install", choices.install),
        ("scope", target.scope),
        *((tier.value, model) for tier, model in choices.models.items()),
        ("default", choices.default_tier),
        ("timeout_ms", _digits(choices.timeout_ms)),
        ("auth", choices.credential),
        ("region", choices.region),
        ("context_tokens", _digits(choices.context_tokens)),
        (OPTION_FIELD, ""),
        *((OPTION_FIELD, toggle) for toggle in Toggle if toggle in choices.toggles),
    )
