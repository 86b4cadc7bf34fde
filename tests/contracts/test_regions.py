"""Every region renders alone, with one root that has the region's id."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from portal import paths
from tests.support.pages import parse, parse_region
from tests.support.portal import running_portal

REGION = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGE_BLOCKS = {"content", "title", "description", "help_query"}
"""Blocks of the page's frame; everything else is a region that htmx may ask for."""

REQUESTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "guide": ("GET", "/?os=windows&scope=project", {}),
    "diagnosis": ("POST", "/troubleshoot/diagnose", {"text": "API Error: 401 Invalid token", "os": "linux"}),
    "steps": ("POST", "/troubleshoot/rejected-401/remove-leftover-key", {"outcome": "not_resolved"}),
    "key_check": ("POST", "/key-check", {"key": "sk-demo-good"}),
    "verified": ("POST", "/journey/verified", {"os": "macos", "shell": "zsh"}),
}


def region_names() -> set[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in Path(paths.TEMPLATES).glob("*.html"))
    return set(re.findall(r"\{% block (\w+)", text)) - PAGE_BLOCKS


def test_every_region_is_asked_for_by_this_test() -> None:
    assert region_names() == set(REQUESTS)


@pytest.mark.anyio
@pytest.mark.parametrize("name", sorted(REQUESTS))
async def test_region_is_the_same_alone_and_in_its_page(name: str) -> None:
    method, path, data = REQUESTS[name]

    async def ask(portal: httpx.AsyncClient, headers: dict[str, str]) -> str:
        return (await portal.request(method, path, data=data or None, headers=headers)).text

    async with running_portal() as portal:
        alone = parse_region(await ask(portal, REGION))
        (inside,) = parse(await ask(portal, {})).cssselect(f"#{name.replace('_', '-')}")
    assert alone.get("id") == name.replace("_", "-")
    assert alone.tag == inside.tag
    seconds = r"[\d.]+ (?:s|ms)\b"
    assert re.sub(seconds, "", alone.text_content()).split() == re.sub(seconds, "", inside.text_content()).split()
