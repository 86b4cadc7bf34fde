"""The command as an operator runs it: a process, its output, its exit code."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from portal import __version__, paths
from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.profile.load import preset_names
from tests.support.commands import clean_environment


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "portal", *arguments],
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@dataclass
class Running:
    """A started command: the address that it prints, and everything it printed, once it has ended."""

    address: str = ""
    output: str = ""


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[Running]:
    """Start the command, wait until it serves, and stop it as Ctrl+C does."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "portal", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdout
    running = Running()
    try:
        for line in process.stdout:
            running.output += line
            if match := re.search(r"^Serving .* on (http://\S+)", line):
                running.address = match[1]
                break
        assert running.address, "the command ended without serving"
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        running.output += process.communicate(timeout=15)[0]
    assert "Traceback" not in running.output


def test_every_line_is_json_when_what_collects_logs_reads_them() -> None:
    """The start, a warning about the profile, and the end; standard output is left to people."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "portal", "serve", "--port", "0", "--profile", "cloudflare"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PORTAL_LOG_FORMAT": "json"},
    )
    assert process.stderr
    lines: list[str] = []
    found = None
    try:
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r"Serving the guide for .* on (http://[\w.]+:\d+)", json.loads(line)["message"]):
                break
        assert found, "it ended without serving"
        assert httpx.get(f"{found[1]}/healthz").status_code == 200
    finally:
        process.send_signal(signal.SIGINT)
        printed, rest = process.communicate(timeout=30)
    said = [json.loads(line) for line in (*lines, *rest.splitlines())]
    assert printed == ""
    assert any("YOUR_ACCOUNT_ID" in one["message"] and one["level"] == "warning" for one in said)


def test_version_is_printed_when_asked() -> None:
    assert run("--version").stdout.strip() == __version__


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["serve", "--profile", "tokenbuy"], {}, "tokenbay"),
        (["serve", "--profile", "missing.toml"], {}, "missing.toml"),
        (["serve", "--port", "70000"], {}, "--port"),
        (["serve", "--log-level", "loud"], {}, "--log-level"),
        (["serve", "--public-url", "nowhere"], {}, "--public-url"),
        (["serve"], {"PORTAL_HOSTNAME": "x"}, "PORTAL_HOST"),
        (["serve", "--host", "192.0.2.1", "--port", "0"], {}, "Cannot listen on 192.0.2.1"),
        (["serve", "--nonsense"], {}, "nonsense"),
    ],
)
def test_serve_ends_with_a_sentence_and_2_when_it_cannot_work(
    arguments: list[str], environment: dict[str, str], says: str
) -> None:
    result = run(*arguments, **environment)
    assert result.returncode == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_serve_says_so_when_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 2
    assert "in use" in result.stderr


def test_guide_is_served_when_the_command_runs() -> None:
    with serving("serve", "--port", "0", "--profile", "litellm") as running:
        answer = httpx.get(running.address)
    assert answer.status_code == 200
    assert "server" not in answer.headers


def test_demo_checks_its_own_keys_when_it_runs() -> None:
    with serving("demo", "--port", "0") as running:
        page = httpx.get(running.address).text
        answer = httpx.post(f"{running.address}/key-check", data={"key": "sk-demo-good"})
        found = re.search(r"sign in as (\w+), password (\S+)", running.output)
        assert found
        form = {"name": found[1], "password": found[2]}
        assert httpx.post(f"{running.address}/admin/login", data=form).status_code == 303
    assert "This is a simulation." in page
    assert 'data-verdict="accepted"' in answer.text


def test_every_preset_passes_the_check_by_its_name() -> None:
    for name in preset_names():
        result = run("profile", "check", name)
        assert (result.returncode, result.stdout.strip()) == (0, f"{name}: good.")


def test_serve_says_so_when_the_host_is_no_address() -> None:
    result = run("serve", "--host", "nope.invalid")
    assert (result.returncode, "no address of this machine" in result.stderr) == (2, True)


def test_log_holds_no_key_when_the_process_says_everything() -> None:
    key = DEMO_KEYS[Behaviour.REJECTED_OPENAI]
    with serving("demo", "--port", "0", PORTAL_LOG_LEVEL="debug") as running:
        for headers in ({}, {"HX-Request": "true", "HX-Request-Type": "partial"}):
            assert httpx.post(f"{running.address}/key-check", data={"key": key}, headers=headers).status_code == 200
    printed = running.output.split("Serving", 1)[1]
    assert "keycheck:check 200" in printed
    assert key not in printed


def test_profile_check_exits_with_0_when_the_file_is_good() -> None:
    result = run("profile", "check", str(paths.PRESETS / "tokenbay.toml"))
    assert (result.returncode, result.stderr) == (0, "")


def test_profile_check_prints_the_regional_addresses_when_there_are_some(tmp_path: Path) -> None:
    file = tmp_path / "regional.toml"
    region = '[[regions]]\nid = "eu"\nname = "Europe"\nbase_url = "https://EU.x.test/"\n'
    file.write_text((paths.PRESETS / "tokenbay.toml").read_text() + region)
    result = run("profile", "check", str(file))
    assert result.returncode == 0
    first, second = result.stdout.splitlines()
    assert first == f"{file}: good."
    assert second.split() == ["region", "eu", "https://eu.x.test", "Europe"]


def test_profile_check_prints_every_problem_and_exits_with_1_when_there_are_some(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text('name = "X"\nbase_url = "https://x.test/v1"\ncredental = "bearer"\n')
    result = run("profile", "check", str(file))
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert any("/v1/v1/messages" in line for line in lines)
    assert any("credential" in line for line in lines)
    assert any("models" in line for line in lines)
    assert run("serve", "--profile", str(file)).returncode == 2


def test_migrate_brings_the_database_up_to_date_once(empty_address: str) -> None:
    first, second = (run("migrate", PORTAL_DATABASE_URL=empty_address) for _ in range(2))
    assert (first.returncode, first.stdout) == (0, "The database is up to date now.\n")
    assert (second.returncode, second.stdout) == (0, "The database was up to date already.\n")


def test_migrate_says_so_and_ends_with_2_when_the_database_is_away() -> None:
    result = run("migrate", PORTAL_DATABASE_URL="postgresql://me:hunter2@127.0.0.1:1/db")
    assert result.returncode == 2
    assert "does not answer" in result.stderr
    assert "Traceback" not in result.stderr
    assert "hunter2" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        (["--host", "0.0.0.0"], True),  # noqa: S104 - that is what operators set in a container
        (["--host", "0.0.0.0", "--public-url", "https://start.example.com"], False),  # noqa: S104
        (["--host", "127.0.0.1"], False),
    ],
)
def test_serve_warns_when_others_can_reach_it_and_its_address_is_unknown(
    arguments: list[str],
    warned: bool,  # noqa: FBT001 - a parameter of the table above
) -> None:
    with serving("serve", "--port", "0", *arguments) as running:
        pass
    assert ("PORTAL_PUBLIC_URL is not set" in running.output) is warned
