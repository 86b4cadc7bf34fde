"""What each option does to the request of the real client, in both measured versions: the words of the page are true.

The client is set up by the guide's own settings.json. Every effect is shown against a request without the option.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from portal.keys import PLACEHOLDER
from portal.profile.load import load_profile
from portal.profile.model import Tier, Toggle
from portal.snippets.choices import Choices, recommended_choices
from portal.snippets.settings_json import settings_files
from portal.snippets.targets import Platform
from tests.real_parts.claude import run_claude
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import serve
from tests.real_parts.upstream import TinyUpstream

pytestmark = [
    pytest.mark.real("claude", "claude-old"),
    pytest.mark.parametrize("part", ["claude", "claude-old"]),
]

CLAUDE, OLD = "claude", "claude-old"
OLD_OPUS = "claude-opus-4-1-20250805"


@dataclass(frozen=True, slots=True)
class Run:
    """What one run sent first, and what it printed."""

    body: dict[str, Any]
    betas: frozenset[str]
    printed: str


Ask = Callable[..., Run]


@pytest.fixture
def ask(part: str, tmp_path: Path) -> Ask:
    """Ask the client of this version one question, with these choices in the user's settings.json."""

    def run(model: str, *toggles: Toggle, prompt: str = "hi", arguments: tuple[str, ...] = (), **more: Any) -> Run:
        upstream = TinyUpstream()
        with serve(upstream.app) as url:
            profile = replace(load_profile("tokenbay"), base_url=url)
            start = recommended_choices(profile, Platform.LINUX)
            models = {**start.models, Tier.SONNET: model}
            choices: Choices = replace(start, models=models, toggles=frozenset(toggles), **more)
            (file,) = settings_files(choices, profile)
            (tmp_path / ".claude").mkdir(exist_ok=True)
            (tmp_path / ".claude" / "settings.json").write_text(file.text.replace(PLACEHOLDER, "sk-test-0123456789"))
            answer = run_claude(real_part(part).path, "-p", prompt, *arguments, home=tmp_path)
        assert answer.returncode == 0, answer
        headers, body = upstream.asked[0] if upstream.asked else ({}, {})
        betas = frozenset(headers.get("anthropic-beta", "").split(","))
        return Run(body, betas, answer.stdout + answer.stderr)

    return run


def test_no_thinking_leaves_the_field_out(ask: Ask) -> None:
    assert "thinking" in ask("claude-sonnet-4.6").body
    without = ask("claude-sonnet-4.6", Toggle.NO_THINKING).body
    assert not {"thinking", "context_management"} & without.keys()
    assert "thinking" not in ask("gpt-5.2", Toggle.NO_THINKING).body


def test_fixed_budget_counts_for_the_4_6_models_only(ask: Ask) -> None:
    for model in ("claude-sonnet-4-6", "claude-opus-4-6"):
        assert ask(model).body["thinking"]["type"] == "adaptive"
        thinking = ask(model, Toggle.NO_ADAPTIVE_THINKING).body["thinking"]
        assert (thinking["type"], thinking["budget_tokens"] > 1000) == ("enabled", True)
    for model in ("claude-opus-4-8", "gpt-5.2"):
        assert ask(model, Toggle.NO_ADAPTIVE_THINKING).body["thinking"]["type"] == "adaptive"


def test_no_effort_leaves_the_field_out_except_on_older_versions_for_models_they_know(ask: Ask, part: str) -> None:
    assert "output_config" in ask("gpt-5.2").body
    assert "output_config" not in ask("gpt-5.2", Toggle.NO_EFFORT).body
    assert ("output_config" in ask("claude-opus-4-8", Toggle.NO_EFFORT).body) is (part == OLD)


def test_no_million_tokens_leaves_the_beta_out(ask: Ask) -> None:
    model = "claude-sonnet-4.6[1m]"
    assert "context-1m-2025-08-07" in ask(model).betas
    without = ask(model, Toggle.NO_1M)
    assert not {beta for beta in without.betas if "1m" in beta}
    assert without.body["model"] == "claude-sonnet-4.6"


def test_no_attribution_leaves_the_billing_line_out(ask: Ask) -> None:
    def blocks(run: Run) -> list[bool]:
        return ["x-anthropic-billing-header" in block["text"] for block in run.body["system"]]

    first, *others = blocks(ask("claude-sonnet-4.6"))
    assert first
    assert blocks(ask("claude-sonnet-4.6", Toggle.NO_ATTRIBUTION)) == [False] * len(others)


def test_old_opus_id_is_kept_only_when_it_is_asked_for(ask: Ask) -> None:
    given = ("--model", OLD_OPUS)
    assert ask("claude-sonnet-4.6", arguments=given).body["model"] == "claude-opus-4.8"
    assert ask("claude-sonnet-4.6", Toggle.NO_LEGACY_REMAP, arguments=given).body["model"] == OLD_OPUS


@pytest.mark.parametrize("model", [OLD_OPUS, "claude-sonnet-4-20250514"])
def test_id_on_the_page_is_never_replaced(ask: Ask, model: str) -> None:
    assert ask(model).body["model"] == model


def test_no_betas_leaves_out_what_its_remedies_promise(ask: Ask, part: str) -> None:
    usual = ask("claude-sonnet-4-6")
    assert "context_management" in usual.body
    assert any("defer_loading" in tool for tool in usual.body["tools"]) is (part == CLAUDE)
    without = ask("claude-sonnet-4-6", Toggle.NO_BETAS)
    assert without.betas < usual.betas
    assert "context-management-2025-06-27" not in without.betas
    assert "context_management" not in without.body
    assert not any("defer_loading" in tool for tool in without.body["tools"])


def test_window_counts_for_models_that_the_client_does_not_know_only(ask: Ask) -> None:
    chosen = {"prompt": "/context", "context_tokens": 128_000}
    assert "/ 128k" not in ask("gpt-5.2", prompt="/context").printed
    assert "/ 128k" in ask("gpt-5.2", **chosen).printed
    assert "/ 200k" in ask("claude-sonnet-4.6", **chosen).printed
