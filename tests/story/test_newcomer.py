"""The whole story: a newcomer opens the page in a real browser, copies, pastes into a real shell, and the real Claude
Code answers through a real LiteLLM in front of the simulated upstream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.app import create_app
from portal.gateway.fake import create_fake_gateway
from portal.gateway.request_log import RequestLog
from portal.profile.load import load_profile
from portal.profile.model import GatewayProfile
from portal.settings import Settings
from portal.snippets.targets import Platform, Scope, Shell
from tests.real_parts.claude import CLEAN_ENVIRONMENT
from tests.real_parts.litellm import start_litellm
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import serve
from tests.story.terminal import Terminal, open_terminal

UPSTREAM_KEY = "sk-upstream-0123456789"
VISITORS_KEY = "sk-visitor-+~/.=_Az09"
LEFT_OVER = "sk-left-over-old-key"
ANSWER = "connected"


@dataclass(frozen=True)
class World:
    """The portal's address, and what the upstream behind LiteLLM saw."""

    portal: str
    gateway: str
    upstream: RequestLog


def profile_for(address: str) -> GatewayProfile:
    return replace(load_profile("tokenbay"), name="LiteLLM", base_url=address)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    log = RequestLog()
    upstream = create_fake_gateway(accepted_keys=[UPSTREAM_KEY], reply=ANSWER, log=log)
    folder = tmp_path_factory.mktemp("litellm")
    with (
        serve(upstream) as upstream_url,
        start_litellm(upstream_url, folder=folder, key=VISITORS_KEY, upstream_key=UPSTREAM_KEY) as litellm,
        serve(create_app(Settings(key_checks_per_minute=10_000), profile_for(litellm.url))) as portal,
    ):
        yield World(portal, litellm.url, log)


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same without LiteLLM between, so that the log shows the credentials that the client sends."""
    del tmp_path_factory
    log = RequestLog()
    with (
        serve(create_fake_gateway(accepted_keys=[VISITORS_KEY], reply=ANSWER, log=log)) as gateway,
        serve(create_app(Settings(), profile_for(gateway))) as portal,
    ):
        yield World(portal, gateway, log)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path


def copied_from(page: Page, kind: str, index: int = 0) -> str:
    """Press the copy button of a block and return what is on the clipboard."""
    block = page.locator(f'[data-snippet="{kind}"]').nth(index)
    button = page.locator(f'[data-copy="{block.get_attribute("id")}"]')
    if not button.is_visible():
        button.evaluate(
            "element => { for (let e = element; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true }"
        )
    button.click()
    expect(page.locator("#announcer")).not_to_be_empty()
    return str(page.evaluate("navigator.clipboard.readText()"))


def choose(page: Page, world: World, platform: Platform, shell: Shell, scope: Scope) -> None:
    """Open the guide and choose as a visitor does, with the pickers."""
    page.goto(world.portal)
    for name, value in (("os", platform), ("shell", shell), ("scope", scope)):
        page.locator(f'select[name="{name}"]').select_option(value)
        page.wait_for_function(
            "([name, value]) => new URLSearchParams(location.search).get(name) === value || "
            "document.querySelector(`select[name=${name}]`).value === value",
            arg=[name, value],
        )
        page.wait_for_load_state("networkidle")


def clean_environment(*parts: str, **more: str) -> dict[str, str]:
    """What `env -i` leaves, and the real client on the search path."""
    folders = [str(real_part(part).path.parent) for part in parts]
    return {**CLEAN_ENVIRONMENT, "PATH": ":".join([*folders, CLEAN_ENVIRONMENT["PATH"]]), **more}


def asking(commands: list[str]) -> int:
    """Which of the verify blocks sends a question through the gateway."""
    return next(index for index, command in enumerate(commands) if command.startswith("claude -p"))


def verify(page: Page, terminal: Terminal, world: World) -> None:
    """Run the page's own checks and compare with the lines that the page promises."""
    commands = page.locator('[data-snippet="verify"]').all_inner_texts()
    if "claude auth status --text" in commands:
        index = commands.index("claude auth status --text")
        status = terminal.paste(copied_from(page, "verify", index))
        promised = (
            page.locator('figure:has([data-snippet="verify"]) .expect').nth(index).locator("li").all_inner_texts()
        )
        assert f"Anthropic base URL: {world.gateway}" in promised
        for line in promised:
            assert line.strip() in status
    answer = terminal.paste(copied_from(page, "verify", asking(commands)), timeout=120)
    assert re.search(rf"(?m)^{ANSWER}\s*$", answer), answer


