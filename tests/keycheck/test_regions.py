"""A gateway with several addresses: each is measured over real sockets, and the fastest that takes the key proposed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from portal.app import create_app
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.profile.model import GatewayProfile, Region
from portal.settings import Settings
from tests.real_parts.servers import serve
from tests.support.gateways import far_away
from tests.support.pages import parse

pytestmark = pytest.mark.anyio

KEY = "sk-of-the-regions"


@pytest.fixture(scope="module")
def profile() -> Iterator[GatewayProfile]:
    """Its own address is slow, `near` is quick, `other` is quicker and does not know the key, `gone` is closed."""
    with ExitStack() as servers:
        usual = servers.enter_context(serve(far_away(create_fake_gateway(accepted_keys=[KEY]), 0.5)))
        near = servers.enter_context(serve(far_away(create_fake_gateway(accepted_keys=[KEY]), 0.1)))
        other = servers.enter_context(serve(create_fake_gateway()))
        with serve(create_fake_gateway()) as gone:
            pass
        yield replace(
            load_profile("tokenbay"),
            base_url=usual,
            regions=(Region("other", "Other", other), Region("near", "Near you", near), Region("gone", "Gone", gone)),
        )


async def presses(profile: GatewayProfile, region: str) -> tuple[str | None, list[tuple[str, str]]]:
    """The verdict, and each press with the query that it leads to."""
    with serve(create_app(Settings(), profile)) as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            answer = await client.post("/key-check", data={"key": KEY, "os": "linux", "region": region})
    page = parse(answer.text)
    links = page.cssselect("#key-check .verdict-actions a[data-use]")
    found = [(link.text_content().strip(), link.get("href")) for link in links]
    return page.cssselect("#key-check")[0].get("data-verdict"), found


async def test_fastest_address_that_accepts_the_key_is_proposed(profile: GatewayProfile) -> None:
    assert await presses(profile, "") == ("accepted", [("Use Near you", "/?os=linux&region=near#step-key")])


async def test_nothing_is_proposed_when_the_chosen_address_is_the_fastest(profile: GatewayProfile) -> None:
    assert await presses(profile, "near") == ("accepted", [])


async def test_working_address_is_proposed_when_the_chosen_one_is_gone(profile: GatewayProfile) -> None:
    assert await presses(profile, "gone") == ("unreachable", [("Use Near you", "/?os=linux&region=near#step-key")])
