"""PURE: owns what a diagnosis is told beside the text: the visitor's set-up, the gateway, and the key check."""

from __future__ import annotations

from portal.diagnosis.answer import Known
from portal.profile.model import GatewayProfile, base_url_for
from portal.troubleshooting.forms import Carried
from portal.troubleshooting.views import Place

ACCEPTED = "none"
"""The value of the field `check` when the key check accepted the key: it found no cause."""


def known_of(place: Place, carried: Carried) -> Known:
    """What is known of this visitor."""
    choices, profile = place.setup.choices, place.profile
    given = place.setup.platform_given
    return Known(
        platform=choices.target.platform if given else None,
        shell=choices.target.shell if given else None,
        scope=choices.target.scope if given else None,
        credential=choices.credential,
        base_urls=_addresses(profile, choices.region),
        models=tuple(model.id for model in profile.offered()),
        key_check="" if carried.key_check == ACCEPTED else carried.key_check or None,
        client_version=carried.client or None,
    )


def _addresses(profile: GatewayProfile, region: str) -> tuple[str, ...]:
    """The addresses that are right: the chosen region's, or, when none is chosen, each that the gateway has."""
    others = () if region else tuple(other.base_url for other in profile.regions)
    return (base_url_for(profile, region), *others)
