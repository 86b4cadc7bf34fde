"""The whole story: a newcomer opens the page in a real browser, copies, pastes into a real shell, and the real Claude
Code answers through a real LiteLLM in front of the simulated upstream.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.snippets.targets import Platform, Scope, Shell
from tests.story.terminal import open_terminal
from tests.story.visit import (
    ANSWER,
    LEFT_OVER,
    UPSTREAM_KEY,
    VISITORS_KEY,
    World,
    asking,
    choose,
    clean_environment,
    copied_from,
    verify,
)

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
        terminal.paste(copied_from(page, "undo", page.locator('[data-snippet="undo"]').count() - 1))
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
