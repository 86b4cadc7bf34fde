"""Start-up files as people have them, from every launching shell: our block comes in, once, and goes out again.

Also fish, which has universal variables in the place of a block. Engines are dealt like those of the settings files,
although a start-up file needs none.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from portal.profile.load import load_profile
from portal.snippets.dialects import dialect_for
from portal.snippets.targets import Platform, Scope, Shell
from portal.snippets.variables import environment
from tests.scripts.apply.homes import APPLY, UNDO, Home, Street, copies, modes
from tests.scripts.apply.machine import GOOD_KEY, Machine, choose, make_machine
from tests.scripts.apply.matrix import MATRIX, Batch, batches, noted
from tests.scripts.apply.startup_files import startup_file, with_block, without_block

GATEWAY: Final = "https://gateway.example"
BATCHES: Final = [batch for batch in batches(os.environ.get(MATRIX, "")) if batch.scope is Scope.STARTUP]
FILES: Final = [batch for batch in BATCHES if batch.shell != "fish"]
VARIABLES: Final = [batch for batch in BATCHES if batch.shell == "fish"]
MODES: Final = (0o600, 0o644)
LOGIN_FILES: Final = (".bash_profile", ".bash_login", ".profile")
TARGETS: Final = {
    "dash": (Platform.MACOS, Shell.BASH),
    "bash": (Platform.LINUX, Shell.BASH),
    "zsh": (Platform.MACOS, Shell.ZSH),
    "fish": (Platform.LINUX, Shell.FISH),
}
"""Whose start-up file the script looks for when each shell starts it; dash has none of its own."""


def file_name(shell: str, number: int) -> str:
    if shell == "dash":
        return LOGIN_FILES[number % 3] if startup_file(number) is not None else LOGIN_FILES[0]
    return {"bash": ".bashrc", "zsh": ".zshrc"}[shell]


def build(batch: Batch, machine: Machine) -> tuple[Street, dict[int, Home]]:
    platform, shell = TARGETS[batch.shell]
    script = machine.script(choose(Scope.STARTUP, shell, platform))
    street = Street(machine, batch.shell)
    return street, {number: street.build(f"{number:03}", script) for number in batch.numbers}


def planned(shell: str) -> dict[str, str]:
    platform, kind = TARGETS[shell]
    profile = replace(load_profile("tokenbay"), base_url=GATEWAY)
    variables = environment(choose(Scope.STARTUP, kind, platform), profile)
    return {variable.name: variable.value.replace("YOUR-API-KEY", GOOD_KEY) for variable in variables}


def block(shell: str) -> str:
    platform, kind = TARGETS[shell]
    profile = replace(load_profile("tokenbay"), base_url=GATEWAY)
    choices = choose(Scope.STARTUP, kind, platform)
    return dialect_for(platform, kind).set_here(environment(choices, profile)).replace("YOUR-API-KEY", GOOD_KEY)


@pytest.mark.real("zsh")
@pytest.mark.parametrize("batch", FILES, ids=[batch.id for batch in FILES])
def test_block_comes_in_once_and_goes_out_again(batch: Batch, tmp_path: Path) -> None:
    with noted(batch):
        machine = make_machine(tmp_path / "machine", GATEWAY, batch.engine)
        street, homes = build(batch, machine)
        paths = {number: home.home / file_name(batch.shell, number) for number, home in homes.items()}
        for number, path in paths.items():
            data = startup_file(number)
            if data is not None:
                path.write_bytes(data)
                path.chmod(MODES[number % 2])
        street.run(APPLY)
        for number, path in paths.items():
            data = startup_file(number)
            assert homes[number].code == 0, (number, homes[number].said)
            assert GOOD_KEY not in homes[number].said
            assert path.read_bytes() == with_block(data or b"", block(batch.shell)), number
            assert modes([path]) == {0o600 if data is None else MODES[number % 2]}
            assert copies(path) == ([data] if data else [])
        before = {number: home.state() for number, home in homes.items()}
        street.run(APPLY)
        for number, home in homes.items():
            assert (home.code, home.state()) == (0, before[number]), (number, home.said)
            assert "already set up" in home.said
        street.run(UNDO)
        for number, path in paths.items():
            assert homes[number].code == 0, (number, homes[number].said)
            left = without_block(startup_file(number) or b"")
            assert (path.read_bytes() if path.exists() else b"") == left, number


def existing_variables(number: int) -> dict[str, str]:
    """Universal variables that somebody has already."""
    chance = random.Random(number)  # noqa: S311 - a collection, not a secret
    names = chance.sample(["MINE", "PATH_OF_MINE", *planned("fish")], k=chance.choice((0, 1, 2, 4)))
    values = (
        "",
        "1",
        "it's",
        'a "b" \\ c',
        "é – 漢字 🎉",
        "two\nlines",
        "$HOME (ls) {a,b} *",
        "-x",
        "a\tb",
        "x" * 3000,
    )
    return {name: chance.choice(values) for name in names}


def universal_variables(home: Home) -> dict[str, str]:
    path = home.home / ".config/fish/fish_variables"
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.removeprefix("SETUVAR --export ").split(":", 1) for line in lines if line.startswith("SETUVAR"))
    return {name: value for name, value in pairs if not name.startswith(("_", "fish", "SETUVAR"))}


def as_fish_writes(value: str) -> str:
    def letter(one: str) -> str:
        if (one.isascii() and one.isalnum()) or one in "/_":
            return one
        code = ord(one)
        return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    return "".join(map(letter, value))


@pytest.mark.real("fish")
@pytest.mark.parametrize("batch", VARIABLES, ids=[batch.id for batch in VARIABLES])
def test_universal_variables_come_in_and_the_old_ones_come_back(batch: Batch, tmp_path: Path) -> None:
    with noted(batch):
        machine = make_machine(tmp_path / "machine", GATEWAY, batch.engine)
        machine.install("fish")
        street, homes = build(batch, machine)
        before = {}
        for number, home in homes.items():
            before[number] = {name: as_fish_writes(value) for name, value in existing_variables(number).items()}
            folder = home.home / ".config/fish"
            folder.mkdir(parents=True)
            head = ["# This file contains fish universal variable definitions.", "# VERSION: 3.0"]
            lines = [f"SETUVAR --export {name}:{value}" for name, value in before[number].items()]
            (folder / "fish_variables").write_text("\n".join([*head, *lines, ""]))
        ours = {name: as_fish_writes(value) for name, value in planned("fish").items()}
        for _ in range(2):
            street.run(APPLY)
            for number, home in homes.items():
                assert home.code == 0, (number, home.said)
                assert GOOD_KEY not in home.said
                assert universal_variables(home) == before[number] | ours
        street.run(UNDO)
        for number, home in homes.items():
            assert home.code == 0, (number, home.said)
            assert universal_variables(home) == before[number]
            assert not (home.home / ".config/fish/claude-gateway.portal-undo").exists()
