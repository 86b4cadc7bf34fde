"""Writing: what is kept, backed up and taken back; what cannot be written is said, and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.scripts.apply.machine import GOOD_KEY, SHELLS, Machine, program, tree

EXISTING: Final = (
    b'{\n  "permissions": {"allow": ["Bash(ls)"]},\n  "env": {"ANTHROPIC_AUTH_TOKEN": "sk-old-0123456789"}\n}\n'
)
NOBODY: Final = 65534


def token(machine: Machine) -> object:
    return json.loads(machine.settings.read_bytes())["env"]["ANTHROPIC_AUTH_TOKEN"]


def backups(machine: Machine) -> list[Path]:
    return sorted(machine.settings.parent.glob("settings.json.backup-*"))


@pytest.mark.parametrize("shell", list(SHELLS))
def test_existing_file_is_merged_backed_up_and_taken_back(machine: Machine, shell: str) -> None:
    machine.write_settings(EXISTING)
    machine.settings.chmod(0o640)
    answer = machine.run(shell=SHELLS[shell])
    assert answer.returncode == 0, answer.stderr
    assert json.loads(machine.settings.read_bytes())["permissions"] == {"allow": ["Bash(ls)"]}
    assert token(machine) == GOOD_KEY
    assert stat.S_IMODE(machine.settings.stat().st_mode) == 0o640
    (backup,) = backups(machine)
    assert backup.read_bytes() == EXISTING
    assert {stat.S_IMODE(path.stat().st_mode) for path in (backup, machine.record)} == {0o600}
    assert str(backup) in answer.stdout

    before = tree(machine.home)
    again = machine.run(shell=SHELLS[shell])
    assert "already set up" in again.stdout
    assert tree(machine.home) == before

    undone = machine.run("--undo", shell=SHELLS[shell])
    assert undone.returncode == 0
    assert machine.settings.read_bytes() == EXISTING
    assert not machine.record.exists()
    assert machine.run("--undo", shell=SHELLS[shell]).returncode == 11


def test_new_file_and_folder_are_private_and_go_again(machine: Machine) -> None:
    assert machine.run().returncode == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (machine.settings.parent, machine.settings)}
    assert modes == {".claude": 0o700, "settings.json": 0o600}
    assert not backups(machine)
    assert machine.run("--undo").returncode == 0
    assert tree(machine.home) == {}


def test_claude_config_dir_is_honoured(machine: Machine) -> None:
    folder = machine.home / "other place"
    assert machine.run(env={"CLAUDE_CONFIG_DIR": str(folder)}).returncode == 0
    assert [path.name for path in machine.home.iterdir()] == ["other place"]
    assert (folder / "settings.json").exists()


def test_dry_run_changes_nothing_and_asks_for_no_key(machine: Machine) -> None:
    machine.write_settings(EXISTING)
    before = tree(machine.home)
    answer = machine.run("--dry-run", key="")
    assert answer.returncode == 0
    assert "set ANTHROPIC_AUTH_TOKEN = your key (was sk-...6789)" in answer.stdout
    assert "Nothing was changed." in answer.stdout
    assert tree(machine.home) == before
    assert machine.run().returncode == 0
    before = tree(machine.home)
    assert machine.run("--undo", "--dry-run").returncode == 0
    assert tree(machine.home) == before


def test_later_edits_survive_an_undo_and_changed_keys_are_named(machine: Machine) -> None:
    machine.write_settings(EXISTING)
    assert machine.run().returncode == 0
    document = json.loads(machine.settings.read_bytes())
    document["hooks"] = {"Stop": []}
    document["env"]["ANTHROPIC_MODEL"] = "opus"
    machine.settings.write_text(json.dumps(document))
    answer = machine.run("--undo")
    assert "left ANTHROPIC_MODEL: it was changed since" in answer.stdout
    after = json.loads(machine.settings.read_bytes())
    assert after["hooks"] == {"Stop": []}
    assert after["env"] == {"ANTHROPIC_AUTH_TOKEN": "sk-old-0123456789", "ANTHROPIC_MODEL": "opus"}


def test_byte_order_mark_stays_in_an_unchanged_file_only(machine: Machine) -> None:
    machine.write_settings(b"\xef\xbb\xbf" + EXISTING)
    assert machine.run().returncode == 0
    merged = machine.settings.read_bytes()
    assert merged.startswith(b"{")
    machine.write_settings(b"\xef\xbb\xbf" + merged)
    assert "already set up" in machine.run().stdout
    assert machine.settings.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b'{\n  "a": 1,\n}\n', "line 3, column 1"),
        ('{"ключ": "é", }'.encode(), "line 1, column 15"),
        (b'{"env": []}', "line 1, column 9"),
        (b'\n["x"]', "line 2, column 1"),
        (b'{"a": 1', "line 1, column 8"),
        ("{}".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_cannot_be_merged_stops_with_its_place(machine: Machine, data: bytes, where: str) -> None:
    machine.write_settings(data)
    before = tree(machine.home)
    answer = machine.run(key="")  # comes before the question for the key
    assert answer.returncode == 5
    assert where in answer.stderr
    assert str(machine.settings) in answer.stderr
    assert where == "UTF-16" or "https://portal.example/" in answer.stderr
    assert tree(machine.home) == before


def test_symbolic_links_are_followed(machine: Machine) -> None:
    real = machine.root / "dotfiles" / "claude.json"
    real.parent.mkdir()
    real.write_bytes(EXISTING)
    machine.settings.parent.mkdir()
    (machine.settings.parent / "step").symlink_to("../../dotfiles/claude.json")
    machine.settings.symlink_to("step")
    assert machine.run().returncode == 0
    assert machine.settings.is_symlink()
    assert GOOD_KEY.encode() in real.read_bytes()
    assert machine.run("--undo").returncode == 0
    assert real.read_bytes() == EXISTING


def test_file_tracked_by_git_is_refused(machine: Machine) -> None:
    machine.write_settings(EXISTING)
    git = [str(program("git")), "-C", str(machine.settings.parent)]
    for words in (["init", "-q"], ["add", "settings.json"]):
        subprocess.run([*git, *words], check=True, env={"HOME": str(machine.home), "PATH": "/usr/bin:/bin"})
    answer = machine.run()
    assert answer.returncode == 7
    assert machine.settings.read_bytes() == EXISTING


@pytest.fixture
def as_nobody(machine: Machine) -> Iterator[int]:
    """A user without rights who owns the home; root could write everywhere."""
    if os.geteuid() != 0:
        yield os.geteuid()
        return
    for path in [machine.root, *machine.root.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    opened = [path for path in machine.root.parents if path.stat().st_mode & 0o001 == 0]
    if any(path == Path("/root") for path in opened):
        pytest.skip("the temporary folder is below root's home")
    for path in opened:
        path.chmod(path.stat().st_mode | 0o011)
    yield NOBODY


def test_read_only_file_is_refused(machine: Machine, as_nobody: int) -> None:
    machine.write_settings(EXISTING)
    machine.settings.chmod(0o444)
    answer = machine.run(script=readable(machine), user=as_nobody)
    assert answer.returncode == 9
    assert "is read-only" in answer.stderr
    assert machine.settings.read_bytes() == EXISTING


def test_read_only_folder_is_refused(machine: Machine, as_nobody: int) -> None:
    machine.write_settings(EXISTING)
    machine.settings.parent.chmod(0o555)
    answer = machine.run(script=readable(machine), user=as_nobody)
    machine.settings.parent.chmod(0o755)
    assert answer.returncode == 9
    assert [path.name for path in machine.settings.parent.iterdir()] == ["settings.json"]


def readable(machine: Machine) -> Path:
    script = machine.script()
    script.chmod(0o644)
    temporary = machine.root / "tmp"
    temporary.mkdir(exist_ok=True)
    temporary.chmod(0o777)
    return script


@pytest.mark.parametrize("left", [0, 1, 4, 8, 12])
def test_full_disk_leaves_the_old_file(machine: Machine, left: int) -> None:
    folder = machine.settings.parent
    folder.mkdir()
    mount = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small tmpfs needs root")
    try:
        machine.settings.write_bytes(EXISTING)
        room = os.statvfs(folder).f_bavail * 4096 - left * 1024
        (folder / "ballast").write_bytes(b"x" * room)
        answer = machine.run()
        if answer.returncode == 0:
            assert token(machine) == GOOD_KEY
        else:
            assert answer.returncode == 9
            assert "space" in answer.stderr or "full" in answer.stderr
            assert machine.settings.read_bytes() == EXISTING
        assert not (folder / "settings.json.portal-lock").exists()
    finally:
        subprocess.run([shutil.which("umount") or "umount", str(folder)], check=True)


@pytest.mark.parametrize("options", [["--what"], ["--key-env"], ["--key-env", "a b"], ["--key-env", "1A"]])
def test_unknown_options_are_refused(machine: Machine, options: list[str]) -> None:
    assert machine.run(*options, key="").returncode == 2


def test_help_lists_every_exit_code_that_the_script_uses(machine: Machine) -> None:
    script = machine.script()
    shown = machine.run("--help").stdout
    used = {line.split("fail ")[1].split(" ")[0] for line in script.read_text().splitlines() if "fail " in line}
    codes = {code for code in used if code.isdigit()}
    assert {"2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"} <= codes
    assert not [code for code in codes if f"\n  {code:>2}  " not in shown]
