"""Owns which fields of a posted form are the visitor's choices, and the query that leads back to them.

The forms of the guide carry the choices along (`guide.views`), so that every answer can lead back to the same set-up.
It must not know what the values mean (`guide.choices` does).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlencode

from portal.profile.model import Tier

CREDENTIAL_FIELD: Final = "auth"
REGION_FIELD: Final = "region"
OPTION_FIELD: Final = "opt"
CHOICE_FIELDS: Final = frozenset(
    {
        *("os", "shell", "install", "scope", "default", "timeout_ms", "context_tokens", "lang"),
        *(CREDENTIAL_FIELD, REGION_FIELD, OPTION_FIELD),
        *(tier.value for tier in Tier),
    }
)
"""The names of the guide's fields; the key is none of them."""

_MAX_VALUE: Final = 200

Pairs = tuple[tuple[str, str], ...]


def choices_among(fields: Iterable[tuple[str, str]]) -> Pairs:
    """The choices among a form's fields, in their order; longer values than a field can hold are left out."""
    return tuple((name, value) for name, value in fields if name in CHOICE_FIELDS and len(value) <= _MAX_VALUE)


def as_query(choices: Sequence[tuple[str, str]]) -> str:
    """Choices as a query, without `?`."""
    return urlencode(choices, safe="/:@[]")
