"""Owns where and with what the gateway is asked on behalf of a visitor. PURE; holds the key, so never log it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portal.keys import ApiKey
from portal.profile.model import CredentialScheme, GatewayProfile, base_url_for


@dataclass(frozen=True, slots=True)
class Access:
    """One way to the gateway.

    Attributes:
        base_url: without a trailing slash; always one of the profile's, never the visitor's.
        credential: the header that carries the key.
        headers: custom headers, where `{key}` stands for the key.

    """

    base_url: str
    credential: CredentialScheme
    headers: Mapping[str, str]
    key: ApiKey

    def with_the_other_header(self) -> Access:
        """The same, with the key in the other header."""
        return replace(
            self,
            credential=CredentialScheme.X_API_KEY
            if self.credential is CredentialScheme.BEARER
            else CredentialScheme.BEARER,
        )


def access_for(
    profile: GatewayProfile, key: ApiKey, region: str = "", credential: CredentialScheme | None = None
) -> Access:
    """The way of a set-up with these choices; without them the profile's own.

    Args:
        profile: the gateway.
        key: the visitor's key.
        region: `Choices.region`, the id of one of the profile's regions or empty.
        credential: `Choices.credential`, or None for the profile's.

    Raises:
        KeyError: the profile has no such region.

    """
    return Access(base_url_for(profile, region), credential or profile.credential, profile.headers, key)
