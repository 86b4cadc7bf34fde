"""Five people whose `claude` does not work: the real client's own words are pasted, the page names the cause, its step
is done in a real shell, the client answers, and what helped is in the database (SQLite and PostgreSQL).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.app import create_app
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.fake import create_fake_gateway
from portal.settings import Settings
from portal.snippets.targets import Shell
from tests.browser.doing import clipboard
from tests.real_parts.servers import serve
from tests.story.terminal import Terminal, open_terminal
from tests.story.visit import ANSWER, LEFT_OVER, VISITORS_KEY, clean_environment, profile_for
from tests.support.databases import in_new_loop
from tests.troubleshooting.visitor import outcomes

pytestmark = pytest.mark.real("chromium", "claude")

QUESTION = 'claude -p "Reply with one word: connected"'
LOGIN = {
    "accessToken": "sk-ant-oat01-saved-login-0123456789",
    "refreshToken": "sk-ant-ort01-saved-login-0123456789",
    "expiresAt": 4102444800000,
    "scopes": ["user:inference", "user:profile"],
    "subscriptionType": "pro",
}


@dataclass
class Desk:
    """The portal's help with an empty database, a gateway, and one person's machine."""

    page: Page
    portal: str
    gateway: str
    keys: dict[str, Behaviour]
    database: str
    home: Path
    symptom: str = ""

    def terminal(self) -> Any:
        environment = clean_environment("claude")
        return open_terminal(Shell.BASH, home=self.home, cwd=self.home / "project", env=environment)

    def settings(self, text: str | None = None, **env: str) -> None:
        folder = self.home / ".claude"
        folder.mkdir(exist_ok=True)
        (folder / "settings.json").write_text(text or json.dumps({"env": env}, indent=2), encoding="utf-8")

    def asked(self) -> str:
        """What the client says in a new terminal."""
        with self.terminal() as terminal:
            return str(terminal.paste(QUESTION, timeout=120))

    def diagnosed(self, text: str, cause: str) -> Locator:
        """Paste what was printed; the cause has to be the first one."""
        self.page.goto(f"{self.portal}/troubleshoot?os=linux&shell=bash")
        self.page.get_by_label("Paste what you see").fill(text)
        self.page.get_by_role("button", name="Find the cause").click()
        first = self.page.locator("#diagnosis [data-cause]").first
        expect(first).to_have_attribute("data-cause", cause)
        assert "sk-" not in first.locator(".evidence").first.inner_text()
        return first

    def step(self, cause: Locator, name: str) -> Locator:
        """Open a step of a cause."""
        step = cause.locator(f'[data-step="{name}"]')
        if step.locator("> details").get_attribute("open") is None:
            step.locator("summary").first.click()
        self.symptom = str(step.get_attribute("data-symptom"))
        return step

    def copied(self, step: Locator, number: int = 0) -> str:
        """Press the copy button of a step's command."""
        block = step.locator("[data-snippet=step]").nth(number)
        button = self.page.locator(f'[data-copy="{block.get_attribute("id")}"]')
        button.click()
        expect(button).to_have_attribute("data-copied", "")
        return clipboard(self.page)

    def fixed(self, step: Locator) -> None:
        """Say that it works, and find that in the database."""
        assert answered(self.asked())
        name = str(step.get_attribute("data-step"))
        step.locator("button[value=resolved]").click()
        expect(self.page.locator("#steps")).to_have_attribute("data-state", "resolved")
        expect(self.page.get_by_role("heading", name="Good, it works again")).to_be_visible()
        found: list[tuple[str, str, str]] = []

        async def look() -> None:
            found.extend(await outcomes(self.database))

        in_new_loop(look())
        assert found == [(self.symptom, name, "resolved")]


def answered(printed: str) -> bool:
    """Whether the model's answer stands there; the word is in the question, too."""
    return re.search(rf"(?m)^{ANSWER}\s*$", printed) is not None


@pytest.fixture
def desk(page: Page, home: Path, database_address: str) -> Iterator[Desk]:
    gateway_app = create_fake_gateway(accepted_keys=[VISITORS_KEY], reply=ANSWER)
    settings = Settings.model_validate({"database_url": database_address, "secret_key": "0123456789abcdef"})
    with (
        serve(gateway_app) as gateway,
        serve(create_app(settings, profile_for(gateway))) as portal,
    ):
        yield Desk(page, portal, gateway, gateway_app.state.config.keys, database_address, home)


def with_key(terminal: Terminal, command: str) -> str:
    return terminal.paste_and_answer(command, {"(it is not shown): ": VISITORS_KEY}, timeout=90)


