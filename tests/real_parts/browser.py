"""Chromium through Playwright: one browser for the whole run, a fresh context for each test.

Playwright's synchronous interface keeps an event loop half-way through its run, which would forbid every other
`asyncio.run` of the session. The loop is therefore set aside while no test uses the browser. A test that does use it
cannot also run coroutines in its own thread: give it a server by `tests.real_parts.servers.serve` instead.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.real_parts.plugin import real_part

NewContext = Callable[..., BrowserContext]

_QUIET: Final = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
_CLIPBOARD: Final = ["clipboard-read", "clipboard-write"]


@pytest.fixture(scope="session")
def _chromium() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    chromium = real_part("chromium").path
    with sync_playwright() as playwright:
        loop = asyncio.get_running_loop()
        running = playwright.chromium.launch(
            executable_path=chromium,
            chromium_sandbox=os.geteuid() != 0,
            args=_QUIET,
        )
        _set_aside()
        yield running, loop
        _take_up(loop)
        running.close()


@pytest.fixture
def browser(_chromium: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """The running Chromium."""
    running, loop = _chromium
    _take_up(loop)
    yield running
    _set_aside()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Opens fresh contexts with the given options of Playwright (`viewport`, `color_scheme`, `java_script_enabled`, …).

    The clipboard may be read and written unless `permissions` says otherwise; all contexts are closed after the test.
    """
    opened: list[BrowserContext] = []

    def open_context(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"permissions": _CLIPBOARD, "locale": "en-GB", **options})
        opened.append(context)
        return context

    yield open_context
    for context in reversed(opened):
        context.close()


@pytest.fixture
def context(new_context: NewContext) -> BrowserContext:
    """A fresh context: no cookie, no storage, clipboard allowed."""
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A fresh page in a fresh context."""
    return context.new_page()


def _set_aside() -> None:
    asyncio.events._set_running_loop(None)


def _take_up(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.events._set_running_loop(loop)
