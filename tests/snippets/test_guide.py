"""Every preset at every target: a whole guide, the same one every time, with nothing unreplaced in it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from portal.keys import PLACEHOLDER
from portal.profile.load import load_profile, preset_names
from portal.profile.model import KEY_FIELD, CredentialScheme, GatewayProfile, Toggle
from portal.snippets.guide import Block, BlockKind, Guide, Section
from portal.snippets.recipes import write_guide
from portal.snippets.targets import INSTALLS, Install, Platform, Scope, Shell, Target, all_targets
from portal.words import Text
from tests.snippets.samples import HOSTILE, PLAIN, X_API_KEY, choose

_PROFILES = [PLAIN, X_API_KEY, HOSTILE, *map(load_profile, preset_names())]

every_profile = pytest.mark.parametrize("profile", _PROFILES, ids=lambda profile: profile.slug)


def _guides(profile: GatewayProfile) -> Iterator[Guide]:
    for target in all_targets():
        choices = choose(target, profile)
        yield write_guide(choices, profile)
        yield write_guide(replace(choices, toggles=frozenset(Toggle), timeout_ms=1000), profile)


def _sections(guide: Guide) -> dict[str, Section]:
    names = ("install", "not_found", "configure", "files", "verify", "undo")
    return {name: getattr(guide, name) for name in names}


def _blocks(guide: Guide) -> Iterator[Block]:
    for section in _sections(guide).values():
        yield from section.blocks


def _sentences(guide: Guide) -> Iterator[Text]:
    for section in _sections(guide).values():
        yield from (note.text for note in section.notes)
        if section.refusal:
            yield section.refusal.reason
            yield section.refusal.remedy
    for block in _blocks(guide):
        yield block.does
        if block.after:
            yield block.after


@every_profile
def test_every_section_has_blocks_or_a_refusal_with_a_remedy(profile: GatewayProfile) -> None:
    for guide in _guides(profile):
        target = guide.choices.target
        for name, section in _sections(guide).items():
            assert not (section.blocks and section.refusal)
            if section.refusal:
                assert name in {"configure", "undo"}
                assert target.shell is Shell.CMD
                assert str(section.refusal.reason).endswith(".")
                assert str(section.refusal.remedy).endswith(".")
            elif name == "files":
                file_scope = target.scope not in {Scope.TERMINAL, Scope.STARTUP}
                assert bool(section.blocks) is file_scope
            else:
                assert section.blocks


@every_profile
def test_nothing_is_left_unreplaced(profile: GatewayProfile) -> None:
    for guide in _guides(profile):
        for block in _blocks(guide):
            assert block.text == block.text.strip("\n")
            assert not re.search(r"\bNone\b|\{[a-z_]+\}", block.text.replace("{a,b}", ""))
            assert KEY_FIELD not in block.text
        for sentence in _sentences(guide):
            assert not re.search(r"\bNone\b|[{}]", str(sentence))
            assert str(sentence).count("`") % 2 == 0


@every_profile
def test_key_is_in_the_texts_that_need_it_and_only_as_the_placeholder(profile: GatewayProfile) -> None:
    for guide in _guides(profile):
        if guide.configure.blocks:
            assert PLACEHOLDER in "".join(block.text for block in guide.configure.blocks)
        for block in (*guide.install.blocks, *guide.not_found.blocks, *guide.verify.blocks):
            assert PLACEHOLDER not in block.text
        if guide.choices.target.scope in {Scope.TERMINAL, Scope.STARTUP}:
            assert not any(PLACEHOLDER in block.text for block in guide.undo.blocks)


@every_profile
def test_managed_text_for_the_administrator_holds_no_key(profile: GatewayProfile) -> None:
    for guide in _guides(profile):
        if guide.choices.target.scope is Scope.MANAGED and guide.configure.blocks:
            machine, own = guide.configure.blocks
            assert PLACEHOLDER not in machine.text
            assert PLACEHOLDER in own.text


@every_profile
def test_expected_lines_name_this_gateway(profile: GatewayProfile) -> None:
    credential = {
        CredentialScheme.BEARER: "Auth token: ANTHROPIC_AUTH_TOKEN",
        CredentialScheme.X_API_KEY: "API key: ANTHROPIC_API_KEY",
    }[profile.credential]
    model = f"Model: {profile.default_tier} ({profile.models[profile.default_tier].id})"
    address = f"Anthropic base URL: {profile.base_url}"
    for guide in _guides(profile):
        *status, answer, session = guide.verify.blocks
        assert answer.text.startswith("claude -p ")
        assert (session.text, session.shell, session.expected) == ("/status", None, (credential, address, model))
        # `claude auth status` does not read a project's settings (measured).
        in_project = guide.choices.target.scope in {Scope.LOCAL, Scope.PROJECT}
        assert [(block.text, block.expected) for block in status] == (
            [] if in_project else [("claude auth status --text", (credential, address))]
        )


@pytest.mark.parametrize("target", all_targets(), ids=str)
def test_blocks_say_what_they_are_and_for_which_shell(target: Target) -> None:
    guide = write_guide(choose(target, PLAIN), PLAIN)
    kinds = {
        "install": BlockKind.INSTALL,
        "not_found": BlockKind.PATH,
        "configure": BlockKind.CONFIGURE,
        "files": BlockKind.FILE,
        "verify": BlockKind.VERIFY,
        "undo": BlockKind.UNDO,
    }
    for name, section in _sections(guide).items():
        for block in section.blocks:
            assert block.kind is kinds[name]
            assert block.shell is (None if name == "files" or block.text == "/status" else target.shell)
            assert bool(block.download) is (name == "files")
    if target.scope is not Scope.TERMINAL and target.shell in {Shell.BASH, Shell.ZSH, Shell.GIT_BASH}:
        assert guide.configure.blocks[0].path


@pytest.mark.parametrize("platform", list(Platform))
def test_installed_client_needs_no_command_but_the_version(platform: Platform) -> None:
    for install in INSTALLS[platform]:
        target = next(target for target in all_targets() if target.platform is platform)
        blocks = write_guide(replace(choose(target, PLAIN), install=install), PLAIN).install.blocks
        assert blocks[-1].text == "claude --version"
        assert len(blocks) == (1 if install is Install.DONE else 2)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for profile in (PLAIN, HOSTILE):
        for guide in _guides(profile):
            for text in (*(block.text for block in _blocks(guide)), *map(str, _sentences(guide))):
                digest.update(text.encode())
    return digest.hexdigest()


def test_guide_is_the_same_in_every_process() -> None:
    program = "from tests.snippets.test_guide import _fingerprint; print(_fingerprint())"
    expected = _fingerprint()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        answer = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        assert answer.stdout.strip() == expected
