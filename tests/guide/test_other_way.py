"""A header, a region, a window and what is left out: chosen on the page, and in everything that the page offers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from portal.guide.explanations import RARE_TOGGLE_LABELS, TOGGLE_LABELS
from portal.keys import PLACEHOLDER
from portal.profile.load import load_profile
from portal.profile.model import GatewayProfile, Region, Toggle
from tests.support.pages import labelled, one, parse, snippet, words
from tests.support.portal import running_portal

pytestmark = pytest.mark.anyio

EU = "https://eu.example.com"
WAY = "region=eu&auth=x-api-key"
SETTINGS = {"ANTHROPIC_BASE_URL": EU, "ANTHROPIC_API_KEY": PLACEHOLDER, "ANTHROPIC_AUTH_TOKEN": ""}


@pytest.fixture
def profile() -> GatewayProfile:
    regions = (Region("eu", "Europe <1>", EU), Region("us", "America", "https://us.example.com"))
    return replace(load_profile("tokenbay"), regions=regions)


@pytest.fixture
async def regional(profile: GatewayProfile) -> AsyncIterator[httpx.AsyncClient]:
    async with running_portal(profile) as client:
        yield client


async def test_page_follows_when_header_and_region_are_chosen(regional: httpx.AsyncClient) -> None:
    page = parse((await regional.get(f"/?os=linux&{WAY}")).text)
    assert words(one(page, '[name="region"] [selected]')) == "Europe <1>"
    assert words(one(page, '[name="auth"] [selected]')) == "x-api-key"
    assert EU in words(one(page, ".summary"))
    lines = [words(line) for line in page.cssselect('[data-snippet="verify"] ~ *, .expect li')]
    assert {f"Anthropic base URL: {EU}", "API key: ANTHROPIC_API_KEY"} <= set(lines)
    assert f"{WAY}" in snippet(page, "apply")
    assert f"/doctor.sh?{WAY}" in snippet(page, "doctor")
    assert f"&{WAY}" in one(page, "[data-copy-link]").get("href")
    pairs = {field.get("name"): field.get("value") for field in page.cssselect("#key-check-form input")}
    assert (pairs["region"], pairs["auth"]) == ("eu", "x-api-key")
    assert one(page, "#fold-rare").get("open") is not None


async def test_pickers_offer_every_region_when_there_are_some(
    regional: httpx.AsyncClient, portal: httpx.AsyncClient
) -> None:
    page = parse((await regional.get("/")).text)
    offered = [(option.get("value"), words(option)) for option in page.cssselect('[name="region"][form] option')]
    assert offered == [("", "Usual address"), ("eu", "Europe <1>"), ("us", "America")]
    assert not page.cssselect('[name="region"] [selected]')
    plain = parse((await portal.get("/")).text)
    assert not plain.cssselect("select[name=region]")
    assert one(plain, "#fold-rare").get("open") is None


async def test_files_and_scripts_follow_when_header_and_region_are_chosen(regional: httpx.AsyncClient) -> None:
    document = json.loads((await regional.get(f"/settings.json?{WAY}")).content)
    assert document["env"] | SETTINGS == document["env"]
    for path in ("/guide.md", "/guide.txt"):
        text = (await regional.get(f"{path}?{WAY}")).text
        assert f"Anthropic base URL: {EU}" in text
        assert "API key: ANTHROPIC_API_KEY" in text
        assert load_profile("tokenbay").base_url not in text
    for path in ("/apply.sh?os=linux&", "/apply.ps1?os=windows&", "/doctor.sh?", "/doctor.ps1?"):
        chosen, usual = (await regional.get(f"{path}{WAY}")).text, (await regional.get(path)).text
        assert EU in chosen
        assert EU not in usual
        assert load_profile("tokenbay").base_url not in chosen


async def test_download_says_why_when_header_or_region_is_unknown(portal: httpx.AsyncClient) -> None:
    for query in ("auth=basic", "region=eu", "context_tokens=many"):
        answer = await portal.get(f"/settings.json?{query}")
        assert (answer.status_code, answer.text.strip()[-1]) == (422, ".")


async def test_doctor_is_the_usual_one_when_nothing_else_is_chosen(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.get("/?os=linux")).text)
    assert "doctor.sh?" not in snippet(page, "doctor")


async def test_typed_window_is_kept_beside_its_field_when_it_is_refused(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.get("/?context_tokens=128k")).text)
    field = labelled(page, "Window of an unknown model, in tokens")
    assert (field.get("value"), field.get("aria-invalid")) == ("128k", "true")
    assert "notice-context_tokens" in field.get("aria-describedby").split()
    assert not page.cssselect("#notices #notice-context_tokens")
    assert {one(page, f"#{fold}").get("open") is None for fold in ("fold-options", "fold-rare")} == {False}


async def test_every_option_is_offered_once_and_set_when_it_is_chosen(portal: httpx.AsyncClient) -> None:
    page = parse((await portal.get("/")).text)
    offered = [box.get("value") for box in page.cssselect('[type="checkbox"][name="opt"]')]
    assert offered == [*TOGGLE_LABELS, *RARE_TOGGLE_LABELS]
    assert set(offered) == set(Toggle)
    rare = one(page, "#fold-rare")
    assert [box.get("value") for box in rare.cssselect('[type="checkbox"]')] == list(RARE_TOGGLE_LABELS)
    page = parse((await portal.get("/?opt=no-thinking&opt=no-attribution")).text)
    assert [box.get("value") for box in page.cssselect("[name=opt][checked]")] == ["no-thinking", "no-attribution"]
    assert one(page, "#fold-rare").get("open") is not None
    assert '"CLAUDE_CODE_ATTRIBUTION_HEADER": "0"' in snippet(page, "file")


async def test_assistants_are_told_the_regions_when_there_are_some(
    regional: httpx.AsyncClient, portal: httpx.AsyncClient
) -> None:
    assert "region=eu|us" in (await regional.get("/llms.txt")).text
    assert "region=" not in (await portal.get("/llms.txt")).text
