"""What the documents claim is true."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from portal.database_engines import SERVER_CONNECTIONS
from portal.profile.load import preset_names
from portal.settings import Settings, _secret_fields

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def test_configuration_table_is_the_settings_class() -> None:
    rows = re.findall(r"(?m)^\| `(PORTAL_\w+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", README)
    expected = [
        (f"PORTAL_{name.upper()}", str(field.default), field.description)
        for name, field in Settings.model_fields.items()
    ]
    assert rows == expected


@pytest.mark.parametrize("document", ["README.md", "docs/operating.md"])
def test_settings_that_can_be_files_are_named(document: str) -> None:
    named = re.findall(r"`(PORTAL_\w+_FILE)\b", (ROOT / document).read_text(encoding="utf-8"))
    assert sorted(named) == sorted(_secret_fields())


def test_options_of_serve_are_the_first_settings() -> None:
    from portal.cli import serve  # noqa: PLC0415 - the whole portal, for one test

    options = set(inspect.signature(serve).parameters) - {"listening_socket"}
    assert options == set(list(Settings.model_fields)[:6])
    assert "The first six are also options of `portal serve`" in README


def test_limits_of_the_capacity_page_are_those_of_the_settings() -> None:
    text = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    said = {name: int(value) for name, value in re.findall(r"`PORTAL_(KEY_CHECKS_\w+)` \((\d+)\)", text)}
    assert said == {
        name: Settings.model_fields[name.lower()].default
        for name in ("KEY_CHECKS_AT_ONCE", "KEY_CHECKS_PER_MINUTE_IN_TOTAL")
    }
    (processes,) = re.findall(r"(?m)^\| (\d+) processes \| (?=8 connections each)", text)
    for_administrator, for_other_programs = 3, SERVER_CONNECTIONS
    assert SERVER_CONNECTIONS == 8
    assert int(processes) == (100 - for_administrator - for_other_programs) // SERVER_CONNECTIONS


def test_presets_in_the_readme_are_those_that_are_shipped() -> None:
    (line,) = re.findall(r"(?m)^Presets: (.+?)\. Model", README)
    assert tuple(re.findall(r"`([^`]+)`", line)) == preset_names()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_exist_when_a_document_names_them(document: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_exist_when_a_document_names_them(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\((?!http)([^)#]+)\)", text))
    quoted = set(re.findall(r"`((?:portal|tests|static|templates|docs|benchmarks)/[\w./-]*)`", text)) - {
        "portal/locale/<language>/LC_MESSAGES/portal.mo"
    }
    missing = [name for name in linked if not (document.parent / name).exists()]
    missing += [name for name in quoted if not (ROOT / name).exists()]
    assert not missing


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.stem[:4] for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("record", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda path: path.stem)
def test_decision_record_has_its_parts(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert re.match(rf"# {record.stem[:4]} \S", text)
    for part in ("**Context.**", "**Decision.**", "**Consequences.**", "**Alternatives.**"):
        assert part in text
