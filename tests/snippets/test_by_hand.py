"""The command that asks the gateway by hand: run in the real shells, it sends what the key check sends."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.gateway.fake import create_fake_gateway
from portal.keys import PLACEHOLDER
from portal.profile.model import CredentialScheme
from portal.snippets.by_hand import Question, ask_by_hand
from portal.snippets.targets import SHELLS, Platform, Shell
from tests.real_parts.servers import serve

MODEL = "claude-sonnet-4.6"


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with serve(create_fake_gateway()) as url:
        yield url


def text_for(platform: Platform, shell: Shell, url: str, credential: CredentialScheme) -> str:
    question = Question(url, credential, {"X-Team": "it {key} is"}, MODEL)
    (block,) = ask_by_hand(platform, shell, question).blocks
    assert block.shell is shell
    return block.text


@pytest.mark.parametrize("credential", CredentialScheme)
@pytest.mark.parametrize(
    "shell",
    [
        pytest.param(Shell.BASH, marks=pytest.mark.real("bash")),
        pytest.param(Shell.ZSH, marks=pytest.mark.real("zsh")),
        pytest.param(Shell.FISH, marks=pytest.mark.real("fish")),
    ],
)
def test_gateway_answers_when_the_text_is_run(
    gateway: str, shell: Shell, credential: CredentialScheme, tmp_path: Path
) -> None:
    text = text_for(Platform.LINUX, shell, gateway, credential).replace(PLACEHOLDER, DEMO_KEYS[Behaviour.GOOD])
    ran = subprocess.run([shell, "-c", text], capture_output=True, text=True, check=False, timeout=30, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("HTTP/1.1 200")
    assert '"type":"message"' in ran.stdout.replace(" ", "")


@pytest.mark.parametrize("platform", Platform)
def test_key_stands_only_in_the_variable(platform: Platform) -> None:
    for shell in SHELLS[platform]:
        first, *rest = text_for(platform, shell, "https://g.example", CredentialScheme.BEARER).split("\n")
        assert first.count(PLACEHOLDER) == 1
        assert PLACEHOLDER not in "".join(rest)
        assert ("%KEY%" if shell is Shell.CMD else "$KEY") in "".join(rest)


def test_powershell_asks_curl_exe_and_pipes_the_body() -> None:
    text = text_for(Platform.WINDOWS, Shell.POWERSHELL, "https://g.example", CredentialScheme.X_API_KEY)
    assert "| curl.exe " in text
    assert "-H ('x-api-key: ' + $KEY)" in text


def test_shell_says_why_when_it_cannot_write_a_header() -> None:
    question = Question("https://g.example", CredentialScheme.BEARER, {"x-team": 'a"b%c'}, MODEL)
    section = ask_by_hand(Platform.WINDOWS, Shell.CMD, question)
    assert section.refusal
    assert section.blocks == ()
