"""Owns the static files: read once, bundled, named by their content, compressed, served as immutable.

`static/css/*.css` become one style sheet and `static/js/*.js` one script (in the order of their names), so that the
source can be small files and the page few requests. `static/js/merge/` with its parser is a script of its own that is
loaded when it is needed. The operator's pages have a style sheet and a script of their own (`admin.css`, `admin.js`),
made of the common ground and `admin/`, so that the guide does not carry them. A name that holds a hash never changes
its content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from portal.web.compression import SMALLEST_WORTHWHILE, Coding, choose_coding, encode_for_good
from portal.web.conditional import unless_known

IMMUTABLE: Final = "public, max-age=31536000, immutable"
MEDIA_TYPES: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webp": "image/webp",
}
"""By the ending of the name. The machine's own table is not asked: on Windows, programs change it."""

_BUNDLES: Final = {"css": "portal.css", "js": "portal.js"}
_LATER: Final = {
    "merge.js": ("vendor/jsonc-parser.js", "js/merge/*.js"),
    "admin.js": ("js/05-page.js", "js/60-theme.js", "js/admin/*.js"),
    "admin.css": (
        *("css/00-tokens.css", "css/10-base.css", "css/30-parts.css"),
        *("vendor/uplot.min.css", "css/admin/*.css"),
    ),
}
"""What the guide does not load at once, or not at all: name -> the files it is made of, in their order."""


@dataclass(slots=True)
class Asset:
    """A file to serve, and its compressed forms as they were asked for."""

    media_type: str
    content: bytes
    encoded: dict[Coding, bytes] = field(default_factory=dict)

    def body(self, coding: Coding) -> bytes:
        """The content in `coding`."""
        if coding not in self.encoded:
            self.encoded[coding] = encode_for_good(self.content, coding)
        return self.encoded[coding]


class Assets:
    """The files below `folder`, and generated ones in `extra` (name -> content)."""

    def __init__(self, folder: Path, extra: Mapping[str, bytes] | None = None, more_css: str = "") -> None:
        contents: dict[str, bytes] = dict(extra or {})
        for kind, bundle in _BUNDLES.items():
            parts = [path.read_text(encoding="utf-8") for path in sorted((folder / kind).glob(f"*.{kind}"))]
            if kind == "css":
                parts.append(more_css)
            contents[bundle] = "\n".join(parts).encode()
        for bundle, patterns in _LATER.items():
            paths = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
            more = [more_css.encode()] if bundle.endswith(".css") else []
            contents[bundle] = b"\n".join([*(path.read_bytes() for path in paths), *more])
        for path in sorted(folder.glob("vendor/*.js")) + sorted(folder.glob("*.svg")):
            contents[path.name] = path.read_bytes()
        self._addresses: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        for name, content in contents.items():
            stem, _, ending = name.rpartition(".")
            address = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
            self._addresses[name] = address
            self._assets[address] = Asset(MEDIA_TYPES[ending], content)

    def url(self, name: str) -> str:
        """The address of a file, for templates.

        Raises:
            KeyError: there is no such file; a template names something that does not exist.

        """
        return f"/static/{self._addresses[name]}"

    def __contains__(self, name: str) -> bool:
        return name in self._addresses

    def answer(self, request: Request, address: str) -> Response | None:
        """The file behind a hashed address, or None."""
        asset = self._assets.get(address)
        if asset is None:
            return None
        compressible = len(asset.content) >= SMALLEST_WORTHWHILE and not asset.media_type.startswith("image/p")
        coding = choose_coding(request.headers.get("accept-encoding", "")) if compressible else Coding.IDENTITY
        headers = {"cache-control": IMMUTABLE, "vary": "Accept-Encoding"}
        if coding is not Coding.IDENTITY:
            headers["content-encoding"] = coding.value
        if asset.media_type == "image/svg+xml":
            headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        answer = Response(asset.body(coding), media_type=asset.media_type, headers=headers)
        return unless_known(request, answer, f'"{address}-{coding}"')
