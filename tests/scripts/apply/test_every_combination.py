"""All 300 documents through the whole script: every engine alone, in every shell, for every file scope, some each.

The engines themselves get all 300 each in `test_engines`; here the documents are dealt out over the combinations.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from portal.profile.load import load_profile
from portal.scripts.plan import FilePlan, plan_for
from portal.snippets.targets import Scope
from tests.scripts.apply.documents import document
from tests.scripts.apply.machine import ENGINES, GOOD_KEY, SHELLS, Machine, choose, make_machine
from tests.scripts.apply.reference import apply_merge, undo_merge

FISH: Final = ("fish", "--no-config", "-c", "cat $argv[1] | sh -s -- $argv[2..-1]")
"""fish reads no POSIX script; people there run `curl … | sh`, and so does this."""

PROGRAMS: Final = {name: SHELLS[name] for name in ("dash", "bash", "zsh")} | {"fish": FISH}
SCOPES: Final = (Scope.USER, Scope.LOCAL, Scope.PROJECT)
COMBINATIONS: Final = tuple(product(ENGINES, PROGRAMS, SCOPES))
DOCUMENTS: Final = 300


def existing_file(machine: Machine, scope: Scope, plan: FilePlan) -> Path:
    """Where the document stands that is merged into."""
    folder = machine.home if scope is Scope.USER else machine.root / "project"
    path = folder.joinpath(*plan.place.parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.real("zsh", "fish")
@pytest.mark.parametrize("index", range(len(COMBINATIONS)), ids=["-".join(c) for c in COMBINATIONS])
def test_script_writes_the_bytes_of_the_reference_in_this_combination(index: int, tmp_path: Path, gateway: str) -> None:
    engine, shell, scope = COMBINATIONS[index]
    machine = make_machine(tmp_path / "machine", gateway, engine)
    script = machine.script(choose(scope))
    profile = replace(load_profile("tokenbay"), base_url=gateway)
    plan = plan_for(choose(scope), profile).files[0]
    orders = [order.line.replace("YOUR-API-KEY", GOOD_KEY) for order in plan.orders]
    path = existing_file(machine, scope, plan)
    for number in range(index, DOCUMENTS, len(COMBINATIONS)):
        data = document(number)
        expected = apply_merge(data, orders)
        for left in path.parent.glob("*"):
            left.unlink()
        path.write_bytes(data)
        cwd = machine.home if scope is Scope.USER else machine.root / "project"
        answer = machine.run("--no-check", script=script, shell=PROGRAMS[shell], cwd=cwd)
        assert answer.returncode == (5 if expected.problem or data[:1] == b"\xff" else 0), (number, answer)
        assert path.read_bytes() == expected.data, number
        if expected.changed:
            back = machine.run("--undo", script=script, shell=PROGRAMS[shell], cwd=cwd)
            assert back.returncode == 0, (number, back)
            undone = undo_merge(expected.data, expected.record)
            assert (path.read_bytes() if path.exists() else b"") == undone.data
