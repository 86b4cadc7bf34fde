"""Where and with what the gateway is asked, for each choice of region and header."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.gateway.access import access_for
from portal.keys import ApiKey
from portal.profile.model import CredentialScheme, Region
from tests.gateway.conftest import make_profile

KEY = ApiKey("sk-0123456789abcdef")


def test_access_is_the_profiles_own_when_nothing_is_chosen() -> None:
    profile = replace(make_profile(), regions=(Region("eu", "Europe", "https://eu.example.com"),))
    access = access_for(profile, KEY)
    assert (access.base_url, access.credential, access.key) == (profile.base_url, profile.credential, KEY)
    assert access.headers == profile.headers


def test_access_follows_when_region_and_header_are_chosen() -> None:
    profile = replace(make_profile(), regions=(Region("eu", "Europe", "https://eu.example.com"),))
    access = access_for(profile, KEY, "eu", CredentialScheme.X_API_KEY)
    assert (access.base_url, access.credential) == ("https://eu.example.com", CredentialScheme.X_API_KEY)
    assert access.with_the_other_header().credential is CredentialScheme.BEARER


def test_access_goes_nowhere_else_when_the_region_is_unknown() -> None:
    with pytest.raises(KeyError):
        access_for(make_profile(), KEY, "https://evil.example")
