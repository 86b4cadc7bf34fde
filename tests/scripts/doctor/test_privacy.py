"""What the doctor must not tell, and what it must not touch."""

from __future__ import annotations

import json
import os
import re
import socket
from pathlib import Path

import pytest

from tests.real_parts.plugin import real_part
from tests.scripts.doctor.homes import GOOD, House, Prepared, prepare, settings

SHAPES = {
    "anthropic": "sk-ant-api03-Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7-QAAA",
    "hexadecimal": "deadbeefcafe0123deadbeefcafe0123",
    "uuid": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6cTcifQ.Zq7Zq7Zq7Zq7Zq7Zq7Zq7",
    "base64": "Zq7+Zq7/Zq7+Zq7/Zq7+Zq7/Zq7==",
    "letters": "qwertzuiopasdfghjklyxcvbnm",
    "short": "pw12345678",
    "dotted": "tok.Zq7Zq7.Zq7Zq7.Zq7Zq7",
}
NAMES = [
    *GOOD,
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_SOMETHING_NEW",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_CLIENT_CERT",
    "CLAUDE_CODE_EXTRA_BODY",
    "CLAUDE_CODE_MAX_RETRIES",
    "API_TIMEOUT_MS",
    "HTTPS_PROXY",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
]


def everywhere(key: str) -> Prepared:
    host = socket.gethostname()
    env = dict.fromkeys(NAMES, key)
    urls = {
        "ANTHROPIC_BASE_URL": f"https://wilhelmina:{key}@{key}.example.com/{key}/v1?token={key}#{key}",
        "HTTPS_PROXY": f"http://{key}@proxy:3128",
        "ALL_PROXY": f"{key}:{key}@proxy",
        "NODE_EXTRA_CA_CERTS": f"/etc/ssl/{key}.pem",
        "SSL_CERT_FILE": f"$HOME/{key}.pem",
        "ANTHROPIC_CUSTOM_HEADERS": f"x-key: {key}\nx-other: {key}",
    }
    lines = "".join(f'export {name}="{value}"\n' for name, value in env.items())
    fish = "".join(f"set -gx {name} '{value}'\n" for name, value in env.items())
    document = json.dumps({"env": env, "model": key, "apiKeyHelper": f"echo {key}", key: key}, indent=1)
    broken = f'{{"env": {{"ANTHROPIC_API_KEY": "{key}" "{key}": {key}}}}}'
    auth = f'echo "Auth token: {key}"; echo "Email: wilhelmina@{host}"; echo "Anthropic base URL: http://{host}/{key}"'
    program = f'#!/bin/sh\n[ "$1" = --version ] && echo "2.1.330 {key}" || {{ {auth}; }}\n'
    account = {"oauthAccount": {"emailAddress": "wilhelmina@example.com"}, "env": env}
    return Prepared(
        {
            ".claude/settings.json": document,
            ".claude/settings.local.json": document,
            ".claude/config.json": document,
            ".claude/.credentials.json": json.dumps({"claudeAiOauth": {"accessToken": key}}),
            ".claude.json": json.dumps({**account, "customApiKeyResponses": {"rejected": [key[-20:]]}}),
            ".zshrc": lines,
            ".bashrc": lines.replace("export ", ""),
            ".profile": f"export ANTHROPIC_API_KEY={key}; export ANTHROPIC_AUTH_TOKEN=$(echo {key})\n",
            ".config/fish/config.fish": fish,
            ".config/fish/fish_variables": f"SETUVAR --export ANTHROPIC_AUTH_TOKEN:{key}\n",
            "./.env": lines,
            "./.envrc": lines,
            "./.claude/settings.json": document,
            "./.claude/settings.local.json": broken,
            "/etc/environment": lines,
            "/etc/claude-code/managed-settings.json": broken,
            "/etc/claude-code/managed-settings.d/1.json": json.dumps({"env": {"ANTHROPIC_BASE_URL": f"http://{host}"}}),
        },
        {**env, **urls},
        claude=(program,),
    )


@pytest.mark.parametrize("key", SHAPES.values(), ids=SHAPES.keys())
def test_output_holds_no_key_no_user_and_no_foreign_path(key: str, tmp_path: Path) -> None:
    answer = prepare(tmp_path / "h", everywhere(key)).ask()
    assert len(answer.report.repeated["var"]) > 100
    middle = key[3:-4] if len(key) >= 16 else key
    for secret in (middle, "wilhelmina", str(tmp_path)):
        assert secret.lower() not in answer.output.lower()
    host = socket.gethostname().lower()
    assert len(host) < 4 or host not in answer.output.lower()


def test_values_of_the_right_kind_are_shown(tmp_path: Path) -> None:
    env = {
        "ANTHROPIC_BASE_URL": "https://me:pw@API.example.com:8443/api/anthropic/?a=b",
        "ANTHROPIC_MODEL": "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "claude-opus-4.8[1m]",
        "ANTHROPIC_AUTH_TOKEN": "sk-gw-0123456789-wxyz",
        "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS": "1",
        "HTTPS_PROXY": "http://me:pw@proxy.example.com:3128",
        "NO_PROXY": "localhost,.lan",
        "NODE_EXTRA_CA_CERTS": "$HOME/ca.pem",
    }
    report = prepare(tmp_path / "h", Prepared(env=env)).ask().report
    shown = {name: report.winner(name)[2] for name in env}
    assert shown == {
        "ANTHROPIC_BASE_URL": "https://api.example.com:8443/api/anthropic/",
        "ANTHROPIC_MODEL": "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "claude-opus-4.8[1m]",
        "ANTHROPIC_AUTH_TOKEN": "sk-...wxyz",
        "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS": "1",
        "HTTPS_PROXY": "http://proxy.example.com:3128",
        "NO_PROXY": "2 hosts",
        "NODE_EXTRA_CA_CERTS": "~/ca.pem",
    }


def traces(house: House) -> dict[str, tuple[int, int, bytes]]:
    """Every file and folder with its mode, time of change and content."""
    found = {}
    for path in sorted(house.top.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (status.st_mode, status.st_mtime_ns, content)
    return found


def test_nothing_is_changed(tmp_path: Path) -> None:
    house = prepare(tmp_path / "h", everywhere(SHAPES["anthropic"]))
    before = traces(house)
    house.ask()
    assert traces(house) == before


@pytest.mark.real("claude")
@pytest.mark.parametrize("part", ["claude", "claude-old"])
def test_real_client_is_asked_without_leaving_a_trace(part: str, tmp_path: Path) -> None:
    program = real_part(part).path
    house = prepare(tmp_path / "h", Prepared({".claude/settings.json": settings(), ".claude.json": "{}"}, claude=()))
    house.add_tools(claude=program)
    before = traces(house)
    answer = house.ask()
    assert traces(house) == before
    [(version, how, _)] = answer.report.repeated["claude"]
    assert re.fullmatch(r"2\.1\.\d+", version)
    assert how == "npm"
    assert ("Auth token: ANTHROPIC_AUTH_TOKEN",) in answer.report.repeated["auth"]
    assert ("Anthropic base URL: https://api.example.com",) in answer.report.repeated["auth"]
    assert answer.report.findings == []


def test_unreadable_file_is_said(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("needs an ordinary user: root may read everything")
    house = prepare(tmp_path / "h", Prepared({".claude/settings.json": settings()}))
    (house.home / ".claude" / "settings.json").chmod(0)
    assert house.ask().first == ("settings-unreadable", "~/.claude/settings.json")
