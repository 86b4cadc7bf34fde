from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import ConsoleMessage, Page

from portal.app import create_app
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.real_parts.servers import serve

GATEWAY_SECONDS = 6.0
"""How long the portal waits for the gateway here: longer than it takes until the page explains the wait."""


@pytest.fixture(scope="session")
def portal_url() -> Iterator[str]:
    """The portal in front of the simulated gateway, served for real."""
    settings = Settings(key_checks_per_minute=10_000, key_checks_per_minute_in_total=10_000)
    with serve(create_fake_gateway(slow_seconds=60)) as gateway:
        profile = replace(load_profile("tokenbay"), base_url=gateway)
        with serve(create_app(settings, profile, client=GatewayClient(total_seconds=GATEWAY_SECONDS))) as url:
            yield url


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser's console complains about; nothing may be left when the test ends."""
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            heard.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


@pytest.fixture
def guide(page: Page, portal_url: str, complaints: list[str]) -> Page:
    """The guide for macOS and zsh, just opened."""
    page.goto(f"{portal_url}/?os=macos&shell=zsh")
    page.wait_for_function("window.htmx && !document.documentElement.classList.contains('no-js')")
    page.wait_for_selector("#choices[data-htmx-powered]", state="attached")
    return page
