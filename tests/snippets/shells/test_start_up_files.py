"""The marked block in a start-up file that somebody has lived in: nothing of theirs is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.snippets.dialects.unix import BLOCK_BEGIN, BLOCK_END
from portal.snippets.targets import Platform, Scope, Shell, Target
from tests.snippets.samples import HOSTILE, HOSTILE_KEY, PLAIN, choose, expected_variables, on_linux
from tests.snippets.shells.machine import Machine, configure_text, describe, needs, undo_text

pytestmark = pytest.mark.parametrize("shell", [needs(Shell.BASH), needs(Shell.ZSH)])

_FILE = {Shell.BASH: ".bashrc", Shell.ZSH: ".zshrc"}

_CONTENTS = {
    "ordinary": b"# mine\nexport MINE=1\n",
    "no-final-line-break": b"export MINE=1",
    "crlf": b"# mine\r\n: one\r\n",
    "blank-lines-at-the-end": b"export MINE=1\n\n\n",
    "not-utf-8": b"# caf\xe9 \xff\xfe\n",
    "backslashes-and-percents": b"# 100% \\n \\ %s $HOME `id` 'x' \"y\"\n",
    "only-an-end-mark": f"{BLOCK_END}\n: mine\n".encode(),
}


def _startup(machine: Machine, shell: Shell) -> Path:
    return machine.home / _FILE[shell]


def _target(shell: Shell) -> Target:
    return on_linux(shell, Scope.STARTUP)


@pytest.mark.parametrize("content", _CONTENTS.values(), ids=_CONTENTS.keys())
def test_content_and_mode_are_kept(machine: Machine, shell: Shell, content: bytes) -> None:
    startup = _startup(machine, shell)
    startup.write_bytes(content)
    startup.chmod(0o640)
    ended = content if content.endswith(b"\n") else content + b"\n"
    for _ in range(2):
        answer = machine.run(shell, configure_text(machine, _target(shell), PLAIN))
        assert not answer.stderr
        kind, mode, now = describe(startup)
        assert (kind, mode) == ("file", 0o640)
        assert now.startswith(ended + BLOCK_BEGIN.encode() + b"\n")
        assert now.count(BLOCK_BEGIN.encode()) == 1
    machine.run(shell, undo_text(machine, _target(shell), PLAIN))
    assert describe(startup) == ("file", 0o640, ended)
    assert {path.name for path in machine.home.iterdir()} == {startup.name}


def test_new_values_replace_the_old_block_where_it_matters(machine: Machine, shell: Shell) -> None:
    machine.run(shell, configure_text(machine, _target(shell), PLAIN, "old-key"))
    _startup(machine, shell).write_bytes(_startup(machine, shell).read_bytes() + b"export MINE=after\n")
    machine.run(shell, configure_text(machine, _target(shell), HOSTILE))
    content = _startup(machine, shell).read_text()
    assert content.startswith(f"export MINE=after\n{BLOCK_BEGIN}\n")
    assert "old-key" not in content
    seen = machine.new_terminal(Platform.LINUX, shell)
    expected = expected_variables(choose(_target(shell), HOSTILE), HOSTILE, HOSTILE_KEY)
    assert {name: seen.get(name) for name in expected} == expected


def test_block_is_found_when_an_editor_saved_the_file_with_crlf(machine: Machine, shell: Shell) -> None:
    startup = _startup(machine, shell)
    startup.write_text("# mine\n")
    machine.run(shell, configure_text(machine, _target(shell), PLAIN))
    startup.write_bytes(startup.read_bytes().replace(b"\n", b"\r\n"))
    machine.run(shell, configure_text(machine, _target(shell), PLAIN))
    assert startup.read_bytes().count(BLOCK_BEGIN.encode()) == 1
    startup.write_bytes(startup.read_bytes().replace(b"\r", b"").replace(b"\n", b"\r\n"))
    machine.run(shell, undo_text(machine, _target(shell), PLAIN))
    assert startup.read_bytes() == b"# mine\r\n"


def test_damaged_block_loses_no_line(machine: Machine, shell: Shell) -> None:
    startup = _startup(machine, shell)
    damaged = f": first\n{BLOCK_BEGIN}\nexport ANTHROPIC_MODEL='x'\n: mine, below a block without end\n"
    startup.write_text(damaged)
    for _ in range(3):
        machine.run(shell, configure_text(machine, _target(shell), PLAIN))
        content = startup.read_text()
        assert content.startswith(damaged + BLOCK_BEGIN)
        assert content.count(BLOCK_END) == 1
    for _ in range(2):
        machine.run(shell, undo_text(machine, _target(shell), PLAIN))
        assert startup.read_text() == damaged


@pytest.mark.parametrize("links", ["relative", "absolute"])
def test_linked_start_up_file_stays_a_link(machine: Machine, shell: Shell, links: str) -> None:
    real = machine.home / "dot files" / "rc"
    real.parent.mkdir()
    real.write_text("# mine\n")
    real.chmod(0o644)
    middle = machine.home / "middle"
    middle.symlink_to("dot files/rc" if links == "relative" else real)
    _startup(machine, shell).symlink_to("middle" if links == "relative" else middle)
    before = machine.files()
    machine.run(shell, configure_text(machine, _target(shell), PLAIN))
    during = machine.files()
    assert describe(_startup(machine, shell))[0] == describe(middle)[0] == "link"
    assert describe(real)[1] == 0o644
    assert BLOCK_END in real.read_text()
    assert during.keys() == before.keys()
    machine.run(shell, undo_text(machine, _target(shell), PLAIN))
    assert machine.files() == before


def test_linked_start_up_file_stays_a_link_when_nothing_else_was_in_it(machine: Machine, shell: Shell) -> None:
    (machine.home / "rc").touch()
    _startup(machine, shell).symlink_to("rc")
    before = machine.files()
    machine.run(shell, configure_text(machine, _target(shell), PLAIN))
    machine.run(shell, undo_text(machine, _target(shell), PLAIN))
    assert machine.files() == before


@pytest.mark.parametrize("leads_to", ["/proc/version", ".", "loop", "no/such/folder"])
def test_start_up_file_that_cannot_be_written_is_left_alone(machine: Machine, shell: Shell, leads_to: str) -> None:
    startup = _startup(machine, shell)
    startup.symlink_to(startup.name if leads_to == "loop" else leads_to)
    before = machine.files()
    for text in (configure_text(machine, _target(shell), PLAIN), undo_text(machine, _target(shell), PLAIN)):
        answer = machine.run(shell, text)
        assert "Wrote" not in answer.stdout
        assert machine.files() == before
    assert machine.run(shell, configure_text(machine, _target(shell), PLAIN)).stderr


def test_undo_changes_nothing_when_there_is_no_block(machine: Machine, shell: Shell) -> None:
    answer = machine.run(shell, undo_text(machine, _target(shell), PLAIN))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert not list(machine.home.iterdir())
    _startup(machine, shell).write_bytes(b"export MINE=1")
    machine.run(shell, undo_text(machine, _target(shell), PLAIN))
    assert _startup(machine, shell).read_bytes() == b"export MINE=1"


@pytest.mark.parametrize("limit", [0, 1], ids=["no-byte", "a-kilobyte"])
def test_old_content_survives_a_full_disk(machine: Machine, shell: Shell, limit: int) -> None:
    startup = _startup(machine, shell)
    startup.write_text("# mine\n" * 100)
    before = machine.files()
    # A limit on the size of files stands in for the full disk: writing fails in the same way.
    full = ("bash", "-c", f"trap '' XFSZ; ulimit -f {limit}; exec \"$@\"", "full")
    answer = machine.run(shell, configure_text(machine, _target(shell), PLAIN), launcher=full)
    assert "Wrote" not in answer.stdout
    assert machine.files() == before


def test_habits_of_an_interactive_shell_do_not_matter(machine: Machine, shell: Shell) -> None:
    habits = (
        "alias rm='rm -i' cp='cp -i' mv='mv -i' cat='cat -n' grep='grep --color=always' touch='touch -c'\n"
        "set -o noclobber; set -u"
    )
    if shell is Shell.BASH:
        habits = f"shopt -s expand_aliases\n{habits}"
    startup = _startup(machine, shell)
    startup.write_text("# mine\n")
    (machine.home / f"{startup.name}.claude-code").write_text("left over\n")
    for _ in range(2):
        answer = machine.run(shell, configure_text(machine, _target(shell), PLAIN), before=habits)
        assert not answer.stderr
        assert startup.read_text().count(BLOCK_END) == 1
    machine.run(shell, undo_text(machine, _target(shell), PLAIN), before=habits)
    assert startup.read_text() == "# mine\n"
    assert len(list(machine.home.iterdir())) == 1


def test_no_helper_variable_is_left_behind(machine: Machine, shell: Shell) -> None:
    text = f"{configure_text(machine, _target(shell), PLAIN)}\n{undo_text(machine, _target(shell), PLAIN)}"
    kept = 'echo "${rc-unset} ${new-unset} ${to-unset} ${f-unset} ${named-unset}"; umask'
    assert machine.run(shell, f"{text}\n{kept}").stdout.splitlines()[-2:] == [
        "unset unset unset unset unset",
        "0022" if shell is Shell.BASH else "022",
    ]


@pytest.mark.parametrize("name", ["o'neil & co", "$HOME `id`", "[a]* ? ~", "-n", "a=b", "b\\n %s", "\N{FOX FACE} é"])
def test_home_folder_may_have_any_name(tmp_path: Path, shell: Shell, name: str) -> None:
    machine = Machine.at(tmp_path, f"{name}/{name}")
    before = machine.files()
    startup, user = _target(shell), on_linux(shell, Scope.USER)
    expected = expected_variables(choose(startup, PLAIN), PLAIN, HOSTILE_KEY)
    texts = [configure_text(machine, startup, PLAIN), configure_text(machine, user, PLAIN)]
    answer = machine.run(shell, "\n".join(texts))
    assert not answer.stderr
    seen = machine.new_terminal(Platform.LINUX, shell)
    assert {variable: seen.get(variable) for variable in expected} == expected
    assert (machine.home / ".claude" / "settings.json").is_file()
    machine.run(shell, f"{undo_text(machine, user, PLAIN)}\n{undo_text(machine, startup, PLAIN)}")
    assert machine.files() == before


def test_zdotdir_moves_the_file_of_zsh_only(machine: Machine, shell: Shell) -> None:
    moved = {"ZDOTDIR": str(machine.home / "my zsh")}
    (machine.home / "my zsh").mkdir()
    before = machine.files()
    machine.run(shell, configure_text(machine, _target(shell), PLAIN), env=moved)
    folder = machine.home / "my zsh" if shell is Shell.ZSH else machine.home
    assert (folder / _FILE[shell]).is_file()
    assert "ANTHROPIC_BASE_URL" in machine.new_terminal(Platform.LINUX, shell, env=moved)
    machine.run(shell, undo_text(machine, _target(shell), PLAIN), env=moved)
    assert machine.files() == before
