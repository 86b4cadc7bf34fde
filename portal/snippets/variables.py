"""Owns which variables a set-up consists of: the same list for every shell and every file.

Sources: the client's documented variables, and what two versions of it did with them (2.1.197 and 2.1.330).
"""

from __future__ import annotations

from typing import Final

from portal.keys import PLACEHOLDER
from portal.profile.model import KEY_FIELD, GatewayProfile, Toggle
from portal.snippets.choices import Choices
from portal.snippets.dialects import Variable

TOGGLE_VARIABLES: Final = {
    Toggle.NO_BETAS: "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS",
    Toggle.NO_TRAFFIC: "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    Toggle.DISCOVERY: "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY",
}
"""Toggles that are environment variables; the others are keys of settings.json."""


def environment(choices: Choices, profile: GatewayProfile) -> tuple[Variable, ...]:
    """The variables of this set-up, in the order in which they are written.

    The key stands as `portal.keys.PLACEHOLDER`. The credential variable of the other scheme is there with an empty
    value, because the client would send a left-over one as a second header (measured in both versions).
    """
    variables = [
        Variable("ANTHROPIC_BASE_URL", profile.base_url),
        Variable(profile.credential.variable, PLACEHOLDER),
        Variable(profile.credential.other_variable, ""),
    ]
    if profile.headers:
        lines = (f"{name}: {value.replace(KEY_FIELD, PLACEHOLDER)}" for name, value in profile.headers.items())
        variables.append(Variable("ANTHROPIC_CUSTOM_HEADERS", "\n".join(lines)))
    variables += [Variable(tier.variable, model) for tier, model in choices.models.items()]
    variables.append(Variable("ANTHROPIC_MODEL", choices.default_tier.value))
    if choices.timeout_ms is not None:
        variables.append(Variable("API_TIMEOUT_MS", str(choices.timeout_ms)))
    variables += [Variable(name, "1") for toggle, name in TOGGLE_VARIABLES.items() if toggle in choices.toggles]
    variables += [Variable(extra.name, extra.value) for extra in profile.extra_env]
    return tuple(variables)


def is_private(variable: Variable, profile: GatewayProfile) -> bool:
    """Whether a variable stays out of shared files: it holds the key, or headers, which may hold the operator's."""
    return variable.name in {profile.credential.variable, "ANTHROPIC_CUSTOM_HEADERS"}
