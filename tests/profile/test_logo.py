from __future__ import annotations

from pathlib import Path

import pytest

from portal.errors import ProfileError
from portal.profile.load import load_profile
from portal.profile.logo import MAX_BYTES, read_logo
from portal.profile.model import Logo
from tests.profile.test_load import GOOD, write

SVG = b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
WEBP = b"RIFF\x10\0\0\0WEBPVP8 "


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("logo.svg", SVG, "image/svg+xml"),
        ("logo.svg", b"\xef\xbb\xbf" + SVG, "image/svg+xml"),
        ("LOGO.SVG", b"<svg>" + b"</svg>", "image/svg+xml"),
        ("logo.svg", b'<!DOCTYPE svg PUBLIC "x" "y"><svg width="1"/>', "image/svg+xml"),
        ("logo.png", PNG, "image/png"),
        ("art/logo.webp", WEBP, "image/webp"),
        ("logo.png", PNG.ljust(MAX_BYTES, b"\0"), "image/png"),
    ],
)
def test_read_logo_when_good(tmp_path: Path, name: str, content: bytes, media_type: str) -> None:
    (tmp_path / "art").mkdir()
    write(tmp_path, content, name)
    assert read_logo(name, tmp_path) == Logo(content, media_type)


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("logo.gif", b"GIF89a", "not an .svg, .png or .webp file"),
        ("logo", SVG, "not an .svg, .png or .webp file"),
        ("logo.png", PNG.ljust(MAX_BYTES + 1, b"\0"), "larger than 64 KB"),
        ("logo.png", SVG, "export it again as image/png"),
        ("logo.webp", PNG, "export it again as image/webp"),
        ("logo.svg", PNG, "export it again as image/svg+xml"),
        ("logo.svg", b"<html><svg></svg></html>", "export it again"),
        ("logo.svg", b"", "export it again"),
        ("logo.svg", b"<svg><script>1</script></svg>", "scripts"),
        ("logo.svg", b'<svg onload="x()"></svg>', "event handlers"),
        ("logo.svg", b"<svg><a href='JavaScript:x'/></svg>", "scripts"),
        ("logo.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "entities"),
        ("logo.svg", None, "cannot be read (No such file or directory)"),
        ("folder.svg", None, "cannot be read (Is a directory)"),
        ("a\nb.svg", None, "line break"),
        ("", None, "is empty"),
    ],
)
def test_read_logo_when_it_cannot_be_used(tmp_path: Path, name: str, content: bytes | None, wrong: str) -> None:
    (tmp_path / "folder.svg").mkdir()
    if content is not None:
        write(tmp_path, content, name)
    problems = read_logo(name, tmp_path)
    assert isinstance(problems, list)
    assert len(problems) == 1
    assert wrong in problems[0]
    assert "; " in problems[0]


def test_load_profile_when_the_logo_lies_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, PNG, "logo.png")
    path = write(tmp_path, GOOD + '[brand]\nlogo = "logo.png"\n')
    monkeypatch.chdir("/")
    assert load_profile(str(path)).brand.logo == Logo(PNG, "image/png")


def test_load_profile_when_the_logo_and_something_else_are_wrong(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("bearer", "none") + '[brand]\nlogo = "logo.png"\naccent = "red"\n')
    with pytest.raises(ProfileError) as caught:
        load_profile(str(path))
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "credential",
        "brand.accent",
        "brand.logo",
    ]
