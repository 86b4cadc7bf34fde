"""Owns what one check is going to ask: the way to the gateway, and each model that the visitor's choices map. PURE.

Holds the key (inside `Access`), so never log it. It must not know how the gateway is asked (`run`) or what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.gateway.access import Access, access_for
from portal.gateway.stages import ClientShape
from portal.keycheck.forms import KeyCheckForm
from portal.keys import ApiKey
from portal.profile.model import GatewayProfile, Tier, Toggle

REHEARSED: Final = (ClientShape.CURRENT, ClientShape.OLDER)
"""The clients whose requests a rehearsal imitates, in this order; the second only when the first is answered."""

_ONE_MILLION: Final = "[1m]"


@dataclass(frozen=True, slots=True)
class MappedModel:
    """One model id and the tiers that the choices map to it."""

    id: str
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class OtherAddress:
    """A further address of the same gateway, to be measured; `region` is empty for the profile's own."""

    region: str
    name: str
    base_url: str


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """What is asked.

    Attributes:
        models: each once, the one that an ordinary prompt goes to first.
        other_addresses: the gateway's addresses that were not chosen.
        offered: the ids that the profile names, for a suggestion when one is unknown.
        lists_models: whether the gateway has a list of models at all.
        counts_tokens: whether it has `count_tokens`.
        rehearsal: whether the visitor asked for the full rehearsal.
        toggles: the options of the set-up, which the rehearsal has to have as well.
        named: the model of ordinary prompts as the choices name it, if that is another spelling than its id.

    """

    access: Access
    models: tuple[MappedModel, ...]
    offered: tuple[str, ...]
    other_addresses: tuple[OtherAddress, ...] = ()
    lists_models: bool = True
    counts_tokens: bool = True
    rehearsal: bool = False
    toggles: frozenset[Toggle] = frozenset()
    named: str = ""

    @property
    def default_model(self) -> MappedModel:
        """The model that an ordinary prompt goes to."""
        return self.models[0]

    @property
    def asked_for(self) -> str:
        """How the choices name that model: with `[1m]`, if they do."""
        return self.named or self.default_model.id

    def with_the_other_header(self) -> Access:
        """The same way, with the key in the other header."""
        return self.access.with_the_other_header()


def plan_check(form: KeyCheckForm, key: ApiKey, profile: GatewayProfile) -> CheckPlan:
    """The plan for a form that was read with this profile and a key that is one."""
    addresses = (
        OtherAddress("", profile.name, profile.base_url),
        *(OtherAddress(region.id, region.name, region.base_url) for region in profile.regions),
    )
    return CheckPlan(
        access=access_for(profile, key, form.region, form.credential),
        models=_mapped(form),
        offered=tuple(model.id for model in profile.offered()),
        other_addresses=tuple(address for address in addresses if address.region != form.region),
        lists_models=profile.endpoints.models,
        counts_tokens=profile.endpoints.count_tokens,
        rehearsal=form.rehearsal,
        toggles=form.toggles,
        named=form.models[form.default_tier],
    )


def _mapped(form: KeyCheckForm) -> tuple[MappedModel, ...]:
    """Each id once, as it goes over the wire: the client takes a `[1m]` off."""
    tiers = (form.default_tier, *(tier for tier in form.models if tier is not form.default_tier))
    found: dict[str, tuple[Tier, ...]] = {}
    for tier in tiers:
        sent = form.models[tier].removesuffix(_ONE_MILLION)
        found[sent] = (*found.get(sent, ()), tier)
    return tuple(MappedModel(id_, of) for id_, of in found.items())
