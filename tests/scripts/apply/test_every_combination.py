"""The whole script with every engine alone, from every shell, for every scope: the bytes of the reference merge.

Each document is merged, merged again (which changes nothing) and taken back. `tests.scripts.apply.matrix` says which
documents go through which combination.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from portal.profile.load import load_profile
from portal.scripts.plan import FilePlan, Keeper, plan_for
from portal.snippets.places import Base, Place
from portal.snippets.targets import Scope
from tests.scripts.apply.documents import COUNT, document
from tests.scripts.apply.homes import APPLY, UNDO, Home, Street, copies, empty_repository, modes
from tests.scripts.apply.machine import GOOD_KEY, Machine, choose, make_machine
from tests.scripts.apply.matrix import MATRIX, Batch, batches, noted
from tests.scripts.apply.reference import Merged, apply_merge, body_of, undo_merge

GATEWAY: Final = "https://gateway.example"
MODES: Final = (0o600, 0o644, 0o640)
HIDDEN_BY: Final = {Scope.LOCAL: ".git/info/exclude", Scope.PROJECT: ".gitignore"}
BATCHES: Final = [batch for batch in batches(os.environ.get(MATRIX, "")) if batch.scope is not Scope.STARTUP]


@dataclass(frozen=True, slots=True)
class Merging:
    """One settings file of a home: what it held, and what the reference makes of it."""

    path: Path
    data: bytes | None
    mode: int
    expected: Merged

    @property
    def refused(self) -> bool:
        return bool(self.expected.problem)


@dataclass(frozen=True, slots=True)
class Resident:
    """A home and its settings files."""

    home: Home
    files: list[Merging]


def companion(number: int) -> bytes | None:
    """What stands in the second file, where a scope has two: none, or the next document that is one."""
    if number % 10 == 3:
        return None
    following = (document(other % COUNT) for other in range(number + 1, number + COUNT))
    return next(data for data in following if not apply_merge(data, []).problem)


def path_of(place: Place, home: Home) -> Path:
    match place.base:
        case Base.HOME:
            return home.home.joinpath(*place.parts)
        case Base.PROJECT:
            return home.project.joinpath(*place.parts)
        case Base.SYSTEM:
            return home.project / "etc" / place.name


def prepare(home: Home, plans: tuple[FilePlan, ...], number: int) -> list[Merging]:
    """Write the files of this home."""
    found = []
    for file, data in zip(plans, (document(number), companion(number)), strict=False):
        key = "YOUR-API-KEY" if file.keeper is Keeper.ADMIN else GOOD_KEY
        orders = [order.line.replace("YOUR-API-KEY", key) for order in file.orders]
        path, mode = path_of(file.place, home), MODES[number % len(MODES)]
        if data is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(mode)
        new = 0o644 if file.keeper is not Keeper.PRIVATE else 0o600
        found.append(Merging(path, data, new if data is None else mode, apply_merge(data, orders)))
    return found


def prove_merged(merging: Merging) -> None:
    path, expected = merging.path, merging.expected
    assert path.read_bytes() == expected.data
    assert modes([path]) == {merging.mode}
    record = path.with_name(f"{path.name}.portal-undo")
    assert (record.read_bytes() if record.exists() else b"") == expected.record
    assert copies(path) == ([merging.data] if merging.data and expected.changed else [])


def prove_taken_back(merging: Merging) -> None:
    path, expected = merging.path, merging.expected
    undone = undo_merge(expected.data, expected.record) if expected.changed else expected
    assert path.exists() is not undone.removed
    if not undone.removed:
        assert path.read_bytes() == undone.data
    if merging.data is not None:
        assert values(path.read_bytes()) == values(merging.data), "every value is the one from before"
    assert not path.with_name(f"{path.name}.portal-undo").exists()


def values(data: bytes) -> object:
    """What a reader of the settings sees."""
    return json.loads(body_of(data)[0].decode(errors="surrogateescape"), parse_int=str, parse_float=str)


def build(batch: Batch, machine: Machine) -> tuple[Street, dict[int, Resident]]:
    choices = choose(batch.scope)
    plans = plan_for(choices, replace(load_profile("tokenbay"), base_url=GATEWAY)).files
    script = machine.script(choices)
    repository = empty_repository(machine) if batch.scope in HIDDEN_BY else None
    street = Street(machine, batch.shell)
    residents = {}
    for number in batch.numbers:
        home = street.build(f"{number:03}", script, repository)
        if plans[0].place.base is Base.SYSTEM:
            home.change_script("/".join(plans[0].place.parts), str(path_of(plans[0].place, home)))
        residents[number] = Resident(home, prepare(home, plans, number))
    return street, residents


def prove_refusals(street: Street, residents: dict[int, Resident]) -> dict[int, Resident]:
    """Run the script for the first time; the homes with a file that cannot be changed are as before, and leave."""
    before = {number: resident.home.state() for number, resident in residents.items()}
    street.run(APPLY)
    left = {}
    for number, resident in residents.items():
        home = resident.home
        assert GOOD_KEY not in home.said
        if any(file.refused for file in resident.files):
            assert (home.code, home.state()) == (5, before[number]), (number, home.said)
            street.leave(home)
        else:
            assert home.code == 0, (number, home.said)
            left[number] = resident
    return left


def prove_nothing_changes(street: Street, residents: dict[int, Resident]) -> None:
    before = {number: resident.home.state() for number, resident in residents.items()}
    street.run(APPLY)
    for number, resident in residents.items():
        home = resident.home
        assert (home.code, home.state()) == (0, before[number]), (number, home.said)
        assert "already set up" in home.said


def go_through(batch: Batch, machine: Machine) -> None:
    street, everybody = build(batch, machine)
    residents = prove_refusals(street, everybody)
    if batch.scope is Scope.MANAGED:  # the first run was the administrator's
        street.run(APPLY)
    for number, resident in residents.items():
        assert resident.home.code == 0, (number, resident.home.said)
        for file in resident.files:
            prove_merged(file)
        if batch.scope in HIDDEN_BY:
            assert ".claude/settings.local.json" in (resident.home.project / HIDDEN_BY[batch.scope]).read_text()
    prove_nothing_changes(street, residents)
    street.run(UNDO)
    for number, resident in residents.items():
        assert resident.home.code == 0, (number, resident.home.said)
        for file in resident.files:
            prove_taken_back(file)


@pytest.mark.real("zsh", "fish")
@pytest.mark.parametrize("batch", BATCHES, ids=[batch.id for batch in BATCHES])
def test_script_writes_the_bytes_of_the_reference_in_this_combination(batch: Batch, tmp_path: Path) -> None:
    with noted(batch):
        go_through(batch, make_machine(tmp_path / "machine", GATEWAY, batch.engine))