def test_left_over_key_is_found_and_removed(desk: Desk) -> None:
    startup = desk.home / ".bashrc"
    set_up = f"export ANTHROPIC_BASE_URL={desk.gateway} ANTHROPIC_MODEL=claude-sonnet-4.6\n"
    set_up += f'export ANTHROPIC_AUTH_TOKEN="{VISITORS_KEY}"\n'
    startup.write_text(f"export ANTHROPIC_API_KEY={LEFT_OVER}\n{set_up}", encoding="utf-8")
    with desk.terminal() as terminal:
        printed = terminal.paste(QUESTION, timeout=120)
        desk.diagnosed(printed, "key-rejected")
        expect(desk.page.locator('#diagnosis [data-cause="leftover-api-key"]')).to_be_visible()
        printed += terminal.paste("env | grep ANTHROPIC")  # what the page proposes to paste
    step = desk.step(desk.diagnosed(printed, "leftover-api-key"), "remove-leftover-key")
    with desk.terminal() as terminal:
        assert "ANTHROPIC_API_KEY=...-key" in terminal.paste(desk.copied(step, 0))
        assert ".bashrc:1" in terminal.paste(desk.copied(step, 1))
        terminal.paste(desk.copied(step, 2))
        assert answered(terminal.paste(QUESTION, timeout=120))
    startup.write_text(set_up, encoding="utf-8")  # "If a file is named, delete the line there."
    desk.fixed(step)


def test_address_with_a_path_too_many_is_written_again(desk: Desk) -> None:
    desk.settings(
        ANTHROPIC_BASE_URL=f"{desk.gateway}/v1", ANTHROPIC_AUTH_TOKEN=VISITORS_KEY, ANTHROPIC_MODEL="claude-sonnet-4.6"
    )
    step = desk.step(desk.diagnosed(desk.asked(), "base-url-path"), "set-up-again")
    with desk.terminal() as terminal:
        assert "The gateway accepted the key." in with_key(terminal, desk.copied(step))
    desk.fixed(step)


def test_broken_settings_file_is_named_with_its_line_and_repaired(desk: Desk) -> None:
    names = {"ANTHROPIC_BASE_URL": desk.gateway, "ANTHROPIC_AUTH_TOKEN": VISITORS_KEY}
    good = json.dumps({"env": {**names, "ANTHROPIC_MODEL": "claude-sonnet-4.6"}}, indent=2)
    desk.settings(good.replace('"claude-sonnet-4.6"', '"claude-sonnet-4.6",'))
    printed = desk.asked()
    assert not answered(printed)
    with desk.terminal() as terminal:
        printed += terminal.paste("cat ~/.claude/settings.json")
    cause = desk.diagnosed(printed, "settings-file-broken")
    expect(desk.page.locator("#diagnosis .remark.bad").first).to_be_visible()
    step = desk.step(cause, "repair-settings-file")
    with desk.terminal() as terminal:
        assert "settings.json" in terminal.paste(desk.copied(step, 0), timeout=90)
    desk.settings(good)  # what a person does in the editor that the last command opens
    desk.fixed(step)


def test_used_up_credit_is_told_apart_from_a_wrong_key(desk: Desk) -> None:
    key = DEMO_KEYS[Behaviour.OUT_OF_CREDIT]
    desk.settings(ANTHROPIC_BASE_URL=desk.gateway, ANTHROPIC_AUTH_TOKEN=key, ANTHROPIC_MODEL="claude-sonnet-4.6")
    step = desk.step(desk.diagnosed(desk.asked(), "out-of-credit"), "check-credit")
    desk.keys[key] = Behaviour.GOOD  # topped up
    with desk.terminal() as terminal:
        answer = terminal.paste_and_answer(desk.copied(step), {"\rKey: ": key}, timeout=60)
        assert "HTTP 200" in answer
        assert key not in answer
    desk.fixed(step)


def test_saved_login_is_found_and_logged_out(desk: Desk) -> None:
    desk.settings(ANTHROPIC_BASE_URL=desk.gateway, ANTHROPIC_MODEL="claude-sonnet-4.6")
    (desk.home / ".claude" / ".credentials.json").write_text(json.dumps({"claudeAiOauth": LOGIN}), encoding="utf-8")
    printed = desk.asked()
    assert not answered(printed)
    with desk.terminal() as terminal:
        printed += terminal.paste("claude auth status --text")
    step = desk.step(desk.diagnosed(printed, "login-conflict"), "log-out")
    with desk.terminal() as terminal:
        terminal.paste(desk.copied(step, 1), timeout=60)
        assert "Claude" not in terminal.paste(desk.copied(step, 2))
    desk.settings(
        ANTHROPIC_BASE_URL=desk.gateway, ANTHROPIC_AUTH_TOKEN=VISITORS_KEY, ANTHROPIC_MODEL="claude-sonnet-4.6"
    )
    desk.fixed(step)
