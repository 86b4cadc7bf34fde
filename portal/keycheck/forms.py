"""Owns reading the key check's form (PURE): the key, what to ask with it, and the way back to the same set-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from portal.keys import CleanedKey, UnusableKey, parse_key
from portal.profile.model import CredentialScheme, GatewayProfile, Tier, Toggle
from portal.profile.model_ids import is_model_id
from portal.snippets.choice_fields import CREDENTIAL_FIELD, OPTION_FIELD, REGION_FIELD, Pairs, as_query, choices_among
from portal.snippets.targets import SHELLS, Platform, Shell

KEY_FIELD: Final = "key"
REHEARSAL_FIELD: Final = "rehearsal"


@dataclass(frozen=True, slots=True)
class KeyCheckForm:
    """A posted form.

    Attributes:
        key: the cleaned key, or why it is none.
        models: a model id for each tier of the profile.
        default_tier: the tier that an ordinary prompt of this set-up goes to.
        credential: the header that carries the key.
        region: the id of one of the profile's regions, or empty for its own address.
        rehearsal: whether the full rehearsal was asked for.
        toggles: the options of the set-up.
        choices: the choices by field name, without the key.

    """

    key: CleanedKey | UnusableKey
    models: Mapping[Tier, str]
    default_tier: Tier
    credential: CredentialScheme
    region: str
    rehearsal: bool
    toggles: frozenset[Toggle]
    platform: Platform
    shell: Shell
    choices: Pairs

    @property
    def query(self) -> str:
        """The choices as a query for the guide."""
        return as_query(self.choices)

    def with_choice(self, name: str, value: str, among: Pairs | None = None) -> Pairs:
        """The choices, or those `among` them, with `name` changed; `opt` is added to, because options add up."""
        start = self.choices if among is None else among
        return (*(pair for pair in start if pair[0] != name or name == OPTION_FIELD), (name, value))


def read_key_check(fields: Sequence[tuple[str, str]], profile: GatewayProfile) -> KeyCheckForm:
    """Read the form's fields; whatever is wrong with the choices falls back to the profile's."""
    values = dict(fields)
    tier = values.get("default", "")
    platform = _platform(values.get("os", ""))
    shell = values.get("shell", "")
    auth, region = (values.get(name, "").strip().lower() for name in (CREDENTIAL_FIELD, REGION_FIELD))
    return KeyCheckForm(
        key=parse_key(values.get(KEY_FIELD, "")),
        models=MappingProxyType({known: _model(known, values, profile) for known in profile.models}),
        default_tier=Tier(tier) if tier in {known.value for known in profile.models} else profile.default_tier,
        credential=CredentialScheme(auth) if auth in set(CredentialScheme) else profile.credential,
        region=region if region in {known.id for known in profile.regions} else "",
        rehearsal=values.get(REHEARSAL_FIELD) == "1",
        toggles=_toggles(fields, profile),
        platform=platform,
        shell=Shell(shell) if shell in SHELLS[platform] else SHELLS[platform][0],
        choices=choices_among(fields),
    )


def _toggles(fields: Sequence[tuple[str, str]], profile: GatewayProfile) -> frozenset[Toggle]:
    """The options that were given, as `guide.choices` reads them: none at all means the profile's."""
    given = {value.strip() for name, value in fields if name == OPTION_FIELD}
    return frozenset(toggle for toggle in Toggle if toggle in given) if given else profile.toggles


def _platform(value: str) -> Platform:
    return Platform(value) if value in set(Platform) else Platform.MACOS


def _model(tier: Tier, values: Mapping[str, str], profile: GatewayProfile) -> str:
    typed = values.get(tier.value, "")
    return typed if is_model_id(typed) else profile.models[tier].id
