from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from tests.real_parts.parts import ROOT

RUNTIME: Final = ROOT / "requirements.txt"
DEV: Final = ROOT / "requirements-dev.txt"
LITELLM: Final = ROOT / "tests" / "real_parts" / "litellm-requirements.txt"
NPM: Final = sorted((ROOT / "tests" / "real_parts").glob("*/package-lock.json"))
HASH: Final = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pin:
    """One entry of a lock file: exactly one version, perhaps only on some machines."""

    name: NormalizedName
    version: Version
    marker: str
    hashes: tuple[str, ...]


def read_pins(lock: Path) -> list[Pin]:
    entries = lock.read_text().replace("\\\n", " ").splitlines()
    return [_read_pin(entry) for entry in entries if entry.strip()]


def _read_pin(entry: str) -> Pin:
    requirement = Requirement(HASH.sub("", entry).strip())
    (specifier,) = requirement.specifier
    assert (specifier.operator, requirement.url) == ("==", None), entry
    return Pin(
        canonicalize_name(requirement.name),
        Version(specifier.version),
        str(requirement.marker or ""),
        tuple(HASH.findall(entry)),
    )


def pinned_here(lock: Path) -> dict[NormalizedName, Version]:
    """What the lock file installs on this machine."""
    return {pin.name: pin.version for pin in read_pins(lock) if applies(pin.marker)}


def applies(marker: str) -> bool:
    return not marker or _evaluate(Requirement(f"anything ; {marker}"))


def _evaluate(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def wanted(lock: Path) -> list[Requirement]:
    names = list(project()["project"]["dependencies"])
    if lock == DEV:
        names += project()["dependency-groups"]["dev"]
    return [Requirement(name) for name in names]


@pytest.mark.parametrize("lock", [RUNTIME, DEV, LITELLM], ids=lambda path: path.name)
def test_every_entry_has_a_hash_and_no_address(lock: Path) -> None:
    assert "://" not in lock.read_text()
    assert [pin.name for pin in read_pins(lock) if not pin.hashes] == []


@pytest.mark.parametrize("lock", [RUNTIME, DEV], ids=lambda path: path.name)
def test_lock_satisfies_pyproject(lock: Path) -> None:
    pins = pinned_here(lock)
    unsatisfied = [
        str(requirement)
        for requirement in wanted(lock)
        if (version := pins.get(canonicalize_name(requirement.name))) is None or version not in requirement.specifier
    ]
    assert unsatisfied == [], "run `make lock`"


@pytest.mark.parametrize("lock", [RUNTIME, DEV], ids=lambda path: path.name)
def test_lock_holds_what_the_dependencies_depend_on(lock: Path) -> None:
    pins = pinned_here(lock)
    seen: set[tuple[str, str]] = set()
    waiting = wanted(lock)
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            if (requirement.name, extra) not in seen:
                seen.add((requirement.name, extra))
                waiting += _dependencies(requirement.name, extra)
    needed = {canonicalize_name(name) for name, _ in seen}
    assert needed - pins.keys() == set(), "run `make lock`"


def _dependencies(name: str, extra: str) -> list[Requirement]:
    try:
        declared = requires(name) or []
    except PackageNotFoundError:
        pytest.fail(f"{name} is not installed: run `make test`, which brings .venv up to date")
    return [requirement for requirement in map(Requirement, declared) if _evaluate(requirement, extra)]


def test_dev_lock_is_a_superset_with_the_same_versions() -> None:
    # .ci/venv.sh relies on it: what dev installed also counts as the runtime environment.
    assert set(read_pins(RUNTIME)) - set(read_pins(DEV)) == set()


def test_litellm_lock_satisfies_its_source() -> None:
    lines = LITELLM.with_suffix(".in").read_text().splitlines()
    pins = pinned_here(LITELLM)
    for requirement in (Requirement(line) for line in lines if line and not line.startswith("#")):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("lock", NPM, ids=lambda path: path.parent.name)
def test_npm_lock_pins_exact_versions_and_no_address(lock: Path) -> None:
    source = json.loads(lock.with_name("package.json").read_text())
    packages = json.loads(lock.read_text())["packages"]
    assert packages.pop("")["dependencies"] == source["dependencies"]
    for name, version in source["dependencies"].items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert [name for name, package in packages.items() if "resolved" in package or "integrity" not in package] == []
