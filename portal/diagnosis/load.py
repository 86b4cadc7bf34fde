"""Owns reading `catalogue.toml` and joining it with a profile's own entries. The only module of this room with a file.

A catalogue with a problem never comes into being: the portal says all of them at its start and does not serve.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from portal.diagnosis.document import read_catalogue
from portal.diagnosis.model import Catalogue
from portal.errors import ProfileError
from portal.profile.help_tables import HelpTables, help_entries
from portal.profile.model import GatewayProfile, HelpEntries
from portal.profile.problems import sentences

CATALOGUE: Final = Path(__file__).with_name("catalogue.toml")


def load_catalogue(profile: GatewayProfile) -> Catalogue:
    """Return what the portal knows about what goes wrong, for this gateway.

    Raises:
        ProfileError: an entry of the profile (or of the catalogue) has problems; it carries all of them.

    """
    result = read_catalogue(_shipped(), profile)
    if isinstance(result, Catalogue):
        return result
    raise ProfileError(profile.slug, result)


def catalogue_problems(profile: GatewayProfile) -> tuple[str, ...]:
    """Return every problem of a profile's own entries as "place: what is wrong; remedy"; empty when there is none."""
    try:
        load_catalogue(profile)
    except ProfileError as error:
        return error.problems
    return ()


@cache
def _shipped() -> HelpEntries:
    document = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    try:
        return help_entries(HelpTables.model_validate(document))
    except ValidationError as error:
        raise ProfileError(CATALOGUE.name, sentences(error, HelpTables)) from error
