"""From the posted form to what is asked, and the guess which model was meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.keycheck.forms import KeyCheckForm, read_key_check
from portal.keycheck.nearest import nearest_id
from portal.keycheck.plan import CheckPlan, plan_check
from portal.keys import ApiKey
from portal.profile.model import CredentialScheme, GatewayProfile, Region, Tier
from portal.snippets.choice_fields import as_query
from portal.snippets.targets import Platform, Shell
from tests.keycheck.scripted import HAIKU, OPUS, PROFILE, SONNET

EAST = Region("east", "East", "https://east.example")


def read(profile: GatewayProfile = PROFILE, **fields: str) -> KeyCheckForm:
    return read_key_check([("key", "sk-x"), *fields.items()], profile)


def plan(profile: GatewayProfile = PROFILE, **fields: str) -> CheckPlan:
    return plan_check(read(profile, **fields), ApiKey("sk-x"), profile)


def test_profile_decides_when_the_form_says_nothing() -> None:
    form = read()
    assert (form.models, form.default_tier) == ({Tier.OPUS: OPUS, Tier.SONNET: SONNET, Tier.HAIKU: HAIKU}, Tier.SONNET)
    assert (form.credential, form.region, form.rehearsal) == (CredentialScheme.BEARER, "", False)
    assert (form.platform, form.shell) == (Platform.MACOS, Shell.ZSH)


@pytest.mark.parametrize("value", ["", "nonsense", "x" * 500])
def test_profile_decides_when_the_form_says_nonsense(value: str) -> None:
    form = read(default=value, auth=value, os=value, shell=value, rehearsal=value)
    assert (form.default_tier, form.credential, form.rehearsal) == (Tier.SONNET, CredentialScheme.BEARER, False)
    assert (form.platform, form.shell) == (Platform.MACOS, Shell.ZSH)


def test_default_model_is_asked_first_and_each_model_once() -> None:
    models = plan(default="haiku", opus=f"{SONNET}[1m]").models
    assert [(model.id, model.tiers) for model in models] == [
        (HAIKU, (Tier.HAIKU,)),
        (SONNET, (Tier.OPUS, Tier.SONNET)),
    ]


@pytest.mark.parametrize("value", ["x-api-key", " X-API-KEY "])
def test_key_is_sent_in_the_header_that_was_chosen(value: str) -> None:
    assert plan(auth=value).access.credential is CredentialScheme.X_API_KEY


def test_address_is_one_of_the_profile_s_whatever_the_form_says() -> None:
    assert plan(region="https://evil.example").access.base_url == PROFILE.base_url
    assert plan(base_url="https://evil.example").access.base_url == PROFILE.base_url


def test_chosen_region_is_asked_and_the_others_are_measured() -> None:
    profile = replace(PROFILE, regions=(EAST,))
    chosen = plan(profile, region="EAST")
    assert chosen.access.base_url == "https://east.example"
    assert [(other.region, other.base_url) for other in chosen.other_addresses] == [("", PROFILE.base_url)]
    usual = plan(profile, region="west")
    assert usual.access.base_url == PROFILE.base_url
    assert [(other.region, other.name) for other in usual.other_addresses] == [("east", "East")]


def test_changed_choice_replaces_a_field_and_adds_an_option() -> None:
    form = read_key_check([("os", "linux"), ("opt", ""), ("opt", "no-traffic"), ("sonnet", "a")], PROFILE)
    assert as_query(form.with_choice("sonnet", "b")) == "os=linux&opt=&opt=no-traffic&sonnet=b"
    assert as_query(form.with_choice("opt", "no-betas")) == "os=linux&opt=&opt=no-traffic&sonnet=a&opt=no-betas"
    assert "key" not in dict(form.choices)


def test_plan_never_shows_the_key() -> None:
    assert "sk-x" not in repr(replace(plan(), rehearsal=True))


@pytest.mark.parametrize(
    ("unknown", "offered", "near"),
    [
        ("claude-sonnet-4-6", (OPUS, SONNET, HAIKU), SONNET),
        ("anthropic/claude-sonnet-4.6", (OPUS, SONNET, HAIKU), SONNET),
        ("claude-haiku-4-5-20251001", (OPUS, SONNET, HAIKU), HAIKU),
        ("claude-sonnet-4.6", ("anthropic/claude-sonnet-4-6", OPUS), "anthropic/claude-sonnet-4-6"),
        ("claude-sonet-4.6", (OPUS, SONNET, HAIKU), ""),
        ("claude-sonnet-4.5", (OPUS, SONNET, HAIKU), SONNET),
        (HAIKU, (OPUS, SONNET), ""),
        (HAIKU, (HAIKU,), ""),
        ("gpt-9", (OPUS, SONNET), ""),
        (SONNET, (), ""),
    ],
)
def test_nearest_id_is_of_the_same_family_or_none(unknown: str, offered: tuple[str, ...], near: str) -> None:
    assert nearest_id(unknown, offered) == near


def test_nearest_id_is_found_quickly_in_a_long_list() -> None:
    assert nearest_id("claude-sonnet-4-6", [f"claude-opus-{n}" for n in range(100_000)] + [SONNET]) == ""
