"""Owns what stands in for a registry of images: a base image made by debootstrap, and a folder of wheels.

`store/` in the base's folder is a buildah store that holds one image, called as the Dockerfile's `FROM` calls it. The
wheels' folder is mounted at /wheels during the build, where its `pip.conf` tells pip to look, and nowhere else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from tests.real_parts.parts import ROOT

WHEELS_AT: Final = "/wheels"
BASE_PYTHON: Final = {"python_version": "3.11", "python_full_version": "3.11.2", "sys_platform": "linux"}
"""The Python of Debian bookworm, which the stand-in has."""

_PATH: Final = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
_HASH: Final = re.compile(r" --hash=\S+")


def base_image() -> str:
    """The name of the image that the Dockerfile begins with."""
    (name,) = re.findall(r"(?m)^FROM (\S+) AS base$", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    return str(name)


def buildah(store: Path, *arguments: str | Path, images: Path | None = None) -> list[str | Path]:
    """`buildah ARGUMENTS` on a store of its own, beside the one that may also give images without being written."""
    also = ["--storage-opt", f"additionalimagestore={images}"] if images else []
    place: list[str | Path] = [
        "--root",
        store,
        "--runroot",
        store.with_name(f"{store.name}.run"),
        "--storage-driver",
        "overlay",
    ]
    return ["buildah", *place, *also, *arguments]


def base_commands(script: Path, folder: Path) -> Iterator[list[str | Path]]:
    """The commands that make `folder`/store, one after the other; each has to succeed."""
    root, store, name = folder / "root", folder / "store", "container-base"
    yield ["sh", script, root]
    yield buildah(store, "from", "--pull-never", "--name", name, "scratch")
    yield buildah(store, "add", name, root, "/")
    yield buildah(store, "config", "--env", f"PATH={_PATH}", "--cmd", "python3", name)
    yield buildah(store, "commit", "--quiet", name, base_image())
    yield buildah(store, "rm", name)
    yield ["rm", "-rf", root]


def wheels_command(folder: Path) -> list[str | Path]:
    """The command that gets into `folder` the wheels that both lock files name for the base's Python.

    It is not always this machine's Python, and pip goes by the running one's markers: they are worked out here.
    """
    lock = folder / "requirements.txt"
    entries = [entry for name in ("requirements.txt", "requirements-build.txt") for entry in _entries(ROOT / name)]
    lock.write_text("\n".join(dict.fromkeys(entries)), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--require-hashes"]
    return [*pip, "--only-binary", ":all:", "--python-version", "3.11", "--dest", folder, "-r", lock]


def write_pip_configuration(folder: Path) -> None:
    """Say to the pip of the build where the wheels are."""
    (folder / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {WHEELS_AT}\n", encoding="utf-8")


def _entries(lock: Path) -> Iterator[str]:
    for line in lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        entry = " ".join(line.split())
        requirement = Requirement(_HASH.sub("", entry))
        if requirement.marker is None or requirement.marker.evaluate(BASE_PYTHON):
            yield f"{requirement.name}{requirement.specifier}{''.join(_HASH.findall(entry))}"
