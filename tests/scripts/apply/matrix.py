"""Which documents go through which combination of engine, launching shell and scope in this run.

The ordinary run deals the documents out: each goes through the whole script once for a settings file, and each
start-up file once. `ONBOARDING_TEST_MATRIX=all` multiplies them out, `ONBOARDING_TEST_MATRIX=3/16` does the third of
sixteen shares of that. With `ONBOARDING_TEST_MATRIX_LOG=FILE`, a batch that passed is noted there as it ends, and a
batch that the file has is not run again.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from portal.snippets.targets import Scope
from tests.scripts.apply import documents, startup_files
from tests.scripts.apply.homes import LAUNCHERS
from tests.scripts.apply.machine import ENGINES

MATRIX: Final = "ONBOARDING_TEST_MATRIX"
LOG: Final = "ONBOARDING_TEST_MATRIX_LOG"
SCOPES: Final = (Scope.USER, Scope.LOCAL, Scope.PROJECT, Scope.MANAGED, Scope.STARTUP)
SHARES: Final = 6
"""Into how many batches a combination of the whole matrix is cut."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents (or start-up files, by scope) that go through one combination."""

    engine: str
    shell: str
    scope: Scope
    numbers: range

    @property
    def id(self) -> str:
        return f"{self.engine}-{self.shell}-{self.scope}-{self.numbers.start}"


def batches(wanted: str) -> list[Batch]:
    """The batches of this run. `wanted` is empty, `all`, or `SHARE/SHARES`.

    Raises:
        pytest.UsageError: it is something else.
    """
    if not wanted:
        files = _dealt([scope for scope in SCOPES if scope is not Scope.STARTUP], documents.COUNT)
        return files + _dealt([Scope.STARTUP], startup_files.COUNT)
    everything = [
        Batch(engine, shell, scope, range(start, documents.COUNT, SHARES))
        for start, scope, shell, engine in product(range(SHARES), SCOPES, LAUNCHERS, ENGINES)
    ]
    if wanted == "all":
        return everything
    match = re.fullmatch(r"(\d+)/(\d+)", wanted)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise pytest.UsageError(f"{MATRIX} is neither `all` nor a share like 3/16: {wanted}")
    return everything[int(match[1]) - 1 :: int(match[2])]


def _dealt(scopes: list[Scope], count: int) -> list[Batch]:
    combinations = list(product(ENGINES, LAUNCHERS, scopes))
    return [Batch(*words, range(index, count, len(combinations))) for index, words in enumerate(combinations)]


@contextmanager
def noted(batch: Batch) -> Iterator[None]:
    """Skip the batch if the log has it; note it there when it has passed, and how many seconds it took."""
    log = Path(os.environ[LOG]) if os.environ.get(LOG) else None
    line = f"passed {batch.id}:"
    if log and log.exists() and line in log.read_text():
        pytest.skip("the log has it as passed")
    started = time.monotonic()
    outcome = "failed"
    try:
        yield
        outcome = "passed"
    finally:
        if log:
            seconds = time.monotonic() - started
            with log.open("a") as out:
                out.write(
                    f"{time.strftime('%H:%M:%S')} {outcome} {batch.id}: {len(batch.numbers)} in {seconds:.1f} s\n"
                )
