"""How the script is run: options, exit codes, one line from curl, few tools, a gateway that answers or not."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.profile.load import load_profile, preset_names
from portal.scripts.doctor import render_doctor_sh
from tests.profile.documents import read
from tests.real_parts.servers import free_port
from tests.scripts.doctor.homes import CLAUDE, House, Prepared, prepare, script, settings

HEALTHY = Prepared({".claude/settings.json": settings()})


@pytest.fixture
def house(tmp_path: Path) -> House:
    return prepare(tmp_path / "h", HEALTHY)


def test_help_is_printed_when_asked(house: House) -> None:
    result = house.start("--help")
    assert result.returncode == 0
    assert "--offline" in result.stdout


@pytest.mark.parametrize("options", [["--wat"], ["now"], ["--root"]])
def test_unknown_options_end_with_two(options: list[str], tmp_path: Path) -> None:
    answer = subprocess.run(["dash", "-s", "--", *options], input=script(), capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "--help" in answer.stderr


def test_script_runs_from_a_file_too(house: House) -> None:
    path = house.top / "doctor.sh"
    path.write_text(script())
    command = [shutil.which("dash") or "dash", str(path), "--offline", "--root", str(house.system)]
    result = subprocess.run(
        command, env=house.environment(), cwd=house.project, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, house.ask().output)


def test_download_that_breaks_off_does_nothing(house: House) -> None:
    text = script()
    for part in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        assert house.start("--offline", text=text[: int(len(text) * part)]).stdout == ""
    assert house.start("--offline", text=text.rstrip().removesuffix('main "$@"')).stdout == ""


@pytest.mark.parametrize("with_timeout", [True, False])
def test_program_that_hangs_is_given_up(with_timeout: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table
    house = prepare(tmp_path / "h", Prepared(HEALTHY.files, claude=("#!/bin/sh\nexec sleep 20\n", CLAUDE)))
    if not with_timeout:
        (house.tools / "timeout").unlink()
    answer = house.ask(text=script().replace("limited 10 ", "limited 1 "))
    assert [version for version, *_ in answer.report.repeated["claude"]] == ["silent", "2.1.330"]
    assert "claude-silent" in answer.report.ids


def test_missing_awk_is_said(house: House) -> None:
    (house.tools / "awk").unlink()
    result = house.start("--offline")
    assert (result.returncode, result.stdout) == (2, "")
    assert "awk" in result.stderr


def test_busybox_shell_and_tools_are_enough(house: House) -> None:
    busybox = shutil.which("busybox")
    if not busybox:
        pytest.skip("busybox is not on this machine; Debian: apt-get install busybox")
    usual = house.ask()
    house.add_tools(**{path.name: Path(busybox) for path in house.tools.iterdir()}, sh=Path(busybox))
    assert house.ask(shell=str(house.tools / "sh")).output == usual.output


@pytest.mark.parametrize("preset", preset_names())
def test_every_preset_renders_a_script_without_a_blank_in_it(preset: str, tmp_path: Path) -> None:
    text = render_doctor_sh(load_profile(preset))
    assert "GATEWAY_URL=''" in text or "YOUR_" not in text.split("# <<< values")[0]
    assert prepare(tmp_path / "h", Prepared()).ask(text=text).report.single["gateway"]


def test_values_of_the_profile_are_only_text(house: House) -> None:
    name = 'O\'Brien "$(touch pwned)" `touch pwned` \\n %s & <b>'
    answer = house.ask(text=render_doctor_sh(read(name=name)))
    assert f"Claude Code doctor for {name} (api.example.com)" in answer.output
    assert not list(house.top.rglob("pwned"))


def test_shellcheck_has_nothing_to_say() -> None:
    program = shutil.which("shellcheck")
    if not program:
        pytest.skip("shellcheck is not on this machine; Debian: apt-get install shellcheck")
    for shell in ("sh", "dash", "bash"):
        result = subprocess.run(
            [program, "-s", shell, "-"], input=script(), capture_output=True, text=True, check=False
        )
        assert result.stdout == ""


# The network


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers 404 to everything, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(65536))
                    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listener.getsockname()[1], asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def network(tmp_path: Path, base_url: str, **env: str) -> tuple[str, list[str]]:
    files = {".claude/settings.json": settings(ANTHROPIC_BASE_URL=base_url), ".curlrc": "header = X-Mine: 1\n"}
    house = prepare(tmp_path / "h", Prepared(files, env, profile={"base_url": base_url}))
    house.add_tools("curl")
    report = house.ask(offline=False).report
    return report.single["network"], report.ids


def test_host_is_asked_once_and_without_a_key(tmp_path: Path) -> None:
    with listening() as (port, asked):
        assert network(tmp_path, f"http://127.0.0.1:{port}/some/path") == ("ok", [])
    [request] = asked
    lines = request.decode().split("\r\n")
    assert lines[0] == "HEAD / HTTP/1.1"
    assert {line.partition(":")[0].lower() for line in lines[1:] if line} == {"host", "user-agent", "accept"}


def test_refused_connection_is_told_from_an_unknown_name(tmp_path: Path) -> None:
    assert network(tmp_path / "a", f"http://127.0.0.1:{free_port()}") == ("refused", ["network-refused"])
    assert network(tmp_path / "b", "https://gateway.invalid") == ("dns", ["network-dns"])


def test_failing_tls_is_told_from_a_failing_proxy(tmp_path: Path) -> None:
    with listening() as (port, _):
        assert network(tmp_path / "a", f"https://127.0.0.1:{port}") == ("tls", ["network-tls"])
        proxy = f"http://127.0.0.1:{port}"
        assert network(tmp_path / "b", "https://gateway.invalid", HTTPS_PROXY=proxy) == ("proxy", ["network-proxy"])
    closed = f"http://127.0.0.1:{free_port()}"
    assert network(tmp_path / "c", "https://gateway.invalid", HTTPS_PROXY=closed) == ("proxy", ["network-proxy"])


def test_nobody_is_asked_when_offline(tmp_path: Path) -> None:
    with listening() as (port, asked):
        prepared = Prepared(HEALTHY.files, profile={"base_url": f"http://127.0.0.1:{port}"})
        house = prepare(tmp_path / "h", prepared)
        house.add_tools("curl")
        assert house.ask().report.single["network"] == "skipped"
    assert asked == []
