"""Owns the query of the guide (PURE): choices from a query, and a query from choices.

Whatever the query says, there is always a complete, legal set-up: unknown values fall back with a notice, and a
field that was typed wrong keeps what was typed. It must not know HTTP or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar
from urllib.parse import urlencode

from portal.profile.model import (
    MAX_CONTEXT_TOKENS,
    MIN_CONTEXT_TOKENS,
    CredentialScheme,
    GatewayProfile,
    ModelIdRule,
    Tier,
    Toggle,
)
from portal.profile.model_ids import MAX_LENGTH, correct_model_id, is_model_id
from portal.snippets.choices import Choices, recommended_choices
from portal.snippets.targets import INSTALLS, SHELLS, Install, Platform, Scope, Shell, Target
from portal.words import Text, _

MIN_TIMEOUT_MS: Final = 1_000
MAX_TIMEOUT_MS: Final = 2_147_483_647
"""Largest `API_TIMEOUT_MS` in milliseconds; a larger one overflows in the client and fails at once (documented)."""

MAX_FIELD_LENGTH: Final = 200
"""Longest value of a field that is kept, in characters."""

OPTION_FIELD: Final = "opt"

_HARMLESS: Final = re.compile(r"[\w.:-]{1,40}", re.ASCII)

Query = Sequence[tuple[str, str]]
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class FieldNotice:
    """What is to be said beside one field.

    Attributes:
        typed: what the visitor typed, or empty when the field shows the value in use.
        instead: a value that a press puts into the field, or empty.
        refused: whether the typed value was not used.

    """

    field: str
    text: Text
    typed: str = ""
    instead: str = ""
    refused: bool = True


@dataclass(frozen=True, slots=True)
class ParsedChoices:
    """The set-up to show, and what to say about the query it came from, by field name."""

    choices: Choices
    notices: Mapping[str, FieldNotice]
    platform_given: bool

    @property
    def refused(self) -> tuple[FieldNotice, ...]:
        """The notices about values that were not used."""
        return tuple(notice for notice in self.notices.values() if notice.refused)


def parse_choices(query: Query, profile: GatewayProfile) -> ParsedChoices:
    """Read a query; the last of several equal names counts, except for `opt`, which adds up."""
    fields = {name: value.strip()[:MAX_FIELD_LENGTH] for name, value in query}
    notices: list[FieldNotice] = []
    platform = _one_of(Platform, fields, "os", Platform.MACOS, notices)
    start = recommended_choices(profile, platform)
    shell = _one_of(Shell, fields, "shell", start.target.shell, notices)
    if shell not in SHELLS[platform]:
        shell = start.target.shell
    scope = _one_of(Scope, fields, "scope", start.target.scope, notices)
    install = _one_of(Install, fields, "install", start.install, notices)
    if install not in INSTALLS[platform]:
        install = start.install
    choices = replace(
        start,
        target=Target(platform, shell, scope),
        install=install,
        models=MappingProxyType({tier: _model(tier, fields, profile, notices) for tier in start.models}),
        default_tier=_default_tier(fields, start, notices),
        timeout_ms=_timeout(fields, start, notices),
        context_tokens=_context_tokens(fields, start, notices),
        toggles=_toggles(query, start, notices),
        credential=_one_of(CredentialScheme, fields, "auth", start.credential, notices),
        region=_region(fields, profile, notices),
    )
    by_field = MappingProxyType({notice.field: notice for notice in notices})
    return ParsedChoices(choices, by_field, platform_given=fields.get("os") in set(Platform))


def query_for(choices: Choices, profile: GatewayProfile) -> str:
    """The shortest query that leads to these choices: machine and shell always, the rest where it differs."""
    target = choices.target
    start = recommended_choices(profile, target.platform)
    pairs: list[tuple[str, str]] = [("os", target.platform), ("shell", target.shell), *_way_pairs(choices, profile)]
    if choices.install is not start.install:
        pairs.append(("install", choices.install))
    if target.scope is not start.target.scope:
        pairs.append(("scope", target.scope))
    pairs += [(tier.value, model) for tier, model in choices.models.items() if model != start.models[tier]]
    if choices.default_tier is not start.default_tier:
        pairs.append(("default", choices.default_tier))
    if choices.timeout_ms != start.timeout_ms:
        pairs.append(("timeout_ms", "" if choices.timeout_ms is None else str(choices.timeout_ms)))
    if choices.context_tokens != start.context_tokens:
        pairs.append(("context_tokens", "" if choices.context_tokens is None else str(choices.context_tokens)))
    if choices.toggles != start.toggles:
        pairs += [(OPTION_FIELD, toggle) for toggle in Toggle if toggle in choices.toggles] or [(OPTION_FIELD, "")]
    return urlencode(pairs, safe="/:@[]")


def way_query_for(choices: Choices, profile: GatewayProfile) -> str:
    """Only the address and the header, where they are not the profile's own; empty otherwise."""
    return urlencode(_way_pairs(choices, profile))


def _way_pairs(choices: Choices, profile: GatewayProfile) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    if choices.region:
        pairs.append(("region", choices.region))
    if choices.credential is not profile.credential:
        pairs.append(("auth", choices.credential))
    return pairs


