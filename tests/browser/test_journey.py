"""What the guide tells the portal about itself, in a real browser, read back from the database."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.app import create_app
from portal.gateway.client import GatewayClient
from portal.gateway.fake import create_fake_gateway
from portal.profile.load import load_profile
from portal.settings import Settings
from tests.browser.doing import choose, copy, paste
from tests.real_parts.browser import NewContext
from tests.real_parts.servers import serve

pytestmark = pytest.mark.real("chromium")

WAIT_SECONDS = 15.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "portal.db"


class LossyProxy:
    """Passes requests on, and loses the portal's answers to the next `to_lose` posts to `/journey`.

    While `holding`, a post waits before the portal gets it.
    """

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.holding = False
        self.held = 0
        self.to_lose = 0
        self.lost: list[int] = []
        self.passed: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app
        if scope["type"] != "http" or scope["path"] != "/journey":
            await self.app(scope, receive, send)
            return
        self.held += self.holding
        while self.holding:  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.01)
        losing = self.to_lose > 0
        self.to_lose -= losing

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                (self.lost if losing else self.passed).append(message["status"])
            if not losing:
                await send(message)

        await self.app(scope, receive, note)
        if losing:
            await PlainTextResponse("bad gateway", 502)(scope, receive, send)


@pytest.fixture
def proxy() -> LossyProxy:
    return LossyProxy()


@pytest.fixture
def recorder_url(file: Path, proxy: LossyProxy) -> Iterator[str]:
    client = GatewayClient(transport=httpx.ASGITransport(create_fake_gateway()))
    settings = Settings.model_validate({"database_url": f"sqlite:///{file}"})
    proxy.app = create_app(settings, load_profile("tokenbay"), client=client)
    with serve(proxy) as url:
        yield url


def events(file: Path) -> list[tuple[str, str | None, str | None, str | None]]:
    with sqlite3.connect(file) as connection:
        found = connection.execute("SELECT kind, target, platform, shell FROM journey_event ORDER BY at, kind")
        return [tuple(row) for row in found]


def wait_for(file: Path, kind: str, count: int = 1) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while [row[0] for row in events(file)].count(kind) < count:
        assert time.monotonic() < deadline, events(file)
        time.sleep(0.05)


def open_guide(page: Page, url: str) -> None:
    page.goto(f"{url}/?os=macos&shell=zsh", wait_until="networkidle")
    page.wait_for_selector("#choices[data-htmx-powered]", state="attached")


def test_story_of_a_visit_is_recorded_in_words(page: Page, recorder_url: str, file: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_guide(page, recorder_url)
    paste(page, "sk-canary-key-0123456789")
    choose(page, "shell", "bash")
    copy(page, "install-1")
    page.get_by_role("button", name="It works: claude answered").click()
    expect(page.locator("[data-verified=passed]")).to_have_count(1)
    wait_for(file, "copied")
    wait_for(file, "machine_chosen")
    found = events(file)
    assert found[0] == ("opened", None, "macos", "zsh")
    assert ("machine_chosen", None, "macos", "bash") in found
    assert ("copied", "install", "macos", "bash") in found
    assert ("verified", None, "macos", "bash") in found
    assert len({row[0] for row in sqlite3.connect(file).execute("SELECT journey_id FROM journey_event")}) == 1
    assert b"canary" not in b"".join(path.read_bytes() for path in file.parent.glob("portal.db*"))
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("journey", True, "Lax")
    choose(page, "scope", "project")
    expect(page.get_by_role("button", name="It works: claude answered")).to_be_visible()


def test_looking_sets_no_cookie_and_sends_nothing(page: Page, recorder_url: str, file: Path) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    open_guide(page, recorder_url)
    page.wait_for_timeout(2500)
    assert set(sent) == {"GET"}
    assert page.context.cookies() == []
    assert events(file) == []


def test_visit_begins_with_the_first_move_when_the_page_was_open_for_long(
    page: Page, recorder_url: str, file: Path
) -> None:
    open_guide(page, recorder_url)
    page.wait_for_timeout(2000)
    before = time.time_ns() // 1_000_000
    page.mouse.click(5, 5)
    wait_for(file, "opened")
    with sqlite3.connect(file) as connection:
        ((at,),) = connection.execute("SELECT at FROM journey_event WHERE kind = 'opened'")
    assert at >= before - 500


def test_help_page_does_not_say_that_the_guide_was_opened(page: Page, recorder_url: str, file: Path) -> None:
    page.goto(f"{recorder_url}/troubleshoot?os=macos&shell=zsh", wait_until="networkidle")
    page.mouse.click(5, 5)
    page.locator('a[href^="/troubleshoot/rejected-401"]').first.click()
    wait_for(file, "help_opened")
    assert {row[0] for row in events(file)} == {"help_opened"}


def test_command_that_is_copied_in_the_help_takes_nobody_through_the_guide(
    page: Page, recorder_url: str, file: Path
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{recorder_url}/troubleshoot/command-not-found?os=linux&shell=bash", wait_until="networkidle")
    for button in page.locator("#steps [data-copy]").all():
        if button.is_visible():
            button.click()
    expect(page.locator("#announcer")).not_to_be_empty()
    wait_for(file, "copied")
    assert {row[:2] for row in events(file)} == {("copied", "step")}
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT opened_at, taken_at FROM journey").fetchall() == [(None, None)]


def test_guide_was_opened_when_help_is_pressed_without_a_pointer(page: Page, recorder_url: str, file: Path) -> None:
    """As voice control and screen readers do: a click comes, and nothing before it."""
    open_guide(page, recorder_url)
    page.locator('a[data-help], a[href^="/troubleshoot"]').first.evaluate("(link) => link.click()")
    wait_for(file, "help_opened")
    assert {row[0] for row in events(file)} == {"opened", "help_opened"}


def test_nothing_is_sent_when_the_browser_asks_for_privacy(
    new_context: NewContext, recorder_url: str, file: Path
) -> None:
    page = new_context().new_page()
    page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { get: () => true })")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    open_guide(page, recorder_url)
    choose(page, "shell", "bash")
    page.mouse.click(5, 5)
    page.wait_for_timeout(2500)
    assert posts == []
    assert events(file) == []


def test_events_arrive_once_when_the_answers_got_lost(
    page: Page, recorder_url: str, file: Path, proxy: LossyProxy
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_guide(page, recorder_url)
    page.mouse.click(5, 5)
    wait_for(file, "opened")
    page.wait_for_timeout(300)  # the answer brings the cookie
    proxy.to_lose = 2
    copy(page, "install-1")
    deadline = time.monotonic() + WAIT_SECONDS
    while len(proxy.passed) < 2:
        assert time.monotonic() < deadline, (proxy, events(file))
        page.wait_for_timeout(100)
    assert (proxy.to_lose, proxy.lost) == (0, [200, 200])
    assert [row[0] for row in events(file)] == ["opened", "copied"]
    assert page.locator(".now").count() == 0  # nothing is said about it


def test_leaving_sends_what_is_left(page: Page, recorder_url: str, file: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_guide(page, recorder_url)
    copy(page, "install-1")
    page.goto("about:blank")
    wait_for(file, "copied")


def test_leaving_sends_what_is_left_when_the_first_post_is_still_under_way(
    page: Page, recorder_url: str, file: Path, proxy: LossyProxy
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_guide(page, recorder_url)
    proxy.holding = True
    copy(page, "install-1")
    deadline = time.monotonic() + WAIT_SECONDS
    while not proxy.held:
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)
    page.goto("about:blank")
    while proxy.held < 2:
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)
    proxy.holding = False
    wait_for(file, "copied")
    assert sorted(row[0] for row in events(file)) == ["copied", "opened"]  # the post that was held says its age late
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM journey").fetchone() == (1,)


@pytest.mark.parametrize("says", ["It works: claude answered", "Check key"])
def test_form_belongs_to_the_visit_when_the_first_post_is_still_under_way(
    page: Page, recorder_url: str, file: Path, proxy: LossyProxy, says: str
) -> None:
    """Both posts are without a cookie: the guide's script tells the form which visit it belongs to."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_guide(page, recorder_url)
    page.get_by_label("Paste your TokenBay key").evaluate("(field) => { field.value = 'sk-demo-good-0123456789'; }")
    proxy.holding = True
    page.get_by_role("button", name=says).click()
    wait_for(file, "verified" if says.startswith("It works") else "key_check_finished")
    proxy.holding = False
    wait_for(file, "opened")
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM journey").fetchone() == (1,)