JOURNEYS = [
    *((Platform.LINUX, Shell.BASH, scope) for scope in (Scope.USER, Scope.STARTUP, Scope.PROJECT)),
    *((Platform.MACOS, Shell.ZSH, scope) for scope in (Scope.USER, Scope.STARTUP, Scope.PROJECT)),
    *((Platform.LINUX, Shell.FISH, scope) for scope in (Scope.USER, Scope.STARTUP, Scope.PROJECT)),
    (Platform.MACOS, Shell.BASH, Scope.STARTUP),
    (Platform.WSL, Shell.BASH, Scope.TERMINAL),
    (Platform.WINDOWS, Shell.GIT_BASH, Scope.USER),
]


@pytest.mark.real("chromium", "claude", "litellm", "zsh", "fish")
@pytest.mark.parametrize(("platform", "shell", "scope"), JOURNEYS, ids=["-".join(journey) for journey in JOURNEYS])
def test_claude_answers_when_a_newcomer_follows_the_page(
    world: World, page: Page, home: Path, platform: Platform, shell: Shell, scope: Scope
) -> None:
    project = home / "project"
    login = platform is Platform.MACOS and shell is Shell.BASH
    environment = clean_environment("claude")
    choose(page, world, platform, shell, scope)
    page.get_by_role("textbox", name=re.compile("key", re.IGNORECASE)).first.fill(f"  {VISITORS_KEY}\n")
    page.get_by_role("button", name="Check key").click()
    expect(page.locator("#key-check")).to_have_attribute("data-verdict", "accepted", timeout=30_000)
    world.upstream.clear()
    with open_terminal(shell, home=home, cwd=project, env=environment, login=login) as terminal:
        terminal.paste(copied_from(page, "configure"))
        if scope is Scope.TERMINAL:
            verify(page, terminal, world)
    if scope is not Scope.TERMINAL:
        with open_terminal(shell, home=home, cwd=project, env=environment, login=login) as fresh:
            verify(page, fresh, world)
    asked = world.upstream.messages()
    assert {seen.model for seen in asked} == {"claude-sonnet-4.6"}
    assert {tuple(seen.credentials.items()) for seen in asked} == {(("x-api-key", UPSTREAM_KEY[-4:]),)}
    with open_terminal(shell, home=home, cwd=project, env=environment, login=login) as terminal:
        terminal.paste(copied_from(page, "undo"))
        assert "base URL" not in terminal.paste("claude auth status --text")


@pytest.mark.real("chromium", "claude", "claude-old", "zsh", "fish")
@pytest.mark.parametrize("part", ["claude", "claude-old"])
@pytest.mark.parametrize("scope", [Scope.USER, Scope.STARTUP, Scope.PROJECT])
@pytest.mark.parametrize("shell", [Shell.BASH, Shell.ZSH, Shell.FISH])
def test_only_the_intended_credential_is_sent_when_an_old_key_is_left_over(
    direct: World, page: Page, home: Path, shell: Shell, scope: Scope, part: str
) -> None:
    if scope is Scope.STARTUP and shell is Shell.FISH:
        # A variable that fish inherits hides a universal one in that window; the page says so.
        environment = clean_environment(part)
    else:
        environment = clean_environment(part, ANTHROPIC_API_KEY=LEFT_OVER)
    choose(page, direct, Platform.LINUX, shell, scope)
    page.get_by_role("textbox", name=re.compile("key", re.IGNORECASE)).first.fill(VISITORS_KEY)
    text = copied_from(page, "configure")
    question = copied_from(page, "verify", asking(page.locator('[data-snippet="verify"]').all_inner_texts()))
    direct.upstream.clear()
    with open_terminal(shell, home=home, cwd=home / "project", env=environment) as terminal:
        terminal.paste(text)
    with open_terminal(shell, home=home, cwd=home / "project", env=environment) as fresh:
        assert ANSWER in fresh.paste(question, timeout=120)
    asked = direct.upstream.messages()
    assert {seen.model for seen in asked} == {"claude-sonnet-4.6"}
    assert {tuple(seen.credentials.items()) for seen in asked} == {(("authorization", VISITORS_KEY[-4:]),)}
