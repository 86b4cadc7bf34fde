"""PowerShell, of which no real one can be had here: quoting by properties, syntax by a grammar, structure by reading.

The grammar does not know typographic quotes as quotes (the reader beside this file does), so texts with them are
judged by the reader alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.profile.load import load_profile, preset_names
from portal.profile.model import GatewayProfile
from portal.snippets.dialects import dialect_for
from portal.snippets.dialects.base import IGNORE_COMMENT
from portal.snippets.places import GITIGNORE_LINE
from portal.snippets.recipes import write_guide
from portal.snippets.settings_json import settings_files
from portal.snippets.targets import INSTALLS, Install, Platform, Scope, Shell, Target
from tests.snippets.dialects.powershell_reader import NotAString, read_string
from tests.snippets.samples import (
    HOSTILE,
    HOSTILE_KEY,
    HOSTILE_ON_CMD,
    PLAIN,
    X_API_KEY,
    choose,
    expected_variables,
    fill,
    variables,
)

_DIALECT: Final = dialect_for(Platform.WINDOWS, Shell.POWERSHELL)
_VALUES: Final = st.one_of(
    st.lists(st.sampled_from(list("'\u2018\u2019\u201a\u201b\"\u201c\u201d\u201e`$(){};#&|<>%!\\\n ax"))).map("".join),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], include_characters="\n")),
)


def _target(scope: Scope) -> Target:
    return Target(Platform.WINDOWS, Shell.POWERSHELL, scope)


def _texts(profile: GatewayProfile, scope: Scope, install: Install = Install.NATIVE) -> Iterator[str]:
    guide = write_guide(replace(choose(_target(scope), profile), install=install), profile)
    for section in (guide.install, guide.not_found, guide.configure, guide.verify, guide.undo):
        assert section.refusal is None
        yield from (block.text for block in section.blocks if block.shell is Shell.POWERSHELL)


def _syntax_errors(text: str) -> list[str]:
    tree_sitter: Any = pytest.importorskip("tree_sitter")
    grammar: Any = pytest.importorskip("tree_sitter_powershell")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    found: list[str] = []
    nodes = [parser.parse(text.encode()).root_node]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            found.append(f"{node.type} at {node.start_point}: {node.text!r}")
        nodes.extend(node.children)
    return found


@given(value=_VALUES)
@example(value="'\u2018\u2019\u201a\u201b" * 3)
@example(value="a\n\nb'\n")
def test_quoted_value_is_read_back(value: str) -> None:
    assert read_string(_DIALECT.quote(value)) == value


@given(value=_VALUES)
def test_quoted_value_is_one_line(value: str) -> None:
    assert "\n" not in _DIALECT.quote(value)


@pytest.mark.parametrize("text", ["", "'", "'a", "a'", "'a'b", "'a''", "('a' + )", "('a' 'b')", '"a"', "'a\u2019b'"])
def test_reader_refuses_what_is_no_string(text: str) -> None:
    with pytest.raises(NotAString):
        read_string(text)


@pytest.mark.real("tree-sitter-powershell")
@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("profile", [PLAIN, X_API_KEY, HOSTILE_ON_CMD], ids=lambda profile: profile.slug)
def test_every_text_is_powershell(profile: GatewayProfile, scope: Scope) -> None:
    for text in _texts(profile, scope):
        assert not _syntax_errors(fill(text, HOSTILE_KEY)), text


@pytest.mark.real("tree-sitter-powershell")
@pytest.mark.parametrize("scope", list(Scope))
def test_hostile_values_leave_the_syntax_alone(scope: Scope) -> None:
    for text in _texts(HOSTILE, scope):
        known_to_the_grammar = re.sub("[\u2018-\u201b]", "'", text)
        assert not _syntax_errors(known_to_the_grammar), text


@pytest.mark.real("tree-sitter-powershell")
@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_powershell(name: str) -> None:
    for scope in Scope:
        for text in _texts(load_profile(name), scope):
            assert not _syntax_errors(text), text


@pytest.mark.real("tree-sitter-powershell")
@pytest.mark.parametrize("install", INSTALLS[Platform.WINDOWS])
def test_every_way_to_install_is_powershell(install: Install) -> None:
    for text in _texts(PLAIN, Scope.USER, install):
        assert not _syntax_errors(text), text


@pytest.mark.parametrize("profile", [PLAIN, X_API_KEY, HOSTILE], ids=lambda profile: profile.slug)
def test_start_up_scope_sets_user_environment_and_this_window(profile: GatewayProfile) -> None:
    target = _target(Scope.STARTUP)
    (text,) = [block.text for block in write_guide(choose(target, profile), profile).configure.blocks]
    user: dict[str, str | None] = {}
    window: dict[str, str | None] = {}
    for line in fill(text, HOSTILE_KEY).split("\n"):
        persisted, here = re.fullmatch(  # type: ignore[union-attr]
            r"\[Environment\]::SetEnvironmentVariable\((.*), 'User'\); (.*)", line
        ).groups()
        name, value = persisted.split(", ", 1)
        user[read_string(name)] = None if value == "[NullString]::Value" else read_string(value)
        if removed := re.fullmatch(r"Remove-Item Env:(\w+) -ErrorAction SilentlyContinue", here):
            window[removed[1]] = None
        else:
            name, value = here.removeprefix("$env:").split(" = ", 1)
            window[name] = read_string(value)
    expected = {
        name: value or None for name, value in expected_variables(choose(target, profile), profile, HOSTILE_KEY).items()
    }
    assert user == window == expected


@pytest.mark.parametrize("scope", [Scope.TERMINAL, Scope.STARTUP])
def test_undo_removes_every_variable_where_it_was_set(scope: Scope) -> None:
    (block,) = write_guide(choose(_target(scope), PLAIN), PLAIN).undo.blocks
    lines = block.text.split("\n")
    for name in expected_variables(choose(_target(scope), PLAIN), PLAIN, HOSTILE_KEY):
        assert f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" in lines
        persisted = f"[Environment]::SetEnvironmentVariable('{name}', [NullString]::Value, 'User')"
        assert (persisted in lines) is (scope is Scope.STARTUP)


@pytest.mark.parametrize("scope", [Scope.USER, Scope.LOCAL, Scope.PROJECT, Scope.MANAGED])
def test_file_text_carries_every_line_in_utf_8_without_mark(scope: Scope) -> None:
    guide = write_guide(choose(_target(scope), HOSTILE), HOSTILE)
    for file in settings_files(choose(_target(scope), HOSTILE), HOSTILE):
        create = _DIALECT.create(file)
        assert any(create in block.text for block in guide.configure.blocks)
        assert create.startswith("& { $ErrorActionPreference = 'Stop'; ")
        content = re.search(r"WriteAllText\(\$file, \(@\((.*)\) -join \"`n\"\)\); ", create)
        assert content
        assert _read_array(content[1]) == [*file.lines, ""]
        assert "Test-Path -LiteralPath $file) {" in create
        assert not re.search(r"Set-Content|Out-File|Add-Content|>", create.replace(content[1], ""))
        assert f"@({content[1]})" in _DIALECT.remove(file)


def test_gitignore_is_appended_to_and_never_decoded_for_writing() -> None:
    ignore, unignore = _DIALECT.ignore(GITIGNORE_LINE), _DIALECT.unignore(GITIGNORE_LINE)
    assert "AppendAllText" in ignore
    assert "WriteAll" not in ignore
    assert "WriteAllBytes" in unignore
    assert "WriteAllText" not in unignore
    for text in (ignore, unignore):
        assert _DIALECT.quote(GITIGNORE_LINE) in text
        assert _DIALECT.quote(IGNORE_COMMENT) in text


def test_project_folder_may_be_on_a_network_share() -> None:
    (file, *_) = settings_files(choose(_target(Scope.PROJECT), PLAIN), PLAIN)
    assert _DIALECT.path(file.place) == '"$($PWD.ProviderPath)\\.claude\\settings.json"'


def test_this_window_gets_an_empty_variable_removed() -> None:
    text = _DIALECT.set_here(variables(A="1", B=""))
    assert text == "$env:A = '1'\nRemove-Item Env:B -ErrorAction SilentlyContinue"


def _read_array(text: str) -> list[str]:
    """The elements of an array of single-quoted strings."""
    found: list[str] = []
    rest = text
    while rest:
        for end in range(2, len(rest) + 1):
            if rest[end:].startswith(", ") or end == len(rest):
                try:
                    found.append(read_string(rest[:end]))
                except NotAString:
                    continue
                rest = rest[end:].removeprefix(", ")
                break
        else:
            raise NotAString(rest)
    return found
