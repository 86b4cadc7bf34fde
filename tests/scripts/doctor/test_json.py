"""The doctor's reading of settings files against Python's strict reader, hundreds of files in one run."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.doctor.homes import Prepared, prepare, settings

PIECES = ['"', "{", "}", "[", "]", ",", ":", "\\", "\n", "\t", " ", "//", "'", "“", "0", "-", "1.", "e5", "nul", "true"]
SEEDS = [
    '{"env": {"A": "b", "C": "d\\"e\\\\"}, "list": [1, -2.5e+3, [], {}, "ü"], "x": null, "y": false}',
    '{\n  "env": {\n    "ANTHROPIC_MODEL": "sonnet"\n  },\n  "more": {"deep": [{"a": [[["\\u00fc\\n"]]]}]}\n}\n',
    '[1, 2, {"a": "b"}]',
    '{"a":1}',
    "",
]


def reject(_: str) -> Any:
    raise ValueError


def is_settings_document(text: str) -> bool:
    """Strict JSON, an object, and `env` in it an object: what Claude Code does not skip as a whole (measured)."""
    if not text.strip(" \t\r\n"):
        return True
    try:
        document = json.loads(text, parse_constant=reject)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and isinstance(document.get("env", {}), dict)


def mutated(chance: random.Random) -> str:
    text = chance.choice(SEEDS)
    for _ in range(chance.randint(0, 3)):
        at, end = sorted(chance.choices(range(len(text) + 1), k=2))
        text = text[:at] + (chance.choice([*PIECES, ""])) + text[chance.choice([at, at + 1, end]) :]
    return text


def test_validity_is_what_a_strict_reader_says(tmp_path: Path) -> None:
    chance = random.Random(20261123)  # noqa: S311 - the same mutations every time
    folder = "/etc/claude-code/managed-settings.d/"
    texts = {f"{folder}{number:04}.json": mutated(chance) for number in range(300)}
    # Of two env blocks only the last counts, which this short check of the shape does not know.
    files = {name: text for name, text in texts.items() if '"env"' not in text or text.count('"env"') == 1}
    report = prepare(tmp_path / "h", Prepared({**files})).ask().report
    said = {place.split(" line ")[0]: state for _, state, place in report.repeated["settings"]}
    wrong = [text for name, text in files.items() if (said[name] in {"valid", "empty"}) != is_settings_document(text)]
    assert wrong == []
    assert 60 < sum(state == "broken" for state in said.values()) < 240


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{\n "env": {},\n}', "line 3, column 1"),
        ('{\n "env": {} // mine\n}', "line 2, column 12"),
        ("{'env': {}}", "line 1, column 2"),
        ("{“env”: {}}", "line 1, column 2"),
        ('{"env": {"A": "1"\n"B": "2"}}', "line 2, column 1"),
        ('{"path": "C:\\Users"}', "line 1, column 10"),
        ('{"env": {}', "line 1, column 11"),
        ('{"env": {}} {}', "line 1, column 13"),
        ('{"a": tru}', "line 1, column 7"),
        ('{"a": "x\ty"}', "line 1, column 7"),
        ('{"env": []}', "line 1"),
        ('{"model": 5}', "line 1"),
        ('{"permissions": {\n"allow": "Bash"}}', "line 2"),
        ("[]", ""),
    ],
)
def test_place_of_the_fault_is_named(text: str, where: str, tmp_path: Path) -> None:
    report = prepare(tmp_path / "h", Prepared({".claude/settings.json": text})).ask().report
    invalid = [finding.place for finding in report.findings if finding.id == "settings-invalid"]
    assert invalid == [f"~/.claude/settings.json {where}".strip()]


def test_large_state_file_takes_no_noticeable_time(tmp_path: Path) -> None:
    state = json.dumps({"projects": {f"/p{n}": {"history": ["x" * 200] * 40} for n in range(200)}}, indent=2)
    house = prepare(tmp_path / "h", Prepared({".claude.json": state, ".claude/settings.json": settings()}))
    assert len(state) > 1_500_000
    assert house.ask().report.findings == []
