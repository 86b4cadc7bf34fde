"""What cmd.exe is not given, with the reason, and that ordinary values are."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.profile.load import load_profile, preset_names
from portal.profile.model import ExtraVariable, GatewayProfile
from portal.snippets.dialects import CannotCarry, dialect_for
from portal.snippets.places import PROJECT_SETTINGS, NewFile
from portal.snippets.recipes import write_guide
from portal.snippets.targets import Platform, Scope, Shell, Target
from tests.snippets.samples import HOSTILE_ON_CMD, KEYS, PLAIN, choose, fill, variables

_DIALECT = dialect_for(Platform.WINDOWS, Shell.CMD)
_FILE_SCOPES = (Scope.USER, Scope.LOCAL, Scope.PROJECT, Scope.MANAGED)


def _with(value: str) -> GatewayProfile:
    return replace(PLAIN, extra_env=(ExtraVariable("X", value, "to be refused"),))


def _reasons(profile: GatewayProfile, scope: Scope) -> list[str]:
    guide = write_guide(choose(Target(Platform.WINDOWS, Shell.CMD, scope), profile), profile)
    refusals = [section.refusal for section in (guide.configure, guide.undo) if section.refusal]
    assert all(str(refusal.remedy) for refusal in refusals)
    return [str(refusal.reason) for refusal in refusals]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('a"b', "double quote"),
        ("100%", "percent sign"),
        ("%PATH%", "percent sign"),
        ("a\nb", "more than one line"),
        ("café", "beyond ASCII"),
        ("\u201cx\u201d", "beyond ASCII"),
    ],
)
@pytest.mark.parametrize("scope", [Scope.TERMINAL, Scope.STARTUP])
def test_value_is_refused_with_its_reason(scope: Scope, value: str, said: str) -> None:
    (reason,) = _reasons(_with(value), scope)  # an undo names variables only, so it is never refused
    assert said in reason


@pytest.mark.parametrize(("value", "said"), [('a"b', "double quote"), ("100%", "percent sign")])
@pytest.mark.parametrize("scope", _FILE_SCOPES)
def test_value_in_a_file_is_refused_with_its_reason(scope: Scope, value: str, said: str) -> None:
    reasons = _reasons(_with(value), scope)
    assert len(reasons) == 2
    assert all(said in reason for reason in reasons)


@pytest.mark.parametrize("value", ["a\nb", "café", "C:\\folder\\", "\\\\server\\", "a\\\\", "it's", "a&b|c<d>e^f(g)!"])
@pytest.mark.parametrize("scope", _FILE_SCOPES)
def test_file_carries_what_json_escapes(scope: Scope, value: str) -> None:
    assert not _reasons(_with(value), scope)


@pytest.mark.parametrize("count", [7, 40])
def test_line_that_is_too_long_is_refused(count: int) -> None:
    extras = tuple(ExtraVariable(f"X_{number}", "x" * 1000, "much") for number in range(count))
    reasons = _reasons(replace(PLAIN, extra_env=extras), Scope.USER)
    assert all("8191" in reason for reason in reasons)
    assert len(reasons) == 2


@pytest.mark.parametrize("scope", _FILE_SCOPES)
def test_lines_fit_with_the_longest_known_key(scope: Scope) -> None:
    headers = {f"x-key-{number}": "{key}" for number in range(6)}
    profile = replace(HOSTILE_ON_CMD, headers=headers)
    guide = write_guide(choose(Target(Platform.WINDOWS, Shell.CMD, scope), profile), profile)
    for block in (*guide.configure.blocks, *guide.undo.blocks):
        assert max(map(len, fill(block.text, "k" * 512).split("\n"))) <= 8191


def test_key_that_stands_in_many_headers_is_refused_before_it_is_too_long() -> None:
    headers = {f"x-key-{number}": "{key}" for number in range(20)}
    assert _reasons(replace(PLAIN, headers=headers), Scope.USER)


@pytest.mark.parametrize("name", preset_names())
@pytest.mark.parametrize("scope", _FILE_SCOPES)
def test_every_preset_fits_into_files(name: str, scope: Scope) -> None:
    assert not _reasons(load_profile(name), scope)


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("profile", [PLAIN, HOSTILE_ON_CMD], ids=lambda profile: profile.slug)
def test_ordinary_and_odd_values_are_not_refused(profile: GatewayProfile, scope: Scope) -> None:
    assert not _reasons(profile, scope)


@given(
    value=st.text(
        st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"%'),
    ),
)
def test_printable_ascii_is_carried_as_it_is(value: str) -> None:
    assert _DIALECT.set_here(variables(X=value)) == f'set "X={value}"'
    quoted = _DIALECT.quote(value)
    assert quoted[0] == quoted[-1] == '"'
    inside = quoted[1:-1]
    slashes = len(inside) - len(inside.rstrip("\\"))
    assert slashes % 2 == 0  # the closing quote is not escaped for the program that reads the word
    assert inside[: len(inside) - slashes] + "\\" * (slashes // 2) == value


@given(value=st.text())
def test_a_value_is_carried_or_refused(value: str) -> None:
    with contextlib.suppress(CannotCarry):
        quoted = _DIALECT.quote(value)
        assert quoted.isascii()
        assert not set(quoted[1:-1]) & set('%"\n')


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_key_never_meets_a_special_character_outside_quotes(key: str) -> None:
    text = fill(_DIALECT.create(NewFile(PROJECT_SETTINGS, '{\n  "k": "YOUR-API-KEY"\n}\n')), key)
    before, _, _ = text.partition(key)
    assert before.count('"') % 2 == 1
