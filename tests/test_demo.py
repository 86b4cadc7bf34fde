from __future__ import annotations

from dataclasses import replace

from portal.demo import demo_profile
from portal.profile.load import load_profile
from portal.profile.model import Region, base_url_for


def test_demo_leads_to_the_simulated_gateway_in_every_region() -> None:
    regions = (Region("eu", "Europe", "https://eu.example.com"), Region("us", "America", "https://us.example.com"))
    demo = demo_profile(replace(load_profile("tokenbay"), regions=regions), "http://127.0.0.1:1234")
    addresses = {base_url_for(demo, region) for region in ("", "eu", "us")}
    assert addresses == {"http://127.0.0.1:1234"}
