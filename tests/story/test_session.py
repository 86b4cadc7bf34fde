"""What the page promises about `/status` is what the real client shows in a session, in both measured versions."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest

from portal.gateway.fake import create_fake_gateway
from portal.keys import PLACEHOLDER
from portal.profile.load import load_profile
from portal.snippets.choices import recommended_choices
from portal.snippets.recipes import write_guide
from portal.snippets.targets import Platform, Scope, Target
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import serve
from tests.story.terminal import as_read

KEY = "sk-visitor-0123456789"


def session(binary: Path, home: Path, lines: tuple[str, ...]) -> str:
    """Open a session in a trusted folder, type each line, and return everything that was shown."""
    (home / ".claude.json").write_text(
        json.dumps({"hasCompletedOnboarding": True, "projects": {str(home): {"hasTrustDialogAccepted": True}}})
    )
    env = {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "TERM": "xterm-256color",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    child: pexpect.spawn[str] = pexpect.spawn(
        str(binary), cwd=str(home), env=env, encoding="utf-8", dimensions=(50, 200), timeout=30
    )
    shown = ""
    try:
        shown += quiet(child)
        for line in lines:
            child.send(line)
            shown += quiet(child)
            child.send("\r")
            shown += quiet(child)
    finally:
        child.close(force=True)
    return as_read(shown)


def quiet(child: pexpect.spawn[str], still: float = 1.5, most: float = 30) -> str:
    """Read until nothing has come for `still` seconds; a session never ends by itself."""
    shown, last, started = "", time.monotonic(), time.monotonic()
    while time.monotonic() - last < still and time.monotonic() - started < most:
        try:
            shown += child.read_nonblocking(65536, timeout=0.2)
            last = time.monotonic()
        except pexpect.TIMEOUT:
            continue
    return shown


@pytest.mark.real("claude", "claude-old")
@pytest.mark.parametrize("part", ["claude", "claude-old"])
def test_status_shows_the_promised_lines_in_a_session(part: str, tmp_path: Path) -> None:
    with serve(create_fake_gateway(accepted_keys=[KEY])) as gateway:
        profile = replace(load_profile("tokenbay"), base_url=gateway)
        start = recommended_choices(profile, Platform.LINUX)
        guide = write_guide(replace(start, target=Target(Platform.LINUX, start.target.shell, Scope.USER)), profile)
        (file,) = guide.files.blocks
        (tmp_path / ".claude").mkdir()
        (tmp_path / ".claude" / "settings.json").write_text(file.text.replace(PLACEHOLDER, KEY))
        (block,) = [block for block in guide.verify.blocks if block.text == "/status"]
        shown = session(real_part(part).path, tmp_path, (block.text,))
    for line in block.expected:
        label, _, value = line.partition(": ")
        assert re.search(rf"{re.escape(label)}:\s+{re.escape(value)}", shown), shown[-3000:]
