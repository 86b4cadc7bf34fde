"""Gateways and keys to try the texts with, from ordinary to as hostile as a profile and a key may be."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from portal.keys import PLACEHOLDER
from portal.profile.model import (
    Brand,
    CredentialScheme,
    ExtraVariable,
    GatewayProfile,
    Model,
    Tier,
    Toggle,
)
from portal.snippets.choices import Choices, recommended_choices
from portal.snippets.dialects import Variable
from portal.snippets.targets import Platform, Scope, Shell, Target, all_targets
from portal.snippets.variables import environment

BEARER_CHARACTERS: Final = "-._~+/=" + string.ascii_letters + string.digits

KEYS: Final = {
    "ordinary": "sk-0123456789abcdef",
    "every-character": BEARER_CHARACTERS,
    "long": (BEARER_CHARACTERS * 6)[:400],
    "tilde-first": "~root/x",
    "dash-first": "-n",
    "plus-first": "+x=",
    "slash-first": "/etc/passwd",
    "equals-first": "=ls",
    "dot-first": "../..//~",
    "percent-like": "==~~++--..//",
}
"""Legal keys; among them those that a shell would take for an option, a path or a command."""

HOSTILE_KEY: Final = KEYS["long"]

_MODELS: Final = {
    Tier.OPUS: Model("vendor/opus:4.8@2026+x[1m]", "Opus"),
    Tier.SONNET: Model("@cf/sonnet-4.6", "Sonnet"),
    Tier.HAIKU: Model("haiku_4.5", "Haiku"),
}

PLAIN: Final = GatewayProfile(
    slug="plain",
    name="Plain",
    base_url="https://gateway.example.com",
    credential=CredentialScheme.BEARER,
    models={tier: Model(f"claude-{tier}-4.6", tier.title()) for tier in (Tier.OPUS, Tier.SONNET, Tier.HAIKU)},
    brand=Brand("Plain"),
)

X_API_KEY: Final = replace(PLAIN, slug="x-api-key", credential=CredentialScheme.X_API_KEY)


def _extra(values: Mapping[str, str]) -> tuple[ExtraVariable, ...]:
    return tuple(ExtraVariable(name, value, "to be difficult") for name, value in values.items())


HOSTILE: Final = GatewayProfile(
    slug="hostile",
    name="Hostile",
    base_url="https://gw.example.com:8443/a!b$c&d'e(f)*g+,;=h~@:x%20y",
    credential=CredentialScheme.BEARER,
    models=_MODELS,
    brand=Brand("Hostile"),
    headers={
        "x-gateway-key": "Bearer {key}",
        "^caret": "^a^b",
        "!bang": "!! !-1 !x",
        "#hash": 'it\'s "quoted" `id` $HOME \\ | & ; < > * ?',
    },
    extra_env=_extra(
        {
            "X_QUOTES": "it's ''\"double\"'' `id` $(id) ${HOME} $HOME $'x'",
            "X_BANG": "wow! !! !$ it's !x'!y",
            "X_BACKSLASH": "C:\\new\\table\\\\share\\'x\\",
            "X_GLOB": "* ? [a-z] {a,b} ~ ~root #no <in >out 2>&1 |pipe &bg ;end (sub)",
            "X_BLANKS": "  two  blanks  ",
            "X_PERCENT": "%PATH% %s %n 100%",
            "X_WORDS": "-n --help END_OF_SETTINGS # <<< Claude Code gateway settings <<<",
            "X_SLASH": "/c/Users:/usr/bin",
            "X_BEYOND_ASCII": "é 漢字 \N{FOX FACE} \u2018curly\u2019 \u201cdouble\u201d \u201alow\u201b",
        },
    ),
    timeout_ms=1_200_000,
    toggles=frozenset(Toggle),
)
"""Everything that a shell with real quoting carries."""

HOSTILE_ON_CMD: Final = replace(
    HOSTILE,
    base_url="https://gw.example.com:8443/a!b$c&d'e(f)*g+,;=h~@:x",
    headers={"x-gateway-key": "Bearer {key} ^ & | < > ( ) ! ; , = ' ` $ * ~ #"},
    extra_env=_extra(
        {
            "X_SPECIAL": "a&b|c<d>e^f(g)!h;i,j=k'l`m$n*o~p#q@r{s}[t]?u/v:w",
            "X_WORDS": "& echo x ) else ( 2>nul ^",
            "X_BACKSLASH": "C:\\new\\table\\\\share",
            "X_FOLDER": "C:\\Program Files\\x\\",
            "X_BLANKS": "  two  blanks  1",
            "X_DIGIT": "2",
        },
    ),
)
"""Everything that cmd.exe carries: no `"`, no `%`, one line a value, ASCII."""


def choose(target: Target, profile: GatewayProfile) -> Choices:
    """What the profile recommends, at this target."""
    return replace(recommended_choices(profile, target.platform), target=target)


def fill(text: str, key: str) -> str:
    """Put the key in, exactly as the browser does."""
    return text.replace(PLACEHOLDER, key)


def expected_variables(choices: Choices, profile: GatewayProfile, key: str) -> dict[str, str]:
    """Every variable of the set-up, with the key in place."""
    return {variable.name: fill(variable.value, key) for variable in environment(choices, profile)}


def variables(**values: str) -> tuple[Variable, ...]:
    return tuple(Variable(name, value) for name, value in values.items())


def identify(target: Target) -> str:
    """A target as a test id."""
    return f"{target.platform}-{target.shell}-{target.scope}"


def targets(*shells: Shell, scopes: tuple[Scope, ...] = tuple(Scope)) -> tuple[Target, ...]:
    """The legal targets of these shells and scopes."""
    return tuple(target for target in all_targets() if target.shell in shells and target.scope in scopes)


def on_linux(shell: Shell, scope: Scope) -> Target:
    """The same shell and scope on the one platform that tests run on."""
    return Target(Platform.LINUX, shell, scope)
