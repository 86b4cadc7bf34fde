"""Owns the list of what the portal is made of (`make sbom`): CycloneDX, of the lock file and the vendored code.

It says the same for the same tree: no time, no random number, no address of a package index.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT: Final = Path(__file__).resolve().parents[2]
OUTPUT: Final = ROOT / "build" / "sbom.cdx.json"
_VENDORED: Final = re.compile(
    r"(?m)^\| `(?P<file>[\w.-]+)` \| (?:npm package `(?P<name>[\w.-]+)` (?P<version>[\w.-]+)|the same package)"
    r"[^|]*\| (?P<licence>\w[\w-]*), [^|]*\| `(?P<hash>[0-9a-f]{64})` \|$"
)
_TOOL: Final = ("-m", "cyclonedx_py", "requirements", "--output-reproducible", "--no-validate", "--of", "JSON")


def bill_of_materials() -> str:
    """The document as text.

    Raises:
        ValueError: what came out is no CycloneDX 1.6.
        subprocess.CalledProcessError: the lock file cannot be read.
    """
    tool = [sys.executable, "-W", "ignore", *_TOOL, "--pyproject", "pyproject.toml", "requirements.txt"]
    made = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(made.stdout)
    for component in document["components"]:
        component.pop("externalReferences", None)  # where an index has it, which is nothing about the package
    document["components"] = sorted([*document["components"], *vendored()], key=lambda one: str(one["purl"]))
    document.pop("dependencies", None)  # a lock file does not say who needs whom
    document["metadata"].pop("tools", None)
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if trouble := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(str(trouble))
    return text


def vendored() -> list[dict[str, Any]]:
    """The packages whose files are kept in `static/vendor`, as its README names them."""
    text = (ROOT / "static" / "vendor" / "README.md").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = []
    for row in _VENDORED.finditer(text):
        if row["name"]:
            purl = f"pkg:npm/{row['name']}@{row['version']}"
            found.append(
                {
                    "bom-ref": purl,
                    "components": [],
                    "licenses": [{"license": {"id": row["licence"]}}],
                    "name": row["name"],
                    "purl": purl,
                    "type": "library",
                    "version": row["version"],
                }
            )
        file = {"hashes": [{"alg": "SHA-256", "content": row["hash"]}], "name": row["file"], "type": "file"}
        found[-1]["components"].append(file)
    return found


if __name__ == "__main__":
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(bill_of_materials(), encoding="utf-8")
    print(f"Wrote {OUTPUT.relative_to(ROOT)}.")  # noqa: T201 - the answer of a command