def _one_of(
    kind: type[_Choice],
    fields: Mapping[str, str],
    name: str,
    fallback: _Choice,
    notices: list[FieldNotice],
) -> _Choice:
    value = fields.get(name, "")
    if not value:
        return fallback
    try:
        return kind(value.lower())
    except ValueError:
        notices.append(_unknown_value(name, value))
        return fallback


def _unknown_value(name: str, value: str) -> FieldNotice:
    """Say that a value is unknown. It is repeated only if it can do no harm in Markdown."""
    if _HARMLESS.fullmatch(value):
        return FieldNotice(
            name,
            _("The link asks for `{value}`, which this guide does not know. It shows the usual choice.", value=value),
        )
    return FieldNotice(name, _("The link asks for something that this guide does not know. It shows the usual choice."))


def _region(fields: Mapping[str, str], profile: GatewayProfile, notices: list[FieldNotice]) -> str:
    value = fields.get("region", "")
    if value and value.lower() not in {region.id for region in profile.regions}:
        notices.append(_unknown_value("region", value))
        return ""
    return value.lower()


def _model(tier: Tier, fields: Mapping[str, str], profile: GatewayProfile, notices: list[FieldNotice]) -> str:
    recommended = profile.models[tier].id
    typed = fields.get(tier.value, "") or recommended
    if not is_model_id(typed):
        notices.append(
            FieldNotice(
                tier.value,
                _(
                    "A model id has letters, digits and . _ : / @ + - only, at most {most} of them. The guide uses "
                    "`{id}`.",
                    id=recommended,
                    most=MAX_LENGTH,
                ),
                typed,
                recommended,
            ),
        )
        return recommended
    if corrected := correct_model_id(typed, profile.model_id_rule):
        notices.append(FieldNotice(tier.value, _rule_broken(profile, typed, corrected, recommended), typed, corrected))
        return recommended
    if typed not in {model.id for model in profile.offered()}:
        notices.append(
            FieldNotice(
                tier.value,
                _("`{id}` is not in the list for {gateway}. Check the spelling.", id=typed, gateway=profile.name),
                instead=recommended,
                refused=False,
            ),
        )
    return typed


def _rule_broken(profile: GatewayProfile, typed: str, corrected: str, recommended: str) -> Text:
    if profile.model_id_rule is ModelIdRule.DOTTED:
        return _(
            "{gateway} writes versions with a dot: `{corrected}`, not `{typed}`. Until you choose, the guide uses "
            "`{recommended}`.",
            gateway=profile.name,
            corrected=corrected,
            typed=typed,
            recommended=recommended,
        )
    return _(
        "{gateway} writes versions with a hyphen: `{corrected}`, not `{typed}`. Until you choose, the guide uses "
        "`{recommended}`.",
        gateway=profile.name,
        corrected=corrected,
        typed=typed,
        recommended=recommended,
    )


def _default_tier(fields: Mapping[str, str], start: Choices, notices: list[FieldNotice]) -> Tier:
    tier = _one_of(Tier, fields, "default", start.default_tier, notices)
    return tier if tier in start.models else start.default_tier


def _timeout(fields: Mapping[str, str], start: Choices, notices: list[FieldNotice]) -> int | None:
    if "timeout_ms" not in fields:
        return start.timeout_ms
    if not fields["timeout_ms"]:
        return None
    if (number := _number(fields["timeout_ms"], MIN_TIMEOUT_MS, MAX_TIMEOUT_MS)) is not None:
        return number
    notices.append(
        FieldNotice(
            "timeout_ms",
            _(
                "The time limit is a whole number of milliseconds from {least} to {most}, for example `600000` for ten "
                "minutes. This one is not used.",
                least=MIN_TIMEOUT_MS,
                most=MAX_TIMEOUT_MS,
            ),
            fields["timeout_ms"],
        ),
    )
    return start.timeout_ms


def _context_tokens(fields: Mapping[str, str], start: Choices, notices: list[FieldNotice]) -> int | None:
    if "context_tokens" not in fields:
        return start.context_tokens
    if not fields["context_tokens"]:
        return None
    if (number := _number(fields["context_tokens"], MIN_CONTEXT_TOKENS, MAX_CONTEXT_TOKENS)) is not None:
        return number
    notices.append(
        FieldNotice(
            "context_tokens",
            _(
                "The window is a whole number of tokens from {least} to {most}, for example `128000`. This one is not "
                "used.",
                least=MIN_CONTEXT_TOKENS,
                most=MAX_CONTEXT_TOKENS,
            ),
            fields["context_tokens"],
        ),
    )
    return start.context_tokens


def _number(text: str, least: int, most: int) -> int | None:
    """The whole number that was typed, with or without separators; None when it is none or out of bounds."""
    digits = text.replace(",", "").replace(" ", "")
    return int(digits) if digits.isascii() and digits.isdigit() and least <= int(digits) <= most else None


def _toggles(query: Iterable[tuple[str, str]], start: Choices, notices: list[FieldNotice]) -> frozenset[Toggle]:
    options = [value.strip() for name, value in query if name == OPTION_FIELD]
    if not options:
        return start.toggles
    known = {toggle.value for toggle in Toggle}
    if unknown := [option for option in options if option and option not in known]:
        notices.append(_unknown_value(OPTION_FIELD, unknown[0]))
    return frozenset(Toggle(option) for option in options if option in known)
