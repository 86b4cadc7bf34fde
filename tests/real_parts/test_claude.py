from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.real_parts.claude import run_claude
from tests.real_parts.parts import CLAUDE, CLAUDE_OLD, CachedPart
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import serve
from tests.real_parts.upstream import GREETING, TinyUpstream

BOTH = pytest.mark.parametrize("part", [CLAUDE, CLAUDE_OLD], ids=lambda part: part.name)


@BOTH
def test_claude_is_the_pinned_version(part: CachedPart, tmp_path: Path) -> None:
    pinned = json.loads(part.lock.with_name("package.json").read_text())["dependencies"]["@anthropic-ai/claude-code"]
    answer = run_claude(real_part(part.name).path, "--version", home=tmp_path)
    assert answer.stdout.split()[0] == pinned


@BOTH
def test_claude_answers_through_the_given_address(part: CachedPart, tmp_path: Path) -> None:
    upstream = TinyUpstream()
    with serve(upstream.app) as url:
        answer = run_claude(
            real_part(part.name).path,
            *("-p", "hi"),
            home=tmp_path,
            env={"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": "sk-test", "ANTHROPIC_MODEL": "claude-sonnet-4.6"},
        )
    assert (answer.returncode, answer.stdout.strip()) == (0, GREETING), answer
    headers, body = upstream.asked[0]
    assert headers["authorization"] == "Bearer sk-test"
    assert "x-api-key" not in headers
    assert body["model"] == "claude-sonnet-4.6"


def test_claude_knows_nothing_of_the_callers_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "sk-of-the-caller")
    answer = run_claude(real_part("claude").path, "-p", "hi", home=tmp_path)
    assert answer.returncode == 1
    assert "Not logged in" in answer.stdout
