"""Owns reading the key check's form (PURE): the key, the model to ask, and the way back to the same set-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from portal.keys import CleanedKey, UnusableKey, parse_key
from portal.profile.model import GatewayProfile, Tier
from portal.profile.model_ids import is_model_id

KEY_FIELD: Final = "key"
_CHOICE_FIELDS: Final = {"os", "shell", "install", "scope", "default", "timeout_ms", "opt", "lang"} | set(Tier)
_MAX_VALUE: Final = 200


@dataclass(frozen=True, slots=True)
class KeyCheckForm:
    """A posted form.

    Attributes:
        key: the cleaned key, or why it is none.
        model: the id of the model that an ordinary prompt of this set-up goes to.
        query: the choices as a query for the guide, without the key.

    """

    key: CleanedKey | UnusableKey
    model: str
    query: str


def read_key_check(fields: Sequence[tuple[str, str]], profile: GatewayProfile) -> KeyCheckForm:
    """Read the form's fields; whatever is wrong with the choices falls back to the profile's."""
    values = dict(fields)
    tier = values.get("default", "")
    chosen = Tier(tier) if tier in {known.value for known in profile.models} else profile.default_tier
    model = values.get(chosen.value, "")
    choices = [(name, value) for name, value in fields if name in _CHOICE_FIELDS and len(value) <= _MAX_VALUE]
    return KeyCheckForm(
        key=parse_key(values.get(KEY_FIELD, "")),
        model=model if is_model_id(model) else profile.models[chosen].id,
        query=urlencode(choices, safe="/:@[]"),
    )
