"""The chosen header is the one that the real client sends, alone, and says that it uses; both measured versions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portal.gateway.fake import create_fake_gateway
from portal.gateway.request_log import RequestLog
from portal.keys import PLACEHOLDER
from portal.profile.load import load_profile
from portal.profile.model import CredentialScheme, Region
from portal.snippets.choices import recommended_choices
from portal.snippets.recipes import write_guide
from portal.snippets.targets import Platform
from tests.real_parts.claude import run_claude
from tests.real_parts.plugin import real_part
from tests.real_parts.servers import serve

KEY = "sk-visitor-0123456789"
LEFT_OVER = {scheme.variable: f"sk-left-over-{scheme}" for scheme in CredentialScheme}


@pytest.mark.real("claude", "claude-old")
@pytest.mark.parametrize("part", ["claude", "claude-old"])
@pytest.mark.parametrize("credential", list(CredentialScheme))
def test_client_sends_the_chosen_header_alone_to_the_chosen_region(
    part: str, credential: CredentialScheme, tmp_path: Path
) -> None:
    log = RequestLog()
    with serve(create_fake_gateway(accepted_keys=[KEY], reply="connected", log=log)) as gateway:
        profile = replace(load_profile("tokenbay"), regions=(Region("here", "Here", gateway),))
        start = recommended_choices(profile, Platform.LINUX)
        guide = write_guide(replace(start, credential=credential, region="here"), profile)
        (file,) = guide.files.blocks
        (tmp_path / ".claude").mkdir()
        (tmp_path / ".claude" / "settings.json").write_text(file.text.replace(PLACEHOLDER, KEY))
        binary = real_part(part).path
        status = run_claude(binary, "auth", "status", "--text", home=tmp_path, env=LEFT_OVER)
        answer = run_claude(binary, "-p", "hi", home=tmp_path, env=LEFT_OVER)
    assert answer.stdout.strip() == "connected", answer
    for line in guide.verify.blocks[0].expected:
        assert line in status.stdout, status
    header = "authorization" if credential is CredentialScheme.BEARER else "x-api-key"
    assert log.messages()
    assert {tuple(seen.credentials.items()) for seen in log.messages()} == {((header, KEY[-4:]),)}
