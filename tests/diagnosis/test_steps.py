"""Every step, for every legal machine: there is something to copy, its shell reads it, and no key is in it."""

from __future__ import annotations

import json
import subprocess

import pytest

from portal.diagnosis.actions import Do
from portal.keys import PLACEHOLDER
from portal.snippets.dialects import Language
from portal.snippets.guide import BlockKind
from portal.snippets.targets import Shell
from tests.diagnosis.samples import PROFILES, every_step
from tests.snippets.shells.machine import REAL_PART, Machine, needs

_UNIX = (Shell.BASH, Shell.ZSH, Shell.FISH, Shell.GIT_BASH)


def _commands(name: str, *shells: Shell) -> list[str]:
    found: dict[str, None] = {}
    for _, _, shown in every_step(name, *shells):
        found.update(dict.fromkeys(block.text for block in (*shown.blocks, *shown.undo_blocks) if block.shell))
    return list(found)


@pytest.mark.parametrize("name", PROFILES)
def test_every_step_has_something_to_copy(name: str) -> None:
    for choices, step, shown in every_step(name):
        if choices.target.shell is Shell.CMD and name == "hostile":
            assert shown.blocks or shown.refusal or shown.message
            continue
        assert shown.refusal is None, (step.id, choices.target, str(shown.refusal))
        assert shown.blocks or shown.message, step.id
        assert len(shown.blocks) >= sum(action.do is not Do.MESSAGE for action in step.actions)
        assert all(block.text.strip() for block in (*shown.blocks, *shown.undo_blocks))


@pytest.mark.parametrize("name", PROFILES)
def test_every_sentence_is_filled(name: str) -> None:
    for _, step, shown in every_step(name):
        texts = [shown.instruction, shown.expect, *(block.does for block in shown.blocks)]
        texts += [text for text in (shown.message, shown.undo) if text is not None]
        for text in texts:
            assert str(text), step.id
            assert "{" not in str(text).replace(PROFILES[name].base_url, ""), step.id


def test_undo_blocks_say_that_they_are() -> None:
    for _, step, shown in every_step("plain"):
        assert (shown.undo is None) == (step.undo is None)
        assert all(block.kind is BlockKind.UNDO for block in shown.undo_blocks)


def test_key_is_only_where_the_visitor_puts_it() -> None:
    allowed = {Do.VSCODE_JSON, Do.APPLY_AGAIN, Do.ASK_GATEWAY, Do.LIST_MODELS}
    for choices, step, shown in every_step("plain"):
        for block in shown.blocks:
            if PLACEHOLDER in block.text:
                assert {action.do for action in step.actions} & allowed, (step.id, choices.target)


def test_json_blocks_are_json() -> None:
    seen = set()
    for name in PROFILES:
        for _, _, shown in every_step(name):
            for block in shown.blocks:
                if block.language is Language.JSON and block.text not in seen:
                    seen.add(block.text)
                    document = json.loads(block.text)
                    assert all(isinstance(value, str) for value in document.get("env", {}).values())
    assert len(seen) > 15


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("shell", [needs(shell) for shell in _UNIX])
def test_shell_reads_every_command(machine: Machine, shell: Shell, name: str) -> None:
    program = REAL_PART[shell]
    texts = _commands(name, shell)
    assert len(texts) > 40
    for number, text in enumerate(texts):
        # One by one: a text that is not finished would swallow the next one.
        path = machine.root / f"text-{number}"
        path.write_text(f"{text}\n", "utf-8")
        answer = subprocess.run(
            [program, "-n", path], env=machine.environment, capture_output=True, text=True, check=False
        )
        assert (answer.returncode, answer.stderr) == (0, ""), text


def test_no_command_removes_or_overwrites_a_file() -> None:
    destructive = {"rm", "del", "Remove-Item", "mv", "dd", "sed", "tee", ">", ">|", "Set-Content", "Out-File"}
    looked_at = 0
    for _, step, shown in every_step("plain"):
        if any(action.do in {Do.APPLY_AGAIN, Do.INSTALL} for action in step.actions):
            continue
        for block in shown.blocks:
            looked_at += 1
            words = block.text.removeprefix("git rm --cached").replace("LC_ALL=C sed", "").split()
            assert not destructive & {word for word in words if not block.text.startswith("Remove-Item Env:")} - {
                "Remove-Item" if "Remove-Item Env:" in block.text else ""
            }, block.text
    assert looked_at > 1000
