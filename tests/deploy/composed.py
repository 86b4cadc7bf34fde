"""The compose files as `podman-compose config` resolves them; no engine is asked for anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from tests.real_parts.parts import ROOT

MAIN: Final = "docker-compose.yml"
OVERRIDE: Final = "compose.override.example.yml"
DOMAIN: Final = "start.example.com"
_PODMAN: Final = '#!/bin/sh\n[ "$1" = --version ] && echo "podman version 5.0.0"\n'
"""`podman-compose config` asks Podman for its version, and for nothing else; there is no Podman here."""


def checkout(folder: Path) -> Path:
    """A copy of what an operator has at first."""
    place = folder / "portal"
    shutil.copytree(
        ROOT / "deploy", place / "deploy", ignore=shutil.ignore_patterns("secrets", "profiles", "portal.env")
    )
    for name in (MAIN, OVERRIDE):
        shutil.copy(ROOT / name, place)
    return place


def prepared(folder: Path) -> Path:
    """The same, after `deploy/prepare.sh`."""
    place = checkout(folder)
    run_there(place, f"sh deploy/prepare.sh {DOMAIN}")
    return place


def run_there(place: Path, command: str) -> None:
    """Run a shell's command line as the operator."""
    subprocess.run(["sh", "-c", command], cwd=place, env=_clean(), capture_output=True, check=True)


def resolved(place: Path, *files: str, **variables: str) -> dict[str, Any]:
    """The configuration that these files of `place` give, variables filled in and overrides merged.

    Raises:
        subprocess.CalledProcessError: the files do not fit; its `stderr` says why.

    """
    stub = place.parent / "bin" / "podman"
    stub.parent.mkdir(exist_ok=True)
    stub.write_text(_PODMAN, encoding="utf-8")
    stub.chmod(0o755)
    command = [sys.executable, "-m", "podman_compose", *(part for name in files for part in ("-f", name)), "config"]
    env = {**_clean(), "PATH": f"{stub.parent}:{os.environ['PATH']}", **variables}
    answer = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, check=True)
    found: dict[str, Any] = yaml.safe_load(answer.stdout)
    return found


def read(name: str) -> dict[str, Any]:
    """One compose file as it is written, with the tags `!reset` and `!override` read as the plain values they mark."""
    found: dict[str, Any] = yaml.load((ROOT / name).read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    return found


class _Loader(yaml.SafeLoader):
    pass


def _plain(loader: Any, node: Any) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return {}  # `!reset null` stands for an empty mapping


_Loader.add_constructor("!reset", _plain)
_Loader.add_constructor("!override", _plain)


def _clean() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
