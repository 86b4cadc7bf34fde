"""Runs one client in one set-up and returns what a person would copy from the screen."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pexpect

from tests.diagnosis.recorder.setups import KEY, TOKEN, URL, Setup
from tests.real_parts.claude import CLEAN_ENVIRONMENT
from tests.story.terminal import as_read

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "print": ("-p", "hi"),
    "echo": ("-p", "hi"),
    "json": ("-p", "hi", "--output-format", "json"),
    "stream": ("-p", "hi", "--output-format", "stream-json", "--verbose"),
    "status": ("auth", "status"),
    "status-text": ("auth", "status", "--text"),
    "doctor": ("doctor",),
}
_LOGIN = {
    "accessToken": "sk-ant-oat01-abcdefghijklmnop",
    "refreshToken": "sk-ant-ort01-abcdefghijkl",
    "expiresAt": 4102444800000,
    "scopes": ["user:inference", "user:profile"],
    "subscriptionType": "pro",
}


def prepare(home: Path, setup: Setup, values: Mapping[str, str], command: str) -> dict[str, str]:
    """Write the files of the set-up into `home` and return the environment."""
    state: dict[str, object] = {}
    if command != "first":
        state["hasCompletedOnboarding"] = True
    if command != "untrusted":
        state["projects"] = {str(home): {"hasTrustDialogAccepted": True}}
    if approved := setup.state.get("approved"):
        state["customApiKeyResponses"] = {"approved": [str(approved)[-20:]], "rejected": []}
    (home / ".claude").mkdir()
    if setup.login:
        state["oauthAccount"] = {
            "emailAddress": "ada@example.com",
            "organizationName": "Ada",
            "accountUuid": "1",
            "organizationUuid": "2",
        }
        (home / ".claude" / ".credentials.json").write_text(json.dumps({"claudeAiOauth": _LOGIN}))
    (home / ".claude.json").write_text(json.dumps(state))
    if setup.settings:
        (home / ".claude" / "settings.json").write_text(setup.settings.replace("{url}", values["url"]))
    wanted = {URL: "{url}", TOKEN: KEY, **setup.env}
    env = {**CLEAN_ENVIRONMENT, "HOME": str(home), "CLAUDE_CODE_MAX_RETRIES": "1" if command == "stream" else "0"}
    for name, value in wanted.items():
        if value is not None:
            env[name] = re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), value)
    return env


def run(binary: Path, command: str, home: Path, env: dict[str, str], width: int) -> str:
    """What is shown. A session is read until it stays still."""
    if command in ARGUMENTS:
        answer = subprocess.run(
            [binary, *ARGUMENTS[command]],
            env=env,
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        text = "\n\n".join(filter(None, (answer.stdout.strip(), answer.stderr.strip())))
        return f"$ echo $ANTHROPIC_BASE_URL\n{env[URL]}\n$ claude -p hi\n{text}" if command == "echo" else text
    typed = {"session": ("hi",), "slash-status": ("/status",), "first": ("", "", ""), "untrusted": ("",)}[command]
    return session(binary, home, env, typed, width)


def session(binary: Path, home: Path, env: dict[str, str], typed: tuple[str, ...], width: int) -> str:
    child: pexpect.spawn[str] = pexpect.spawn(
        str(binary),
        cwd=str(home),
        env={**env, "TERM": "xterm-256color"},
        encoding="utf-8",
        dimensions=(40, width),
        timeout=30,
    )
    shown = ""
    try:
        shown += _quiet(child)
        for line in typed:
            child.send(line)
            shown += _quiet(child, still=0.6)
            child.send("\r")
            shown += _quiet(child)
    except (pexpect.EOF, OSError):
        pass
    finally:
        child.close(force=True)
    return as_read(shown)[-6000:]


def _quiet(child: pexpect.spawn[str], still: float = 1.5, most: float = 12) -> str:
    shown, last, started = "", time.monotonic(), time.monotonic()
    while time.monotonic() - last < still and time.monotonic() - started < most:
        try:
            shown += child.read_nonblocking(65536, timeout=0.2)
            last = time.monotonic()
        except pexpect.TIMEOUT:
            continue
        except pexpect.EOF:
            break
    return shown
