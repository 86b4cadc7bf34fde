"""Owns where the portal's own files are: in a source tree at its top level, in a wheel inside the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent
_INSTALLED: Final = _PACKAGE / "_parts"
_ROOT: Final = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent

TEMPLATES: Final = _ROOT / "templates"
STATIC: Final = _ROOT / "static"
MIGRATIONS: Final = _ROOT / "migrations"
PRESETS: Final = _PACKAGE / "profile" / "presets"
LOCALES: Final = _PACKAGE / "locale"
