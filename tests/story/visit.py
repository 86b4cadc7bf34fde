"""What the stories share: the keys, the world around a visitor, and what a visitor does on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from playwright.sync_api import Page, expect

from portal.gateway.request_log import RequestLog
from portal.profile.load import load_profile
from portal.profile.model import GatewayProfile
from portal.snippets.targets import Platform, Scope, Shell
from tests.browser.doing import clipboard
from tests.real_parts.claude import CLEAN_ENVIRONMENT
from tests.real_parts.plugin import real_part
from tests.story.terminal import Terminal

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


def copied_from(page: Page, kind: str, index: int = 0) -> str:
    """Press the copy button of a block and return what is on the clipboard."""
    block = page.locator(f'[data-snippet="{kind}"]').nth(index)
    button = page.locator(f'[data-copy="{block.get_attribute("id")}"]')
    if not button.is_visible():
        button.evaluate(
            "element => { for (let e = element; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true }"
        )
    button.evaluate("(button) => { delete button.dataset.copied; }")  # of an earlier press
    button.click()
    expect(button).to_have_attribute("data-copied", "")
    return clipboard(page)


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
            assert line.strip() in status, status
    answer = terminal.paste(copied_from(page, "verify", asking(commands)), timeout=120)
    assert re.search(rf"(?m)^{ANSWER}\s*$", answer), answer
