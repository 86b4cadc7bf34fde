"""What the steps promise about Claude Code, asked of the real client: its commands exist, its files are accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from portal.diagnosis.actions import Do
from portal.diagnosis.commands import render_step
from portal.snippets.choices import recommended_choices
from portal.snippets.dialects import Language
from portal.snippets.guide import Block
from portal.snippets.targets import Platform, Shell
from tests.diagnosis.samples import PORTAL, catalogue_for, every_step
from tests.real_parts.claude import run_claude
from tests.real_parts.plugin import real_part
from tests.snippets.samples import PLAIN

pytestmark = pytest.mark.real("claude")

_GATEWAY: Final = {"ANTHROPIC_BASE_URL": PLAIN.base_url, "ANTHROPIC_AUTH_TOKEN": "sk-gateway-0123456789"}


def _block(step: str, number: int) -> Block:
    choices = recommended_choices(PLAIN, Platform.LINUX)
    return render_step(catalogue_for("plain").steps[step], choices, PLAIN, PORTAL).blocks[number]


def _settings(home: Path, text: str) -> None:
    (home / ".claude").mkdir(exist_ok=True)
    (home / ".claude" / "settings.json").write_text(text, "utf-8")


def _status(home: Path, **env: str) -> list[str]:
    answer = run_claude(real_part("claude").path, "auth", "status", "--text", home=home, env={**_GATEWAY, **env})
    return answer.stdout.splitlines()


def test_status_is_what_the_steps_say(tmp_path: Path) -> None:
    assert _status(tmp_path) == ["Auth token: ANTHROPIC_AUTH_TOKEN", f"Anthropic base URL: {PLAIN.base_url}"]


def test_blank_value_in_the_file_wins_over_a_left_over_key(tmp_path: Path) -> None:
    assert "API key: ANTHROPIC_API_KEY" in _status(tmp_path, ANTHROPIC_API_KEY="sk-old")
    _settings(tmp_path, _block("blank-leftover-key", 1).text)
    assert "API key: ANTHROPIC_API_KEY" not in _status(tmp_path, ANTHROPIC_API_KEY="sk-old")


def test_every_settings_block_together_is_accepted(tmp_path: Path) -> None:
    document: dict[str, Any] = {"env": {}}
    for _, _, shown in every_step("plain", Shell.BASH):
        for block in shown.blocks:
            if block.language is Language.JSON and block.path == "~/.claude/settings.json":
                part = json.loads(block.text)
                document["env"] |= part.pop("env", {})
                document |= part
    assert len(document["env"]) > 12
    assert document["permissions"] == {"disableAutoMode": "disable"}
    _settings(tmp_path, json.dumps(document))
    good = run_claude(real_part("claude").path, "doctor", home=tmp_path, env=_GATEWAY)
    assert "Invalid settings" not in good.stdout
    _settings(tmp_path, json.dumps(document | {"permissions": {"disableAutoMode": 5}}))
    bad = run_claude(real_part("claude").path, "doctor", home=tmp_path, env=_GATEWAY)
    assert "Invalid settings" in bad.stdout


def test_every_command_of_the_client_exists(tmp_path: Path) -> None:
    lines = {
        action.line for step in catalogue_for("plain").steps.values() for action in step.actions if action.do is Do.RUN
    }
    words = {line.split()[1] for line in lines if line.startswith("claude ")}
    help_text = run_claude(real_part("claude").path, "--help", home=tmp_path).stdout
    assert words >= {"auth", "doctor", "update", "--continue", "--version"}
    assert [word for word in words if word not in help_text] == []


def test_one_question_without_retries_fails_at_once(tmp_path: Path) -> None:
    text = _block("see-error-at-once", 0).text
    assert text.startswith("env CLAUDE_CODE_MAX_RETRIES='0' claude -p ")
    env = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}
    answer = run_claude(real_part("claude").path, "-p", "hi", home=tmp_path, env={**_GATEWAY, **env}, timeout=30)
    assert "Connection refused" in answer.stdout
