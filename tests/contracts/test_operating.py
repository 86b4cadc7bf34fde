"""The commands of docs/operating.md work: taken from the page and run in its order, in a folder of their own."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real_parts.parts import ROOT
from tests.real_parts.postgresql import PostgreSQL
from tests.real_parts.servers import free_port
from tests.support.commands import clean_environment
from tests.support.databases import TEMPLATE, new_database

PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
COMPOSE = ROOT / "docker-compose.yml"
KINDS = {"", "install", "docker", "serve", "workers", "postgresql"}
SECTIONS = ("Install", "Configure", "Back up", "Upgrade", "Observe", "Scale", "Troubleshoot")


@dataclass(frozen=True)
class Block:
    """Some commands, by what they need."""

    kind: str
    line: int
    text: str

    @property
    def port(self) -> int:
        found = re.search(r"--port (\d+)", self.text)
        assert found
        return int(found[1])


def blocks(*kinds: str) -> Iterator[Block]:
    for found in re.finditer(r"(?ms)^```(\S*) ?(\S*)$\n(.*?)^```$", PAGE):
        language, kind, text = found.groups()
        assert language == "sh", f"a block that is not tested: {found[0]}"
        assert kind in KINDS
        if not kinds or kind in kinds:
            yield Block(kind, PAGE.count("\n", 0, found.start()) + 1, text)


@pytest.fixture
def sandbox(tmp_path: Path) -> Path:
    """A folder like a checkout, with `portal` on the PATH."""
    for name in (
        "portal",
        "templates",
        "static",
        "migrations",
        "requirements.txt",
        "pyproject.toml",
        "README.md",
        "LICENSE",
    ):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "portal"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m portal "$@"\n')
    command.chmod(0o755)
    return tmp_path


def script_of(chosen: Iterator[Block]) -> str:
    """One script, so that what a block exports holds for the next ones; ends what it started."""
    lines = ["set -eu", "started=", "trap 'kill $started 2>/dev/null || :; wait' EXIT"]
    for block in chosen:
        lines.append(f"echo '--- operating.md:{block.line}'")
        if block.kind in {"serve", "workers"}:
            ready = f"curl --fail --silent --output /dev/null http://127.0.0.1:{block.port}/readyz"
            lines += [block.text.rstrip() + " &", 'started="$started $!"']
            lines.append(f"tries=0; until {ready}; do tries=$((tries + 1)); [ $tries -lt 200 ]; sleep 0.3; done")
        else:
            lines.append(block.text)
    return "\n".join([*lines, "echo '--- end'"])


def run(script: str, folder: Path, **settings: str) -> str:
    """Run it with free ports in the place of the page's."""
    for port in set(re.findall(r"\b808\d\b", script)):
        script = script.replace(port, str(free_port()))
    environment = clean_environment(STATE_DIRECTORY=str(folder / "state"), **settings)
    environment["PATH"] = f"{folder / 'bin'}:{environment['PATH']}"
    answer = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert (answer.returncode, "--- end" in answer.stdout) == (0, True), answer.stdout[-4000:]
    return answer.stdout


def test_page_has_its_sections() -> None:
    assert tuple(re.findall(r"(?m)^## (.+)$", PAGE)) == SECTIONS
    for section in PAGE.split("\n## ")[1:-1]:
        assert "```sh" in section, section.splitlines()[0]


@pytest.mark.real("curl")
def test_every_command_works_when_run_in_the_order_of_the_page(sandbox: Path) -> None:
    printed = run(script_of(blocks("", "serve", "workers")), sandbox)
    assert printed.count("--- operating.md") > 10
    for said in ("mine.toml: good.", '"status":"ready"', "anna can sign in", "bytes, checked", "Counted", "Removed"):
        assert said in printed
    assert "portal_visits" in printed or "# TYPE" in printed, "no metrics were printed"
    assert (sandbox / "monday.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.real("postgresql")
def test_every_command_works_with_postgresql_when_run_in_the_order_of_the_page(
    postgresql: PostgreSQL, sandbox: Path
) -> None:
    printed = run(script_of(blocks("postgresql")), sandbox, PORTAL_DATABASE_URL=new_database(postgresql, TEMPLATE))
    assert printed.count("up to date already") == 2
    assert (sandbox / "portal.dump").read_bytes().startswith(b"PGDMP")


@pytest.mark.real("package-index")
def test_portal_is_installed_from_locked_packages_when_the_page_is_followed(sandbox: Path) -> None:
    assert re.search(r"(?m)^\d+\.\d+", run(script_of(blocks("install")), sandbox))


def docker_commands() -> list[list[str]]:
    lines = [line for block in blocks("docker") for line in block.text.splitlines() if line]
    return [[word for word in shlex.split(line) if word not in {"<", ">"}] for line in lines]


def test_compose_commands_are_those_of_docker() -> None:
    assert docker_commands()
    for docker, compose, command, *_ in docker_commands():
        assert (docker, compose) == ("docker", "compose")
        assert command in {"build", "up", "ps", "run", "exec", "logs"}


def test_services_exist_when_a_command_names_them() -> None:
    if not COMPOSE.exists():
        pytest.skip("there is no docker-compose.yml in this tree")
    part = COMPOSE.read_text(encoding="utf-8").split("\nservices:\n")[1]
    services = set(re.findall(r"(?m)^  ([a-z-]+):$", re.split(r"(?m)^\w", part)[0]))
    named = set()
    for _, _, command, *words in docker_commands():
        if "--scale" in words:
            named.add(words[words.index("--scale") + 1].partition("=")[0])
        elif command in {"run", "exec", "logs"}:
            named.add(next(word for word in words if not word.startswith("-")))
    assert {"portal", "migrate"} <= named <= services
