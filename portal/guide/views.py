"""Owns what the guide's template shows: plain values, made from choices and profile (PURE: no request, no HTML)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from portal.guide.explanations import PRECEDENCE, SCOPE_REASONS, TIER_LABELS, TOGGLE_LABELS
from portal.profile.model import GatewayProfile, Model, Tier, Toggle
from portal.scripts.commands import ApplyScript, apply_script, doctor_section
from portal.snippets.guide import Block, Guide, Section
from portal.snippets.install import REQUIREMENTS
from portal.snippets.labels import INSTALL_LABELS, PLATFORM_LABELS, SHELL_LABELS, scope_label
from portal.snippets.query import OPTION_FIELD, FieldNotice, ParsedChoices, query_for
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
    models: tuple[ModelField, ...]
    offered: tuple[Model, ...]
    timeout_value: str
    notices: tuple[FieldNotice, ...]
    timeout_notice: FieldNotice | None
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
    def recommended_download(self) -> Block | None:
        """The file that can be downloaded instead of running the command."""
        return next(iter(self.guide.files.blocks), None)


_FIELDS_WITH_OWN_PLACE: Final = {tier.value for tier in Tier} | {"timeout_ms"}


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
        doctor=doctor_section(choices, origin),
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
        toggles=tuple(
            Option(toggle, label, toggle in choices.toggles, detail)
            for toggle, (label, detail) in TOGGLE_LABELS.items()
        ),
        models=tuple(_model_field(tier, parsed, profile, in_language) for tier in choices.models),
        offered=profile.offered(),
        timeout_value=_typed(parsed, "timeout_ms") or ("" if choices.timeout_ms is None else str(choices.timeout_ms)),
        notices=tuple(notice for name, notice in parsed.notices.items() if name not in _FIELDS_WITH_OWN_PLACE),
        timeout_notice=parsed.notices.get("timeout_ms"),
        requirements=REQUIREMENTS[target.platform],
        precedence=PRECEDENCE,
        choice_pairs=(*_pairs(parsed), *((("lang", language),) if language else ())),
        language=language,
    )


def _options(values: Iterable[StrEnum], chosen: StrEnum, labels: dict[StrEnum, Text]) -> tuple[Option, ...]:
    return tuple(Option(value, labels[value], value is chosen) for value in values)


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
        ("timeout_ms", "" if choices.timeout_ms is None else str(choices.timeout_ms)),
        (OPTION_FIELD, ""),
        *((OPTION_FIELD, toggle) for toggle in Toggle if toggle in choices.toggles),
    )
