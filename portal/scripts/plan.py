"""PURE: owns what a set-up script has to do: the guide's files and variables as orders to a merge engine.

Everything is derived from the files and variables of the guide (`portal.snippets`), so that the guide and the script
cannot say different things. It must not know shells or how a script carries the orders out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.keys import PLACEHOLDER
from portal.profile.model import KEY_FIELD, CredentialScheme, GatewayProfile, Tier
from portal.snippets.choices import Choices
from portal.snippets.dialects import Variable
from portal.snippets.places import GITIGNORE_LINE, NewFile, Place
from portal.snippets.settings_json import settings_files
from portal.snippets.targets import Scope
from portal.snippets.variables import environment, is_private

COMPANION_LINE: Final = ".claude/settings*.json.*"
"""What Git must not see beside the settings: copies and records of `apply` may hold a key."""

_IGNORED_BELOW: Final = {Scope.PROJECT: ("",), Scope.LOCAL: ("**/",)}
"""`.gitignore` stands in the project's folder; Git's exclude file stands above every folder of the repository."""

_TOP: Final = "."
_SCHEMA: Final = "$schema"
_ONE_MILLION: Final = re.compile(r"\[1m\]$", re.IGNORECASE)
_BYPASSES: Final = tuple(
    f"CLAUDE_CODE_USE_{cloud}" for cloud in ("BEDROCK", "VERTEX", "FOUNDRY", "ANTHROPIC_AWS", "MANTLE")
)
"""With one of these, the client goes past every gateway (code.claude.com/docs/en/env-vars)."""

_ALIASES: Final = ("opus", "sonnet", "haiku", "best", "default", "opusplan")
"""What `model` may say besides an id: each leads to a mapped tier (code.claude.com/docs/en/model-config)."""


class Keeper(StrEnum):
    """Whose file it is, which decides about its mode and about who may write it."""

    PRIVATE = "private"
    SHARED = "shared"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Order:
    """One setting to write (`value` is JSON text) or, without a value, to remove; `section` is `.` or an object."""

    section: str
    name: str
    value: str = ""

    @property
    def line(self) -> str:
        """The order as an engine reads it."""
        verb = "set" if self.value else "drop"
        return " ".join(word for word in (verb, self.section, self.name, self.value) if word)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """A settings file and what has to become of it. An order's value may hold `portal.keys.PLACEHOLDER`."""

    place: Place
    keeper: Keeper
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """The request for one token, as Claude Code would send it; headers hold `PLACEHOLDER`, the body no secret."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    model: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a script has to do.

    Attributes:
        files: in the order of the guide; a script writes the one with the key first.
        schema: the order that only a new document gets.
        ignore: lines for `.gitignore` (project) or Git's own exclude file (one person's project settings).
        variables: for the start-up scope; empty for the others.
        served_models: what a `model` setting may say without `[1m]`.

    """

    files: tuple[FilePlan, ...]
    schema: Order
    ignore: tuple[str, ...]
    variables: tuple[Variable, ...]
    served_models: tuple[str, ...]
    check: KeyCheck


def plan_for(choices: Choices, profile: GatewayProfile) -> Plan:
    """Return what a script has to do for these choices.

    Raises:
        ValueError: the scope is one terminal, which no script can change from outside.

    """
    scope = choices.target.scope
    if scope is Scope.TERMINAL:
        raise ValueError("a script cannot set the variables of the terminal that starts it")
    variables = environment(choices, profile)
    files = settings_files(choices, profile)
    return Plan(
        files=tuple(FilePlan(file.place, _keeper(file), _orders(file, choices, profile)) for file in files),
        schema=Order(_TOP, _SCHEMA, json.dumps(json.loads(files[0].text)[_SCHEMA]) if files else ""),
        ignore=tuple(
            f"{prefix}{line}" for line in (GITIGNORE_LINE, COMPANION_LINE) for prefix in _IGNORED_BELOW.get(scope, ())
        ),
        variables=variables if scope is Scope.STARTUP else (),
        served_models=tuple(
            dict.fromkeys((*_ALIASES, *choices.models, *map(_without_window, choices.models.values())))
        ),
        check=_key_check(choices, profile),
    )


def _keeper(file: NewFile) -> Keeper:
    if file.admin:
        return Keeper.ADMIN
    return Keeper.PRIVATE if file.private else Keeper.SHARED


def _orders(file: NewFile, choices: Choices, profile: GatewayProfile) -> tuple[Order, ...]:
    """The file's content as orders, and the removal of what would defeat it."""
    document: dict[str, object] = json.loads(file.text)
    orders: list[Order] = []
    for name, value in document.items():
        if isinstance(value, dict):
            orders += [Order(name, inner, json.dumps(setting)) for inner, setting in value.items()]
        elif name != _SCHEMA:
            orders.append(Order(_TOP, name, json.dumps(value)))
    planned = {order.name for order in orders if order.section == "env"}
    unwanted = [name for name in _unwanted(file, choices, profile) if name not in planned]
    return (*orders, *(Order("env", name) for name in dict.fromkeys(unwanted)))


def _unwanted(file: NewFile, choices: Choices, profile: GatewayProfile) -> list[str]:
    """The variables that must not stay under `env`.

    Everywhere: what leads past the gateway, headers and models of another gateway. In a shared file: the key. Beside
    a project's shared file: values that would win over it (measured: the local file is the stronger one).
    """
    variables = environment(choices, profile)
    names = [*_BYPASSES, "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_CUSTOM_HEADERS", *(tier.variable for tier in Tier)]
    if not file.private:
        names += [variable.name for variable in variables if is_private(variable, profile)]
    elif choices.target.scope is Scope.PROJECT:
        names += [variable.name for variable in variables if not is_private(variable, profile)]
    elif choices.target.scope is Scope.MANAGED:
        names = []
    return names


def _key_check(choices: Choices, profile: GatewayProfile) -> KeyCheck:
    """The request of `portal.gateway.outgoing`; `tests/scripts/apply/test_plan.py` compares the two."""
    model = _without_window(choices.models[choices.default_tier])
    headers = {"anthropic-version": "2023-06-01", "user-agent": "onboarding-portal-apply"}
    headers |= {name.lower(): value.replace(KEY_FIELD, PLACEHOLDER) for name, value in profile.headers.items()}
    headers |= {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity"}
    if profile.credential is CredentialScheme.BEARER:
        headers["authorization"] = f"Bearer {PLACEHOLDER}"
    else:
        headers["x-api-key"] = PLACEHOLDER
    body = {"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": "."}]}
    return KeyCheck(
        url=f"{profile.base_url}/v1/messages?beta=true",
        headers=tuple(headers.items()),
        body=json.dumps(body),
        model=model,
    )


def _without_window(model_id: str) -> str:
    return _ONE_MILLION.sub("", model_id.strip()).rstrip()
