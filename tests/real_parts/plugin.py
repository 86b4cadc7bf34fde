"""The pytest side of the real parts: who needs which, what happens when one is missing, the table at the end.

A test names what it needs with `@pytest.mark.real("zsh")` (several names are fine), by using a fixture of
FIXTURE_PARTS, or by calling `real_part("zsh")` while it runs.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.real_parts.parts import PARTS, RealPart

REQUIRE: Final = "ONBOARDING_TEST_REQUIRE_REAL"
FIXTURE_PARTS: Final = {"browser": "chromium", "wine": "wine", "postgresql": "postgresql"}

# Kept in the test reports, so that the table is right under pytest-xdist as well.
_USED: Final = "real-part"
_MISSING: Final = "missing-real-part"


@dataclass(frozen=True, slots=True)
class FoundPart:
    """A real part that this machine has."""

    name: str
    path: Path


class _Running:
    """The test that runs at the moment (pytest runs one at a time in a process)."""

    item: pytest.Item | None = None


def real_part(name: str) -> FoundPart:
    """The real part of this name; skips the running test if it is missing, or fails it where parts are required."""
    path = _find(name)
    properties = _Running.item.user_properties if _Running.item else []
    if path is None:
        properties.append((_MISSING, name))
        part = PARTS[name]
        message = f"the real part {name!r} is missing; to get it: {part.how_to_get}"
        if _is_missing_fatal(part):
            pytest.fail(f"{message} ({REQUIRE} is set)", pytrace=False)
        pytest.skip(message)
    if (_USED, name) not in properties:
        properties.append((_USED, name))
    return FoundPart(name, path)


@cache
def _find(name: str) -> Path | None:
    return PARTS[name].find()


def _names_needed(item: pytest.Item) -> list[str]:
    marked = [str(name) for mark in item.iter_markers("real") for name in mark.args]
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return list(dict.fromkeys([*marked, *(FIXTURE_PARTS[name] for name in fixtures if name in FIXTURE_PARTS)]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unknown = {(name, item.nodeid) for item in items for name in _names_needed(item) if name not in PARTS}
    if unknown:
        places = ", ".join(f"{name!r} in {nodeid}" for name, nodeid in sorted(unknown))
        raise pytest.UsageError(f"No such real part: {places}. Known are {', '.join(PARTS)}.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    _Running.item = item
    try:
        return (yield)
    finally:
        _Running.item = None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for name in _names_needed(item):
        real_part(name)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        if not isinstance(report, pytest.TestReport):
            continue
        names = {(kind, str(name)) for kind, name in report.user_properties if kind in {_USED, _MISSING}}
        without = {name for kind, name in names if kind == _MISSING}
        if report.when != "teardown" and without and not report.passed:
            missed.update(without)
        elif report.when == "call":
            ran.update(name for kind, name in names if kind == _USED)
    terminalreporter.write_sep("=", "real parts")
    width = max(map(len, PARTS))
    for part in PARTS.values():
        line = _line(part, ran[part.name], missed[part.name])
        terminalreporter.write_line(f"{part.name:<{width}}  {line}", yellow=bool(missed[part.name]))


def _is_missing_fatal(part: RealPart) -> bool:
    return part.required and bool(os.environ.get(REQUIRE))


def _line(part: RealPart, ran: int, missed: int) -> str:
    if missed:
        did_not = "failed" if _is_missing_fatal(part) else "skipped"
        return f"missing: {did_not} {_tests(missed)}; to get it: {part.how_to_get}"
    return f"ran {_tests(ran)}" if ran else "not used in this run"


def _tests(count: int) -> str:
    return f"{count} test" if count == 1 else f"{count} tests"
