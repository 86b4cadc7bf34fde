"""Owns asking whether a locked package has a known weakness (`make audit`), and whether anybody can be asked.

pip-audit calls a package that its source does not know "skipped" and ends well; a mirror without advisories would thus
pass everything. So a source counts only if it warns of an old package that every real one warns of, and an audit only
if nothing was skipped.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
LOCKS: Final = ("requirements.txt", "requirements-dev.txt")
SOURCES: Final = ("pypi", "osv")
_KNOWN_WEAK: Final = "jinja2==2.4.1\n"


@dataclass(frozen=True, slots=True)
class Audit:
    """What a source said about a list of packages: weaknesses as `package version: id`, and what it did not know."""

    weak: tuple[str, ...]
    skipped: tuple[str, ...]


@cache
def find_source() -> str | None:
    """The first source that can be reached and judges; None when there is none. Waits for some seconds."""
    with tempfile.TemporaryDirectory() as folder:
        list_of_one = Path(folder) / "weak.txt"
        list_of_one.write_text(_KNOWN_WEAK)
        for source in SOURCES:
            answer = audit(list_of_one, source, timeout=5)
            if answer and answer.weak:
                return source
    return None


def audit(requirements: Path, source: str, *, timeout: int = 30) -> Audit | None:
    """What the source says about every package of the file; None when it does not answer. `timeout` is in seconds."""
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--desc", "off", "--format", "json"]
    if "--hash" in requirements.read_text(encoding="utf-8"):
        options.append("--require-hashes")
    command = [sys.executable, "-m", "pip_audit", "-s", source, "--timeout", str(timeout), *options]
    done = subprocess.run([*command, "-r", str(requirements)], capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    weak = [f"{one['name']} {one['version']}: {weakness['id']}" for one in found for weakness in one.get("vulns", ())]
    return Audit(tuple(weak), tuple(one["name"] for one in found if "skip_reason" in one))


def main() -> int:
    """Audit both lock files: 0 when nothing is known against them, 1 when something is, 3 when nobody can be asked."""
    say = sys.stdout.write
    source = find_source()
    if source is None:
        say(f"Nothing was audited: neither {' nor '.join(SOURCES)} answers with advisories from here.\n")
        return 3
    bad = 0
    for name in LOCKS:
        answer = audit(ROOT / name, source)
        lines = ["the source stopped answering"] if answer is None else [*answer.weak]
        lines += [f"{package} is not known to the source" for package in (answer.skipped if answer else ())]
        say("".join(f"{name}: {line}\n" for line in lines or [f"nothing is known against it ({source})"]))
        bad += len(lines)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
