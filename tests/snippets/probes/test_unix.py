"""The probes of bash, zsh, fish (and Git Bash's text in bash), run in the real shells; keys never come out whole."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from portal.keys import PLACEHOLDER
from portal.snippets.places import LOCAL_SETTINGS, USER_SETTINGS
from portal.snippets.probes import ApiCall, KeySource, Probe, probe_for
from portal.snippets.targets import Platform, Shell
from tests.snippets.probes.documents import DOCUMENTS, SECRET
from tests.snippets.samples import HOSTILE_KEY, KEYS, variables
from tests.snippets.shells.machine import UNIX_SHELLS, Machine, needs
from tests.snippets.shells.terminal import open_terminal

_SHELLS = [needs(shell) for shell in UNIX_SHELLS]
_NAMES = ("ANTHROPIC_*", "HTTPS_PROXY")


def probe(shell: Shell) -> Probe:
    return probe_for(Platform.LINUX, shell)


def out(machine: Machine, shell: Shell, text: str, env: dict[str, str] | None = None) -> str:
    return machine.run(shell, text, env=env).stdout


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("shell", _SHELLS)
def test_variables_show_no_key(machine: Machine, shell: Shell, key: str) -> None:
    env = {
        "ANTHROPIC_AUTH_TOKEN": key,
        "ANTHROPIC_API_KEY": "",
        "ANTHROPIC_BASE_URL": "https://gateway.example.com",
        "ANTHROPIC_CUSTOM_HEADERS": f"x-one: {key}\nx-two: {key}",
        "HTTPS_PROXY": "http://me:secret@proxy:8080",
        "OTHER": "not asked for",
    }
    lines = out(machine, shell, probe(shell).variables(_NAMES), env).splitlines()
    shown = dict(line.split("=", 1) for line in lines)
    assert shown == {
        "ANTHROPIC_AUTH_TOKEN": f"...{key[-4:]}" if len(key) >= 12 else "...",
        "ANTHROPIC_API_KEY": "",
        "ANTHROPIC_BASE_URL": "https://gateway.example.com",
        "ANTHROPIC_CUSTOM_HEADERS": "...",
        "HTTPS_PROXY": "http://...@proxy:8080",
    }


@pytest.mark.parametrize("shell", _SHELLS)
def test_variables_show_numbers_whose_name_speaks_of_tokens(machine: Machine, shell: Shell) -> None:
    text = probe(shell).variables(["CLAUDE_CODE_*"])
    assert out(machine, shell, text, {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": "200000"}).strip().endswith("=200000")


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("shell", _SHELLS)
def test_file_is_shown_without_its_key(machine: Machine, shell: Shell, document: str) -> None:
    path = machine.home.joinpath(*USER_SETTINGS.parts)
    path.parent.mkdir()
    path.write_text(document + "\n", "utf-8")
    shown = out(machine, shell, probe(shell).read(USER_SETTINGS))
    assert "..." in shown
    assert SECRET[:-4] not in shown
    assert "short" not in shown
    assert path.read_text("utf-8") == document + "\n"
    assert len(shown.splitlines()) == len(document.splitlines())


@pytest.mark.parametrize("shell", _SHELLS)
def test_start_up_files_are_named_by_line(machine: Machine, shell: Shell) -> None:
    (machine.home / ".zshrc").write_text(f"# mine\nexport ANTHROPIC_API_KEY={SECRET}\n")
    (machine.project / ".env").write_text(f"ANTHROPIC_API_KEY={SECRET}\n")
    fish = machine.home / ".config" / "fish"
    fish.mkdir(parents=True)
    (fish / "config.fish").write_text(f"\n\nset -gx ANTHROPIC_API_KEY '{SECRET}'\n")
    shown = out(machine, shell, probe(shell).find(["ANTHROPIC_API_KEY"]))
    assert sorted(shown.splitlines()) == sorted([f"{machine.home}/.zshrc:2", ".env:1", f"{fish}/config.fish:3"])


@pytest.mark.parametrize("shell", _SHELLS)
def test_forgotten_variables_are_gone(machine: Machine, shell: Shell) -> None:
    env = {"ANTHROPIC_API_KEY": SECRET, "ANTHROPIC_MODEL": "stays"}
    seen, answer = machine.run_and_read(shell, probe(shell).forget(["ANTHROPIC_API_KEY", "NEVER_SET"]), env)
    assert "ANTHROPIC_API_KEY" not in seen
    assert seen["ANTHROPIC_MODEL"] == "stays"
    assert not answer.stderr


@pytest.mark.real("fish")
def test_forgotten_variables_are_gone_from_new_fish_windows(machine: Machine) -> None:
    machine.run(Shell.FISH, f"set -Ux ANTHROPIC_API_KEY {SECRET}")
    assert machine.new_terminal(Platform.LINUX, Shell.FISH)["ANTHROPIC_API_KEY"] == SECRET
    machine.run(Shell.FISH, probe(Shell.FISH).forget(["ANTHROPIC_API_KEY"]))
    assert "ANTHROPIC_API_KEY" not in machine.new_terminal(Platform.LINUX, Shell.FISH)


@pytest.mark.parametrize("shell", _SHELLS)
@pytest.mark.parametrize("platform", [Platform.LINUX, Platform.MACOS])
def test_editor_opens_the_file_and_keeps_what_it_says(machine: Machine, shell: Shell, platform: Platform) -> None:
    editor = machine.root / "bin" / {Platform.LINUX: "nano", Platform.MACOS: "open"}[platform]
    editor.write_text('#!/bin/sh\nfor last; do :; done\necho "$last" && cat "$last"\n')
    editor.chmod(0o755)
    text = probe_for(platform, shell).edit(USER_SETTINGS, create=True, private=True)
    path = machine.home / ".claude" / "settings.json"
    assert out(machine, shell, text) == f"{path}\n"
    path.write_text("{}\n")
    assert out(machine, shell, text) == f"{path}\n{{}}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    out(machine, shell, probe_for(platform, shell).edit(LOCAL_SETTINGS, create=True, private=False))
    assert (machine.project / ".claude" / "settings.local.json").read_text() == ""


@pytest.mark.parametrize("shell", _SHELLS)
def test_program_runs_with_variables_for_one_call(machine: Machine, shell: Shell) -> None:
    claude = machine.root / "bin" / "claude"
    claude.write_text('#!/bin/sh\necho "$CLAUDE_CODE_MAX_RETRIES|${HTTPS_PROXY-unset}|$*"\n')
    claude.chmod(0o755)
    given = variables(CLAUDE_CODE_MAX_RETRIES="0", HTTPS_PROXY="")
    text = probe(shell).run_with(given, "claude", ["-p", "Reply with: it's fine"])
    text += '\necho "$CLAUDE_CODE_MAX_RETRIES-$HTTPS_PROXY"'
    answer = out(machine, shell, text, {"HTTPS_PROXY": "http://p"})
    assert answer == "0||-p Reply with: it's fine\n-http://p\n"


@pytest.mark.parametrize("shell", _SHELLS)
def test_program_is_found_everywhere(machine: Machine, shell: Shell) -> None:
    claude = machine.root / "bin" / "claude"
    claude.write_text("#!/bin/sh\n")
    claude.chmod(0o755)
    assert str(claude) in out(machine, shell, probe(shell).program("claude"))


class _Gateway(BaseHTTPRequestHandler):
    seen: list[tuple[str, dict[str, str], bytes]]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        type(self).seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        credential = self.headers.get("authorization", "")
        text = json.dumps({"type": "error", "message": f"no good: {credential} and sk-another-1234"}).encode()
        self.send_response(401 if self.path.endswith("messages") else 301)
        self.send_header("location", "https://elsewhere.example.com/")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_POST = do_HEAD = answer  # noqa: N815 - the names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of http.server
        pass


@contextmanager
def gateway() -> Iterator[tuple[str, type[_Gateway]]]:
    handler = type("Handler", (_Gateway,), {"seen": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler
    finally:
        server.shutdown()
        server.server_close()


def _call(address: str, source: KeySource) -> ApiCall:
    headers = (
        ("Authorization", f"Bearer {PLACEHOLDER}"),
        ("x-team", "it's a `team` $HOME"),
        ("x-twice", f"a{PLACEHOLDER}b"),
    )
    body: dict[str, object] = {"model": "it's-4.6", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]}
    return ApiCall(f"{address}/v1/messages", headers, body, source, "ANTHROPIC_AUTH_TOKEN")


@pytest.mark.parametrize("shell", _SHELLS)
def test_call_sends_the_variable_and_shows_no_key(machine: Machine, shell: Shell) -> None:
    with gateway() as (address, handler):
        text = probe(shell).call(_call(address, KeySource.VARIABLE))
        shown = out(machine, shell, text, {"ANTHROPIC_AUTH_TOKEN": HOSTILE_KEY})
    ((path, headers, body),) = handler.seen
    assert path == "/v1/messages"
    assert headers["authorization"] == f"Bearer {HOSTILE_KEY}"
    assert headers["x-team"] == "it's a `team` $HOME"
    assert headers["x-twice"] == f"a{HOSTILE_KEY}b"
    assert json.loads(body)["model"] == "it's-4.6"
    assert "HTTP 401" in shown
    assert "no good: Bearer ..." in shown
    assert HOSTILE_KEY not in shown
    assert "another" not in shown


@pytest.mark.parametrize("shell", _SHELLS)
def test_call_asks_for_the_key_when_no_variable_has_it(machine: Machine, shell: Shell) -> None:
    with gateway() as (address, handler):
        text = probe(shell).call(_call(address, KeySource.PROMPT))
        feed = machine.root / "feed"
        feed.write_text(f"{HOSTILE_KEY}\n")
        program = {Shell.BASH: "bash --norc", Shell.ZSH: "zsh -f", Shell.FISH: "fish"}[shell]
        (machine.root / "asking").write_text(text + "\n")
        shown = machine.run(Shell.BASH, f"{program} '{machine.root}/asking' < '{feed}'")
    ((_, headers, _),) = handler.seen
    assert headers["authorization"] == f"Bearer {HOSTILE_KEY}"
    assert HOSTILE_KEY not in shown.stdout + shown.stderr


@pytest.mark.parametrize("shell", _SHELLS)
def test_head_names_status_redirect_and_obstacle(machine: Machine, shell: Shell) -> None:
    with gateway() as (address, handler):
        shown = out(machine, shell, probe(shell).head(f"{address}/"))
    assert "301" in shown
    assert "elsewhere.example.com" in shown
    assert "authorization" not in handler.seen[0][1]
    refused = out(machine, shell, probe(shell).head(address))
    assert refused.startswith("curl: (7)")


@pytest.mark.real("bash")
def test_git_bash_hands_windows_variables_to_powershell(machine: Machine) -> None:
    stand_in = machine.root / "bin" / "powershell.exe"
    stand_in.write_text("#!/bin/sh\nshift $(($# - 1))\nprintf '%s\\n' \"$1\"\n")
    stand_in.chmod(0o755)
    git_bash = probe_for(Platform.WINDOWS, Shell.GIT_BASH)
    env = {"ANTHROPIC_API_KEY": SECRET}
    seen, answer = machine.run_and_read(Shell.GIT_BASH, git_bash.forget(["ANTHROPIC_API_KEY"]), env)
    assert "ANTHROPIC_API_KEY" not in seen
    assert answer.stdout == "[Environment]::SetEnvironmentVariable('ANTHROPIC_API_KEY', [NullString]::Value, 'User')\n"
    assert "'User', 'Machine'" in out(machine, Shell.GIT_BASH, git_bash.find(["ANTHROPIC_API_KEY"]))


@pytest.mark.parametrize("shell", _SHELLS)
def test_key_typed_at_the_prompt_stays_off_the_screen(machine: Machine, shell: Shell) -> None:
    key = "sk-typed-0123456789"
    with gateway() as (address, handler), open_terminal(machine, shell) as terminal:
        terminal.paste(probe(shell).call(_call(address, KeySource.PROMPT)))
        terminal.wait_for("Key: ")
        terminal.rest()
        terminal.type(key)
        terminal.wait_for("HTTP 401")
        terminal.environment()
        assert key not in terminal.screen
        terminal.screen = ""
        terminal.type("echo visible again")
        terminal.environment()
        assert terminal.screen.count("visible again") >= 2, "what is typed is shown again"
    assert handler.seen[0][1]["authorization"] == f"Bearer {key}"
