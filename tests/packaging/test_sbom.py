from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.sbom import ROOT, bill_of_materials, vendored
from tests.packaging.test_lock_files import RUNTIME, read_pins


@pytest.fixture(scope="module")
def text() -> str:
    return bill_of_materials()


@pytest.fixture(scope="module")
def components(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["components"]
    return found


def test_sbom_has_every_locked_package_with_its_hashes(components: list[dict[str, Any]]) -> None:
    listed = {(one["name"], one["version"]) for one in components if one["purl"].startswith("pkg:pypi/")}
    locked = {(str(pin.name), str(pin.version)) for pin in read_pins(RUNTIME)}
    assert len(locked) > 30
    assert {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in listed} == locked


def test_sbom_has_the_vendored_code(components: list[dict[str, Any]]) -> None:
    names = {one["name"] for one in components if one["purl"].startswith("pkg:npm/")}
    assert names == {"htmx.org", "uplot", "jsonc-parser"}
    files = {file["name"] for one in vendored() for file in one["components"]}
    there = {path.name for path in (ROOT / "static" / "vendor").iterdir() if path.suffix in {".js", ".css"}}
    assert files == there


def test_sbom_is_the_same_when_it_is_made_again(text: str) -> None:
    assert bill_of_materials() == text
    assert not re.search(r"timestamp|serialNumber|/simple|" + re.escape(str(Path.home())), text)
    assert not re.search(r"https?://(?!cyclonedx\.org)[^\"]*(?:pypi|pythonhosted|npmjs)", text)
