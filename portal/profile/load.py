"""Owns finding and reading profile files: presets by name, an operator's own by path.

The only module of this room that reads files, with `logo`. Every way in which a file can be unusable ends in
`ProfileError` with sentences for the operator, never in a traceback of the TOML reader.
"""

from __future__ import annotations

import re
import tomllib
from functools import partial
from pathlib import Path
from typing import Any, Final

from portal.errors import ProfileError
from portal.paths import PRESETS
from portal.profile.document import read_document
from portal.profile.logo import read_logo
from portal.profile.model import GatewayProfile
from portal.profile.texts import nearest, shown

_MAX_BYTES: Final = 256 * 1024


def preset_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles, in alphabetical order."""
    return tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))


def load_profile(name_or_path: str) -> GatewayProfile:
    """Return the profile that `PORTAL_PROFILE` or `--profile` names: a preset, or the path of a TOML file.

    A preset wins over a file of the same name in the current folder; `./name` means the file.

    Raises:
        ProfileError: there is no such preset or file, or the file has problems; it carries all of them.

    """
    if name_or_path in preset_names():
        return _read(PRESETS / f"{name_or_path}.toml", name_or_path)
    path = Path(name_or_path)
    if name_or_path and path.exists():
        return _read(path, name_or_path)
    raise ProfileError(name_or_path, (_missing(name_or_path),))


def check_profile(name_or_path: str) -> tuple[str, ...]:
    """Return every problem of a profile as "place: what is wrong; remedy"; empty when it is good.

    Takes the same names and paths as `load_profile`.
    """
    try:
        load_profile(name_or_path)
    except ProfileError as error:
        return error.problems
    return ()


def _missing(name_or_path: str) -> str:
    names = preset_names()
    near = nearest(Path(name_or_path).stem, names)
    every = ", ".join(names)
    remedy = f"did you mean the preset {near}? (known: {every})" if near else f"name a TOML file or one of: {every}"
    return f"profile: there is no preset and no file of this name; {remedy}"


def _read(path: Path, source: str) -> GatewayProfile:
    document = _parse(_text(path, source), source)
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "gateway"
    result = read_document(document, slug=slug, read_logo=partial(read_logo, folder=path.parent))
    if isinstance(result, GatewayProfile):
        return result
    raise ProfileError(source, result)


def _text(path: Path, source: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        problem = f"file: cannot be read ({error.strerror}); name a TOML file that the portal may read"
        raise ProfileError(source, (problem,)) from error
    if len(content) > _MAX_BYTES:
        raise ProfileError(source, ("file: is larger than 256 KB; a profile is a short TOML file, name that one",))
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProfileError(source, (f"line {line}: is not UTF-8 text; save the file as UTF-8",)) from error


def _parse(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ProfileError(source, ("file: is nested too deeply; compare it with the preset tokenbay",)) from error
    except ValueError as error:
        raise ProfileError(source, (_syntax_problem(text, str(error)),)) from error


def _syntax_problem(text: str, message: str) -> str:
    """Say where TOML ends to be TOML. `tomllib` of Python 3.11 tells the position only inside its message."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if found is None:
        return f"file: is not TOML ({message}); compare it with the preset tokenbay"
    lines = text.split("\n")
    row = int(found[2] or len(lines))
    column = int(found[3] or len(lines[-1]) + 1)
    remedy = f"correct {shown(line)}" if (line := lines[row - 1].strip()) else "complete what is open above it"
    return f"line {row}, column {column}: is not TOML ({found[1]}); {remedy}"
