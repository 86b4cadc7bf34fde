"""Runs one client in one set-up and returns what a person would copy from the screen."""

from __future__ import annotations

import json
import re
import shlex
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
    "env": ("-p", "hi"),
    "scroll": ("-p", "hi"),
    "env-status": ("auth", "status", "--text"),
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
    retries = {"stream": "1", "retrying": "5"}.get(command, "0")
    env = {**CLEAN_ENVIRONMENT, "HOME": str(home), "CLAUDE_CODE_MAX_RETRIES": retries}
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
        return _among_other_output(command, ARGUMENTS[command], env, text)
    typed = {"slash-status": ("/status",), "first": ("", "", ""), "untrusted": ("",)}.get(command, ("hi",))
    return session(binary, home, env, typed, width)


def _among_other_output(command: str, arguments: tuple[str, ...], env: Mapping[str, str], text: str) -> str:
    """What stands above it in the window: the address, the variables, an afternoon's work; the key as it was set."""
    called = shlex.join(("claude", *arguments))
    match command:
        case "echo":
            return f"$ echo $ANTHROPIC_BASE_URL\n{env[URL]}\n$ claude -p hi\n{text}"
        case "env" | "env-status":
            set_here = "\n".join(f"{name}={value}" for name, value in env.items() if name.startswith("ANTHROPIC_"))
            return f"ada@box:~/app$ env | grep ANTHROPIC\n{set_here}\nada@box:~/app$ {called}\n{text}\nada@box:~/app$"
        case "scroll":
            return f"{AFTERNOON}\n❯ {called}\n{text}\n~/src/shop main*\n❯ "
        case _:
            return text


AFTERNOON = """Last login: Mon Nov 23 08:12:40 on ttys003
~/src/shop main*
❯ git pull --rebase
remote: Enumerating objects: 214, done.
Receiving objects: 100% (214/214), 61.20 KiB | 2.10 MiB/s, done.
Successfully rebased and updated refs/heads/main.
~/src/shop main*
❯ npm install -g @anthropic-ai/claude-code
added 3 packages in 9s
~/src/shop main*
❯ npm test -- --reporter=dot
  48 passing (3s)
  1 failing: GET /orders answers 404 when the order does not exist
~/src/shop main*
❯ docker compose ps
NAME        SERVICE   STATUS         PORTS
shop-db-1   db        Up 4 minutes   0.0.0.0:5432->5432/tcp
~/src/shop main*"""


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
