"""The `portal` command as an operator runs it: processes of this tree, with an environment of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real_parts.parts import ROOT

STOP_SECONDS = 30


def clean_environment(**settings: str) -> dict[str, str]:
    """This environment without the portal's settings, and with these."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | settings


def portal(*arguments: str, code: int = 0, folder: Path = ROOT, **settings: str) -> str:
    """Run a command to its end and give what it printed."""
    answer = subprocess.run(
        [sys.executable, "-m", "portal", *arguments],
        cwd=folder,
        env=clean_environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == code, answer.stdout
    assert "Traceback" not in answer.stdout
    return answer.stdout


@contextmanager
def portal_serving(*arguments: str, folder: Path = ROOT, **settings: str) -> Iterator[str]:
    """Serve on a free port, as the code in `folder` does it; yields the address."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "portal", "serve", "--port", "0", *arguments],
        cwd=folder,
        env=clean_environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    try:
        found = None
        for line in process.stdout:
            if found := re.search(r"^Serving .* on (http://\S+)", line):
                break
        assert found, "the portal ended without serving"
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=STOP_SECONDS)
