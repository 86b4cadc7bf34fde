"""Runs the real Claude Code once, in an environment that holds only what the test gives it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CLEAN_ENVIRONMENT: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_MAX_RETRIES": "0",
}


def run_claude(
    binary: Path,
    *arguments: str,
    home: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """`claude ARGUMENTS` as `env -i` would run it: HOME is `home`, `env` is added to CLEAN_ENVIRONMENT.

    Runs in `cwd` (else in `home`) without standard input and without raising on a non-zero exit code.

    Raises:
        subprocess.TimeoutExpired: it took longer than `timeout` seconds.
    """
    return subprocess.run(
        [binary, *arguments],
        env={**CLEAN_ENVIRONMENT, "HOME": str(home), **(env or {})},
        cwd=cwd or home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
