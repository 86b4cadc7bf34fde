from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.diagnosis.load import catalogue_problems
from portal.paths import PRESETS
from portal.profile.accent import accent_tokens
from portal.profile.load import check_profile, load_profile, preset_names
from portal.profile.model import REQUIRED_TIERS, CredentialScheme, Tier, Toggle
from portal.profile.tables import ProfileTable

# base URL and credential as in the operators' documents (gateways table)
GATEWAYS = {
    "tokenbay": ("https://api.tokenbay.com", CredentialScheme.BEARER),
    "litellm": ("http://localhost:4000", CredentialScheme.BEARER),
    "openrouter": ("https://openrouter.ai/api", CredentialScheme.BEARER),
    "vercel": ("https://ai-gateway.vercel.sh", CredentialScheme.BEARER),
    "zai": ("https://api.z.ai/api/anthropic", CredentialScheme.BEARER),
    "moonshot": ("https://api.moonshot.ai/anthropic", CredentialScheme.BEARER),
    "deepseek": ("https://api.deepseek.com/anthropic", CredentialScheme.BEARER),
    "minimax": ("https://api.minimax.io/anthropic", CredentialScheme.BEARER),
    "alibaba": ("https://dashscope-intl.aliyuncs.com/apps/anthropic", CredentialScheme.BEARER),
    "portkey": ("https://api.portkey.ai/v1", CredentialScheme.BEARER),
    "cloudflare": (
        "https://gateway.ai.cloudflare.com/v1/YOUR_ACCOUNT_ID/YOUR_GATEWAY_ID/anthropic",
        CredentialScheme.X_API_KEY,
    ),
}


def test_preset_names_when_asked() -> None:
    assert preset_names() == tuple(sorted(GATEWAYS))


@pytest.mark.parametrize("name", GATEWAYS)
def test_preset_when_loaded(name: str) -> None:
    profile = load_profile(name)
    assert (profile.base_url, profile.credential) == GATEWAYS[name]
    assert profile.slug == name
    assert set(REQUIRED_TIERS) <= set(profile.models)
    assert check_profile(name) == ()


@pytest.mark.parametrize("name", GATEWAYS)
def test_preset_when_its_accent_becomes_tokens(name: str) -> None:
    accent = load_profile(name).brand.accent
    tokens = accent_tokens(accent, light_background="#ffffff", dark_background="#111111")
    assert accent in {tokens.light_accent, tokens.dark_accent}


@pytest.mark.parametrize("name", sorted(set(GATEWAYS) - {"cloudflare"}))
def test_preset_when_nothing_has_to_be_filled_in(name: str) -> None:
    assert load_profile(name).blanks() == ()


def test_preset_tokenbay_when_read_says_what_its_guide_says() -> None:
    profile = load_profile("tokenbay")
    ids = {tier: model.id for tier, model in profile.models.items()}
    assert ids == {Tier.OPUS: "claude-opus-4.8", Tier.SONNET: "claude-sonnet-4.6", Tier.HAIKU: "claude-haiku-4.5"}
    assert profile.default_tier is Tier.SONNET
    assert not profile.endpoints.models


def test_preset_portkey_when_read_sends_the_key_in_its_header() -> None:
    profile = load_profile("portkey")
    assert profile.headers["x-portkey-api-key"] == "{key}"
    assert "x-portkey-provider" in profile.headers


def test_preset_cloudflare_when_read_keeps_the_two_keys_apart() -> None:
    profile = load_profile("cloudflare")
    assert profile.headers == {"cf-aig-authorization": "Bearer YOUR_GATEWAY_TOKEN"}
    assert profile.blanks() == ("YOUR_ACCOUNT_ID", "YOUR_GATEWAY_ID", "YOUR_GATEWAY_TOKEN")


@pytest.mark.parametrize("name", ["zai", "minimax"])
def test_preset_when_the_gateway_asks_for_a_long_timeout(name: str) -> None:
    assert load_profile(name).timeout_ms == 3_000_000


def test_preset_minimax_when_read_turns_nonessential_traffic_off() -> None:
    assert load_profile("minimax").toggles == {Toggle.NO_TRAFFIC}


def test_preset_deepseek_when_read_carries_its_variables() -> None:
    profile = load_profile("deepseek")
    assert {entry.name: entry.value for entry in profile.extra_env} == {
        "CLAUDE_CODE_SUBAGENT_MODEL": "deepseek-flash",
        "CLAUDE_CODE_EFFORT_LEVEL": "max",
        "CLAUDE_CODE_AUTO_COMPACT_WINDOW": "786432",
    }
    assert profile.models[Tier.OPUS].id == "deepseek-flash[1m]"


def test_preset_tokenbay_when_every_remark_setting_is_switched_on(tmp_path: Path) -> None:
    """The template that operators copy is right in its remarks, too."""
    text = (PRESETS / "tokenbay.toml").read_text(encoding="utf-8")
    text = text.replace('"its id at your gateway"', '"claude-fable-1.0"')
    text = re.sub(r"(?m)^# (?=\[|[a-z_-]+ = )", "", text)
    (tmp_path / "logo.svg").write_text("<svg></svg>", encoding="utf-8")
    path = tmp_path / "all.toml"
    path.write_text(text, encoding="utf-8")
    (problem,) = check_profile(str(path))
    assert problem.startswith("base_url: does not end in /v1")
    settings = {f"{name} = " for name, field in ProfileTable.model_fields.items() if field.is_required()}
    assert all(setting in text or f"[{setting[:-3]}" in text for setting in settings)
    tables = set(re.findall(r"(?m)^\[+([a-z]+)", text))
    own_help = {"symptoms", "causes", "steps"}
    assert tables == {"key", "headers", "models", "env", "recommended", "links", "brand", "endpoints"} | own_help
    path.write_text(re.sub("(?m)^base_url_includes_version.*$", "", text), encoding="utf-8")
    assert not check_profile(str(path))
    assert not catalogue_problems(load_profile(str(path)))
