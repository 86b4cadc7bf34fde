"""Owns which variables a set-up consists of: the same list for every shell and every file.

Sources: the client's documented variables, and what two versions of it did with them (2.1.197 and 2.1.330).
"""

from __future__ import annotations

from typing import Final

from portal.keys import PLACEHOLDER
from portal.profile.model import KEY_FIELD, GatewayProfile, Toggle, base_url_for
from portal.snippets.choices import Choices
from portal.snippets.dialects import Variable

TOGGLE_VARIABLES: Final = {
    Toggle.NO_BETAS: Variable("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "1"),
    Toggle.NO_TRAFFIC: Variable("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
    Toggle.DISCOVERY: Variable("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", "1"),
    Toggle.NO_ADAPTIVE_THINKING: Variable("CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING", "1"),
    Toggle.NO_THINKING: Variable("CLAUDE_CODE_DISABLE_THINKING", "1"),
    Toggle.NO_EFFORT: Variable("CLAUDE_CODE_EFFORT_LEVEL", "auto"),
    Toggle.NO_1M: Variable("CLAUDE_CODE_DISABLE_1M_CONTEXT", "1"),
    Toggle.NO_ATTRIBUTION: Variable("CLAUDE_CODE_ATTRIBUTION_HEADER", "0"),
    Toggle.NO_LEGACY_REMAP: Variable("CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP", "1"),
}
"""Toggles that are environment variables; the others are keys of settings.json."""


def environment(choices: Choices, profile: GatewayProfile) -> tuple[Variable, ...]:
    """The variables of this set-up, in the order in which they are written.

    The key stands as `portal.keys.PLACEHOLDER`. The credential variable of the other scheme is there with an empty
    value, because the client would send a left-over one as a second header (measured in both versions). A choice wins
    over an extra variable of the profile.
    """
    variables = [
        Variable("ANTHROPIC_BASE_URL", base_url_for(profile, choices.region)),
        Variable(choices.credential.variable, PLACEHOLDER),
        Variable(choices.credential.other_variable, ""),
    ]
    if profile.headers:
        lines = (f"{name}: {value.replace(KEY_FIELD, PLACEHOLDER)}" for name, value in profile.headers.items())
        variables.append(Variable("ANTHROPIC_CUSTOM_HEADERS", "\n".join(lines)))
    variables += [Variable(tier.variable, model) for tier, model in choices.models.items()]
    variables.append(Variable("ANTHROPIC_MODEL", choices.default_tier.value))
    if choices.timeout_ms is not None:
        variables.append(Variable("API_TIMEOUT_MS", str(choices.timeout_ms)))
    if choices.context_tokens is not None:
        variables.append(Variable("CLAUDE_CODE_MAX_CONTEXT_TOKENS", str(choices.context_tokens)))
    variables += [variable for toggle, variable in TOGGLE_VARIABLES.items() if toggle in choices.toggles]
    written = {variable.name for variable in variables}
    variables += [Variable(extra.name, extra.value) for extra in profile.extra_env if extra.name not in written]
    return tuple(variables)


def is_private(variable: Variable, choices: Choices) -> bool:
    """Whether a variable stays out of shared files: it holds the key, or headers, which may hold the operator's."""
    return variable.name in {choices.credential.variable, "ANTHROPIC_CUSTOM_HEADERS"}
