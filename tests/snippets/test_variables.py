"""Which variables a set-up has, and in which order: one table for every shell and file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from portal.keys import PLACEHOLDER
from portal.profile.model import CredentialScheme, ExtraVariable, Model, Region, Tier, Toggle
from portal.snippets.targets import Platform, Scope, Shell, Target
from portal.snippets.variables import environment, is_private
from tests.snippets.samples import PLAIN, choose

_TARGET = Target(Platform.LINUX, Shell.BASH, Scope.USER)
_PLAIN = [
    ("ANTHROPIC_BASE_URL", "https://gateway.example.com"),
    ("ANTHROPIC_AUTH_TOKEN", PLACEHOLDER),
    ("ANTHROPIC_API_KEY", ""),
    ("ANTHROPIC_DEFAULT_OPUS_MODEL", "claude-opus-4.6"),
    ("ANTHROPIC_DEFAULT_SONNET_MODEL", "claude-sonnet-4.6"),
    ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "claude-haiku-4.6"),
    ("ANTHROPIC_MODEL", "sonnet"),
]


def _environment(in_profile: Mapping[str, Any], in_choices: Mapping[str, Any]) -> list[tuple[str, str]]:
    profile = replace(PLAIN, **in_profile)
    found = environment(replace(choose(_TARGET, profile), **in_choices), profile)
    return [(variable.name, variable.value) for variable in found]


def test_plain_gateway_has_address_key_and_models() -> None:
    assert _environment({}, {}) == _PLAIN


def test_other_credential_carries_the_key_when_the_gateway_wants_x_api_key() -> None:
    expected = [*_PLAIN]
    expected[1:3] = [("ANTHROPIC_API_KEY", PLACEHOLDER), ("ANTHROPIC_AUTH_TOKEN", "")]
    assert _environment({"credential": CredentialScheme.X_API_KEY}, {}) == expected


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ({"x-team": "platform"}, "x-team: platform"),
        ({"x-key": "{key}", "x-b": "b"}, f"x-key: {PLACEHOLDER}\nx-b: b"),
        ({"x-key": "Bearer {key}, {key}"}, f"x-key: Bearer {PLACEHOLDER}, {PLACEHOLDER}"),
    ],
)
def test_headers_are_one_variable_with_a_line_each(headers: dict[str, str], value: str) -> None:
    expected = [*_PLAIN[:3], ("ANTHROPIC_CUSTOM_HEADERS", value), *_PLAIN[3:]]
    assert _environment({"headers": headers}, {}) == expected


def test_everything_else_follows_the_models_in_a_fixed_order() -> None:
    extra = (ExtraVariable("Z", "1", "why"), ExtraVariable("A", "2", "why"))
    everything = {"timeout_ms": 60_000, "context_tokens": 128_000, "toggles": frozenset(Toggle)}
    found = _environment({"extra_env": extra}, everything)
    assert found == [
        *_PLAIN,
        ("API_TIMEOUT_MS", "60000"),
        ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "128000"),
        ("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "1"),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", "1"),
        ("CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING", "1"),
        ("CLAUDE_CODE_DISABLE_THINKING", "1"),
        ("CLAUDE_CODE_EFFORT_LEVEL", "auto"),
        ("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1"),
        ("CLAUDE_CODE_ATTRIBUTION_HEADER", "0"),
        ("CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP", "1"),
        ("Z", "1"),
        ("A", "2"),
    ]


@pytest.mark.parametrize(
    ("toggle", "variable"),
    [
        (Toggle.NO_BETAS, ("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "1")),
        (Toggle.NO_TRAFFIC, ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")),
        (Toggle.DISCOVERY, ("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", "1")),
        (Toggle.NO_ADAPTIVE_THINKING, ("CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING", "1")),
        (Toggle.NO_THINKING, ("CLAUDE_CODE_DISABLE_THINKING", "1")),
        (Toggle.NO_EFFORT, ("CLAUDE_CODE_EFFORT_LEVEL", "auto")),
        (Toggle.NO_1M, ("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1")),
        (Toggle.NO_ATTRIBUTION, ("CLAUDE_CODE_ATTRIBUTION_HEADER", "0")),
        (Toggle.NO_LEGACY_REMAP, ("CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP", "1")),
        (Toggle.NO_WEBFETCH_CHECK, None),
        (Toggle.NO_AUTO_MODE, None),
    ],
)
def test_toggle_is_a_variable_unless_it_is_a_key_of_the_file(toggle: Toggle, variable: tuple[str, str] | None) -> None:
    found = _environment({}, {"toggles": frozenset({toggle})})
    assert found == [*_PLAIN, *([variable] if variable else [])]


@pytest.mark.parametrize("tier", list(Tier))
def test_default_model_is_the_alias_of_its_tier(tier: Tier) -> None:
    assert ("ANTHROPIC_MODEL", tier.value) in _environment({}, {"default_tier": tier})


def test_further_tier_is_mapped_and_the_visitors_model_counts() -> None:
    models = {**PLAIN.models, Tier.FABLE: Model("fable-1", "Fable")}
    found = dict(_environment({"models": models}, {}))
    assert found["ANTHROPIC_DEFAULT_FABLE_MODEL"] == "fable-1"
    chosen = dict(_environment({}, {"models": {Tier.OPUS: "mine"}}))
    assert chosen["ANTHROPIC_DEFAULT_OPUS_MODEL"] == "mine"


def test_key_and_headers_are_private() -> None:
    profile = replace(PLAIN, headers={"x-key": "{key}"})
    choices = choose(_TARGET, profile)
    held = [variable.name for variable in environment(choices, profile) if is_private(variable, choices)]
    assert held == ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS"]


def test_choice_of_header_counts_when_it_is_not_the_profiles() -> None:
    expected = [*_PLAIN]
    expected[1:3] = [("ANTHROPIC_API_KEY", PLACEHOLDER), ("ANTHROPIC_AUTH_TOKEN", "")]
    assert _environment({}, {"credential": CredentialScheme.X_API_KEY}) == expected
    assert _environment({"credential": CredentialScheme.X_API_KEY}, {"credential": CredentialScheme.BEARER}) == _PLAIN


def test_address_is_the_regions_when_one_is_chosen() -> None:
    regions = (Region("eu", "Europe", "https://eu.example.com"), Region("us", "America", "https://us.example.com"))
    found = _environment({"regions": regions}, {"region": "us"})
    assert found == [("ANTHROPIC_BASE_URL", "https://us.example.com"), *_PLAIN[1:]]
    assert _environment({"regions": regions}, {}) == _PLAIN


def test_choice_wins_when_the_profile_sets_the_same_variable() -> None:
    extra = (ExtraVariable("CLAUDE_CODE_EFFORT_LEVEL", "max", "why"), ExtraVariable("Z", "1", "why"))
    found = _environment({"extra_env": extra}, {"toggles": frozenset({Toggle.NO_EFFORT})})
    assert found == [*_PLAIN, ("CLAUDE_CODE_EFFORT_LEVEL", "auto"), ("Z", "1")]
