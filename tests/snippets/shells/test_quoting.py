"""`quote` of every Unix shell against the shell itself: many values through one process."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.snippets.dialects import CannotCarry, dialect_for
from portal.snippets.targets import Platform, Shell
from tests.snippets.shells.machine import UNIX_SHELLS, needs

_COMMANDS: Final[dict[Shell, Sequence[str]]] = {
    Shell.BASH: ("bash", "--norc", "--noprofile", "-s"),
    Shell.ZSH: ("zsh", "-f", "-s"),
    Shell.FISH: ("fish", "--no-config"),
}
_TRICKY: Final = [
    *"'\"\\$`!*?[](){}<>|&;~#^%=-+@:,. \n\u2018\u2019\u201a\u201bé漢\U0001f98a",
    *("\\'", "''", "$(id)", "`id`", "${HOME}", "$'", "!!", "\\\n", "\n^", "EOF"),
]
_VALUES: Final = st.lists(
    st.one_of(
        st.lists(st.sampled_from(_TRICKY), max_size=12).map("".join),
        # Surrogates and control characters are refused; fish keeps the private characters U+F600..U+F73D for itself.
        st.text(
            st.characters(
                exclude_categories=["Cs", "Cc", "Zl", "Zp", "Co", "Cn"],
                include_characters="\n",
            ),
            max_size=40,
        ),
    ),
    min_size=1,
    max_size=60,
)


def _read_back(shell: Shell, values: Sequence[str]) -> list[str]:
    """What a program gets from the shell, as environment variables, in order."""
    dialect = dialect_for(Platform.LINUX, shell)
    keyword = "set -gx V{} {}" if shell is Shell.FISH else "export V{}={}"
    lines = [keyword.format(number, dialect.quote(value)) for number, value in enumerate(values)]
    answer = subprocess.run(
        _COMMANDS[shell],
        input="\n".join([*lines, "env -0", ""]).encode(),
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert not answer.stderr
    pairs = (line.split("=", 1) for line in answer.stdout.decode().split("\0") if line)
    found = {name: value for name, value in pairs if name[1:].isdigit()}
    return [found[f"V{number}"] for number in range(len(values))]


@pytest.mark.parametrize("shell", [needs(shell) for shell in UNIX_SHELLS])
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(values=_VALUES)
@example(values=_TRICKY)
@example(values=["", "-n", "=ls", "~", "x" * 100_000])
def test_every_value_is_read_back(shell: Shell, values: Sequence[str]) -> None:
    assert _read_back(shell, values) == values


@pytest.mark.parametrize("shell", list(Shell))
@pytest.mark.parametrize("character", ["\0", "\t", "\r", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"])
def test_control_characters_are_refused_with_their_name(shell: Shell, character: str) -> None:
    with pytest.raises(CannotCarry, match=f"U\\+{ord(character):04X}"):
        dialect_for(Platform.WINDOWS, shell).quote(f"a{character}b")


@pytest.mark.parametrize("shell", [Shell.BASH, Shell.ZSH, Shell.GIT_BASH])
@given(value=st.lists(st.sampled_from(_TRICKY)).map("".join))
def test_a_value_is_one_line_when_bash_or_zsh_reads_it(shell: Shell, value: str) -> None:
    assert "\n" not in dialect_for(Platform.LINUX, shell).quote(value)
