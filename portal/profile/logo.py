"""Owns reading an operator's logo: a small SVG, PNG or WebP file beside the profile.

The browser gets the file as it is, so an SVG that could run something is refused rather than cleaned.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from portal.profile.model import Logo
from portal.profile.texts import shown, text_problems

MAX_BYTES: Final = 64 * 1024
"""Largest logo accepted, in bytes: it is part of every cold visit."""

_MEDIA_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
_ACTIVE: Final = re.compile(rb"<\s*script|<\s*foreignObject|<!ENTITY|javascript:|[\s\"'/]on[a-z]+\s*=", re.IGNORECASE)


def read_logo(name: str, folder: Path) -> Logo | list[str]:
    """Return the logo that a profile in `folder` names, or its problems ("what is wrong; remedy")."""
    path = folder / name
    media_type = _MEDIA_TYPES.get(path.suffix.lower())
    if problems := text_problems(name, limit=500):
        return problems
    if media_type is None:
        return [f"{shown(name)} is not an .svg, .png or .webp file; convert the logo to one of them"]
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return [f"{shown(name)} cannot be read ({error.strerror}); write its path relative to this profile's folder"]
    return [f"{shown(name)} {problem}" for problem in _content_problems(media_type, content)] or Logo(
        content,
        media_type,
    )


def _content_problems(media_type: str, content: bytes) -> list[str]:
    if len(content) > MAX_BYTES:
        return ["is larger than 64 KB; make the picture smaller"]
    if not _is(media_type, content):
        return [f"has an ending that its content does not have; export it again as {media_type}"]
    if media_type == "image/svg+xml" and _ACTIVE.search(content):
        return ["contains scripts, event handlers or entities; export it as a plain SVG"]
    return []


def _is(media_type: str, content: bytes) -> bool:
    match media_type:
        case "image/png":
            return content.startswith(b"\x89PNG\r\n\x1a\n")
        case "image/webp":
            return content.startswith(b"RIFF") and content[8:12] == b"WEBP"
        case _:
            return _is_svg(content)


def _is_svg(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    prologue = r"(?:\s|<\?xml[^>]*\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>)*"
    return re.match(rf"{prologue}<(?:\w+:)?svg[\s>]", text, re.DOTALL) is not None
