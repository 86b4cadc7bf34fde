"""PURE: owns which environment variables a profile may add under `[[env]]`, and which have a better place."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from portal.profile.model import KEY_FIELD, CredentialScheme, Tier
from portal.profile.texts import text_problems

_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]*")
"""The names that the settings schema allows under `env` (SchemaStore, claude-code-settings.json)."""

_ELSEWHERE: Final = MappingProxyType(
    {
        "ANTHROPIC_BASE_URL": "set base_url instead",
        **{scheme.variable: "set credential instead" for scheme in CredentialScheme},
        **{tier.variable: f"set [models.{tier}] instead" for tier in Tier},
        "ANTHROPIC_SMALL_FAST_MODEL": "it is outdated and overrides the haiku model, so set [models.haiku] instead",
        "ANTHROPIC_MODEL": "set models.default instead",
        "ANTHROPIC_CUSTOM_HEADERS": "set [headers] instead",
        "API_TIMEOUT_MS": "set recommended.timeout_ms instead",
        "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS": 'put "no-betas" into recommended.toggles instead',
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": 'put "no-traffic" into recommended.toggles instead',
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": 'put "discovery" into recommended.toggles instead',
        "CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING": 'put "no-adaptive-thinking" into recommended.toggles instead',
        "CLAUDE_CODE_DISABLE_THINKING": 'put "no-thinking" into recommended.toggles instead',
        "CLAUDE_CODE_DISABLE_1M_CONTEXT": 'put "no-1m" into recommended.toggles instead',
        "CLAUDE_CODE_ATTRIBUTION_HEADER": 'put "no-attribution" into recommended.toggles instead',
        "CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP": 'put "no-legacy-remap" into recommended.toggles instead',
        "CLAUDE_CODE_MAX_CONTEXT_TOKENS": "set recommended.context_tokens instead",
    },
)
# code.claude.com/docs/en/env-vars: these outrank every credential and switch the base URL off.
_PAST_THE_GATEWAY: Final = frozenset(
    f"CLAUDE_CODE_USE_{cloud}" for cloud in ("BEDROCK", "VERTEX", "FOUNDRY", "ANTHROPIC_AWS", "MANTLE")
)


def variable_name_problems(name: str) -> list[str]:
    """Judge the name of an extra variable."""
    if not _NAME.fullmatch(name) or len(name) > 100:
        return ["is not a variable name; use capital letters, digits and _, not beginning with a digit"]
    if remedy := _ELSEWHERE.get(name):
        return [f"{name} is written by the portal itself; {remedy}"]
    if name in _PAST_THE_GATEWAY:
        return [f"{name} makes Claude Code bypass the gateway; remove it"]
    return []


def variable_value_problems(value: str) -> list[str]:
    """Judge the value of an extra variable. An empty one is refused: Windows keeps no empty variables."""
    if not value:
        return ["is empty, and Windows keeps no empty variables; write a value or remove the entry"]
    problems = text_problems(value, limit=1000)
    if KEY_FIELD in value:
        problems.append(f"contains {KEY_FIELD}, which is filled in under [headers] only; remove it")
    return problems
