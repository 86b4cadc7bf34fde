"""PURE: owns the fields that the catalogue's sentences and values may hold, and fills them for one visitor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from portal.diagnosis.actions import File
from portal.profile.model import GatewayProfile, Tier, base_url_for
from portal.snippets.choices import Choices
from portal.snippets.places import (
    LOCAL_SETTINGS,
    PROJECT_SETTINGS,
    USER_SETTINGS,
    Base,
    Place,
    managed_settings,
    shown_path,
)
from portal.snippets.targets import Scope
from portal.words import Text

FIELDS: Final = (
    "gateway", "base_url", "host", "variable", "other_variable", "path", "user_path",
    "model", "tier", "opus", "sonnet", "haiku",
)  # fmt: skip
"""What stands between braces in `catalogue.toml` and in an operator's own entries."""

_FIELD: Final = re.compile(r"\{(\w*)\}")
_CLIENT_STATE: Final = Place(Base.HOME, (".claude.json",))


def fill(text: Text, choices: Choices, profile: GatewayProfile) -> Text:
    """The sentence for this visitor; a sentence without fields stays as it is."""
    named = set(_FIELD.findall(text.msgid))
    if not named:
        return text
    values = values_for(choices, profile)
    return Text(text.msgid, tuple(sorted((name, values[name]) for name in named)))


def fill_value(value: str, choices: Choices, profile: GatewayProfile) -> str:
    """A value of an action for this visitor."""
    values = values_for(choices, profile)
    return _FIELD.sub(lambda match: values[match[1]], value)


def values_for(choices: Choices, profile: GatewayProfile) -> Mapping[str, str]:
    """What each of `FIELDS` stands for."""
    platform = choices.target.platform
    base_url = base_url_for(profile, choices.region)
    return {
        "gateway": profile.name,
        "base_url": base_url,
        "host": urlsplit(base_url).hostname or base_url,
        "variable": choices.credential.variable,
        "other_variable": choices.credential.other_variable,
        "path": shown_path(place_of(File.OWN, choices), platform),
        "user_path": shown_path(USER_SETTINGS, platform),
        "model": choices.models[choices.default_tier],
        "tier": choices.default_tier.value,
        "opus": choices.models[Tier.OPUS],
        "sonnet": choices.models[Tier.SONNET],
        "haiku": choices.models[Tier.HAIKU],
    }


def place_of(file: File, choices: Choices) -> Place:
    """The file that an action means. A shared file is left alone: what a person tries goes to their private one."""
    match file:
        case File.OWN:
            mine = choices.target.scope in {Scope.LOCAL, Scope.PROJECT}
            return LOCAL_SETTINGS if mine else USER_SETTINGS
        case File.USER:
            return USER_SETTINGS
        case File.STATE:
            return _CLIENT_STATE
        case File.PROJECT:
            return PROJECT_SETTINGS
        case File.LOCAL:
            return LOCAL_SETTINGS
        case File.MANAGED:
            return managed_settings(choices.target.platform)


def brace_problem(text: str) -> str | None:
    """What is wrong with the braces of a sentence or value: an unknown field, or a brace that is none."""
    unknown = [name for name in _FIELD.findall(text) if name not in FIELDS]
    if unknown:
        return f"{{{unknown[0]}}} is not known; use one of: {', '.join(FIELDS)}"
    if set("{}") & set(_FIELD.sub("", text)):
        return "has a brace that belongs to no field; remove it"
    return None
