from __future__ import annotations

from pathlib import Path

import pytest

from tests.snippets.shells.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A fresh account on this computer."""
    return Machine.at(tmp_path)
