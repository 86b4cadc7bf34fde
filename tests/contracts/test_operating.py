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

from tests.deploy.composed import MAIN, OVERRIDE, checkout, prepared, resolved, run_there
from tests.real_parts.parts import ROOT
from tests.real_parts.postgresql import PostgreSQL
from tests.real_parts.servers import free_port
from tests.support.commands import clean_environment
from tests.support.databases import TEMPLATE, new_database

PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
KINDS = {"", "install", "docker", "single", "serve", "workers", "postgresql"}
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


def test_settings_hold_in_every_folder_when_the_page_was_followed(sandbox: Path) -> None:
    start = PAGE.index("## Configure")
    first = PAGE.count("\n", 0, start)
    configuring = [block for block in blocks("") if block.line > first][:2]
    assert "export" in configuring[1].text
    elsewhere = 'cd / && portal profile check "$PORTAL_PROFILE" && cat "$PORTAL_SECRET_KEY_FILE"'
    printed = run(f"{script_of(iter(configuring))}\n{elsewhere}", sandbox)
    assert printed.count("mine.toml: good.") == 2


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


def names_of_services(command: str, words: list[str]) -> set[str]:
    """The services that this command of `docker compose` names."""
    match command:
        case "run" | "exec" | "logs":
            return {next(word for word in words if not word.startswith("-"))}
        case "cp":
            return {words[0].partition(":")[0]}
        case "build" | "up" | "ps":
            return {word for word in words if not word.startswith("-")}
        case _:
            raise AssertionError(f"docker compose has no {command}")


def follow(place: Path, kind: str, *files: str) -> set[str]:
    """Run what is no `docker compose` command, resolve the files for each one that is, and give the names in them."""
    named = set()
    for line in "".join(block.text for block in blocks(kind)).splitlines():
        first, *rest = shlex.split(line)
        if first != "docker":
            run_there(place, line)
            continue
        services = resolved(place, *files)["services"]
        assert rest.pop(0) == "compose"
        named |= (here := names_of_services(rest[0], rest[1:]))
        assert here <= services.keys(), line
    return named


def test_compose_commands_can_run_when_the_page_is_followed(tmp_path: Path) -> None:
    place = checkout(tmp_path)
    assert {"portal", "migrate", "database"} <= follow(place, "docker", MAIN)
    assert int(resolved(place, MAIN)["services"]["portal"]["deploy"]["replicas"]) == 4


def test_copy_of_the_single_container_is_made_where_it_can_write(tmp_path: Path) -> None:
    place = prepared(tmp_path)
    assert follow(place, "single", MAIN, OVERRIDE) == {"portal"}
    (block,) = blocks("single")
    (file,) = set(re.findall(r"/\S+\.db", block.text))
    assert f"data:{Path(file).parent}" in resolved(place, MAIN, OVERRIDE)["services"]["portal"]["volumes"]
