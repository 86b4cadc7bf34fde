from __future__ import annotations

from pathlib import Path

import pytest

from portal.errors import ProfileError
from portal.profile.load import check_profile, load_profile, preset_names

GOOD = """\
name = "Own"
base_url = "https://own.example"
credential = "bearer"
[models.opus]
id = "a"
label = "A"
[models.sonnet]
id = "b"
label = "B"
[models.haiku]
id = "c"
label = "C"
"""


def write(folder: Path, content: str | bytes, name: str = "My Gateway.toml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_load_profile_when_given_a_path(tmp_path: Path) -> None:
    profile = load_profile(str(write(tmp_path, GOOD)))
    assert profile.name == "Own"
    assert profile.slug == "my-gateway"


@pytest.mark.parametrize(("name", "slug"), [("Ä.toml", "gateway"), ("a_B--c.v2.toml", "a-b-c-v2"), ("x", "x")])
def test_load_profile_when_the_file_name_is_odd_has_a_plain_slug(tmp_path: Path, name: str, slug: str) -> None:
    assert load_profile(str(write(tmp_path, GOOD, name))).slug == slug


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode()])
def test_load_profile_when_written_by_a_windows_editor(tmp_path: Path, content: bytes) -> None:
    assert load_profile(str(write(tmp_path, content))).name == "Own"


def test_load_profile_when_a_file_has_the_name_of_a_preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, GOOD, "tokenbay")
    monkeypatch.chdir(tmp_path)
    assert load_profile("tokenbay").name == "TokenBay"
    assert load_profile("./tokenbay").name == "Own"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tokenby", "did you mean the preset tokenbay?"),
        ("TokenBay", "did you mean the preset tokenbay?"),
        ("presets/litelm.toml", "did you mean the preset litellm?"),
        ("qqqq", "name a TOML file or one of: "),
        ("", "name a TOML file or one of: "),
        ("a\0b", "name a TOML file or one of: "),
    ],
)
def test_load_profile_when_there_is_no_such_thing(name: str, words: str) -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile(name)
    (problem,) = caught.value.problems
    assert caught.value.source == name
    assert words in problem
    assert all(preset in problem for preset in preset_names())


def test_load_profile_when_the_file_has_problems_carries_all(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace('"bearer"', '"bearor"').replace("https://own", "http://own"))
    with pytest.raises(ProfileError) as caught:
        load_profile(str(path))
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["base_url", "credential"]
    assert check_profile(str(path)) == caught.value.problems


def test_check_profile_when_good(tmp_path: Path) -> None:
    assert check_profile(str(write(tmp_path, GOOD))) == ()


def test_check_profile_when_there_is_none(tmp_path: Path) -> None:
    (problem,) = check_profile(str(tmp_path / "tokenbay.toml"))
    assert "no file of this name" in problem


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('name = "x"\nbase_url = https://x.io\n', ("line 2, column 12: ", 'correct "base_url = https://x.io"')),
        ("name\n", ("line 1, column 5: ", 'correct "name"')),
        ('name = "x"\nname = "y"\n', ("line 2, column ", "overwrite")),
        ('x = "abc', ("line 1, column 9: ", "Unterminated")),
        ("x = [\n1,\n", ("line 3, column 1: ", "complete what is open above it")),
        (b'name = "\xe4"\n', ("line 1: ", "save the file as UTF-8")),
        (b'a = 1\nname = "\xe4"\n', ("line 2: ", "save the file as UTF-8")),
        ("x = " + "[" * 5000, ("file: ", "nested too deeply")),
        ("x = " + "9" * 5000, ("file: ", "is not TOML")),
        ("#" * 300_000, ("file: ", "larger than 256 KB")),
    ],
)
def test_check_profile_when_it_is_not_toml(tmp_path: Path, content: str | bytes, words: tuple[str, str]) -> None:
    (problem,) = check_profile(str(write(tmp_path, content)))
    assert problem.startswith(words[0])
    assert words[1] in problem
    assert problem.isprintable()


def test_check_profile_when_it_is_a_folder(tmp_path: Path) -> None:
    (problem,) = check_profile(str(tmp_path))
    assert problem.startswith("file: cannot be read")


def test_check_profile_when_empty_names_everything_that_is_required(tmp_path: Path) -> None:
    problems = check_profile(str(write(tmp_path, "")))
    assert [problem.partition(":")[0] for problem in problems] == ["name", "base_url", "credential", "models"]
