"""Wiring only: names the modules that hold fixtures."""

from __future__ import annotations

pytest_plugins = [
    "tests.real_parts.plugin",
    "tests.real_parts.browser",
    "tests.real_parts.wine",
    "tests.support.databases",
    "tests.support.portal",
]
