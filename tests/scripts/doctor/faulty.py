"""Faulty homes, one fault each, and what the doctor has to name first: the ways to write them down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.scripts.doctor.homes import Prepared, settings

USER: Final = ".claude/settings.json"


@dataclass(frozen=True, slots=True)
class Faulty:
    """A home, the id of its fault, and the place that is to be named."""

    id: str
    place: str
    prepared: Prepared


def user_settings(env: dict[str, str] | None = None, **changes: str | None) -> Prepared:
    """A home whose own settings.json is good but for `changes`."""
    return Prepared({USER: settings(**changes)}, env or {})
