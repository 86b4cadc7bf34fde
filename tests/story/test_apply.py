"""The recommended way, for real: one short command from the page puts the set-up into files that people already have.

A real browser, a real shell with a typed key, the real Claude Code through a real LiteLLM, and everything as before
after the undo.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from portal.snippets.targets import Platform, Scope, Shell
from tests.story.terminal import open_terminal
from tests.story.visit import (
    LEFT_OVER,
    UPSTREAM_KEY,
    VISITORS_KEY,
    World,
    choose,
    clean_environment,
    copied_from,
    verify,
)

EXISTING = """{
  "permissions": { "allow": ["Bash(npm run lint)"], "deny": [] },
    "hooks": {"PostToolUse": [{"matcher": "Edit", "hooks": [{"type": "command", "command": "true"}]}]},
  "env": { "FOO": "b\\u00e4r", "ANTHROPIC_BASE_URL": "https://old.example.com" },
  "x-ours": 12345678901234567890,
  "model": "sonnet"
}
"""
STARTUP_FILES = {Shell.BASH: ".bashrc", Shell.ZSH: ".zshrc", Shell.FISH: ".config/fish/config.fish"}
JOURNEYS = [
    *((Platform.LINUX, Shell.BASH, scope) for scope in (Scope.USER, Scope.PROJECT, Scope.STARTUP)),
    *((Platform.MACOS, Shell.ZSH, scope) for scope in (Scope.USER, Scope.PROJECT, Scope.STARTUP)),
    *((Platform.LINUX, Shell.FISH, scope) for scope in (Scope.USER, Scope.PROJECT)),
]


def files_below(folder: Path) -> dict[str, bytes]:
    """Settings and start-up files, by name."""
    names = [".claude/settings.json", ".claude/settings.local.json", ".gitignore", *STARTUP_FILES.values()]
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


@pytest.mark.real("chromium", "claude", "litellm", "zsh", "fish")
@pytest.mark.parametrize(("platform", "shell", "scope"), JOURNEYS, ids=["-".join(journey) for journey in JOURNEYS])
def test_claude_answers_after_the_script_and_everything_is_back_after_its_undo(
    world: World, page: Page, home: Path, platform: Platform, shell: Shell, scope: Scope
) -> None:
    project = home / "project"
    where = project if scope is Scope.PROJECT else home
    if scope is not Scope.STARTUP:
        (where / ".claude").mkdir()
        (where / ".claude" / "settings.json").write_text(EXISTING, encoding="utf-8")
    startup = home / STARTUP_FILES[shell]
    startup.parent.mkdir(parents=True, exist_ok=True)
    left_over = (
        f"set -gx ANTHROPIC_API_KEY {LEFT_OVER}" if shell is Shell.FISH else f"export ANTHROPIC_API_KEY={LEFT_OVER}"
    )
    startup.write_text(f"{left_over}\n", encoding="utf-8")
    before = files_below(home) | {f"project/{name}": text for name, text in files_below(project).items()}
    environment = clean_environment("claude")
    choose(page, world, platform, shell, scope)
    command = copied_from(page, "apply")
    assert VISITORS_KEY not in command
    with open_terminal(shell, home=home, cwd=project, env=environment) as terminal:
        printed = terminal.paste_and_answer(
            command, {"(it is not shown): ": VISITORS_KEY, "(chmod 600)? [y/N] ": "y"}, timeout=90
        )
        assert VISITORS_KEY not in printed
        assert "The gateway accepted the key." in printed, printed
    world.upstream.clear()
    with open_terminal(shell, home=home, cwd=project, env=environment) as fresh:
        verify(page, fresh, world)
    asked = world.upstream.messages()
    assert {seen.model for seen in asked} == {"claude-sonnet-4.6"}
    assert {tuple(seen.credentials.items()) for seen in asked} == {(("x-api-key", UPSTREAM_KEY[-4:]),)}
    if scope is not Scope.STARTUP:
        merged = json.loads((where / ".claude" / "settings.json").read_text(encoding="utf-8"))
        original = json.loads(EXISTING)
        assert {name: merged[name] for name in original if name != "env"} == {
            name: value for name, value in original.items() if name != "env"
        }
        assert merged["env"]["FOO"] == "bär"
        assert merged["env"]["ANTHROPIC_BASE_URL"] == world.gateway
    with open_terminal(shell, home=home, cwd=project, env=environment) as terminal:
        terminal.paste(copied_from(page, "undo"), timeout=60)
    after = files_below(home) | {f"project/{name}": text for name, text in files_below(project).items()}
    after.pop("project/.gitignore", None)
    assert after == before
