"""`.ci/venv.sh`, which `make run` and `make test` begin with: what it says when something is missing, what it keeps."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real_parts.parts import ROOT

PROGRAMS = ("sh", "cat", "cmp", "cp", "grep", "mkdir", "rm")
Prepare = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with a blank in its path and empty lock files, so that nothing is downloaded."""
    folder = tmp_path / "a tree"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "venv.sh", folder / ".ci")
    (folder / "requirements.txt").write_text("")
    (folder / "requirements-dev.txt").write_text("")
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the few programs that the script needs, and no Python."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in PROGRAMS:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


@pytest.fixture
def prepare(tree: Path, programs: Path) -> Prepare:
    def run(kind: str = "runtime", *, cwd: Path = tree, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG"))}
        return subprocess.run(
            ["sh", ".ci/venv.sh", kind],
            cwd=cwd,
            env={**kept, "PATH": str(programs), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def put_python(programs: Path, name: str, *, version: str = "3.11.0", new: bool = True, venv: bool = True) -> None:
    """A stand-in that answers the script's three questions."""
    script = f"""#!/bin/sh
    case "$2" in
    *version_info\\ \\<*) exit {0 if new else 1} ;;
    *ensurepip*) exit {0 if venv else 1} ;;
    *version_info*) echo {version} ;;
    esac
    """
    (programs / name).write_text(script)
    (programs / name).chmod(0o755)


def assert_one_sentence(answer: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert answer.returncode == 1
    assert answer.stdout == ""
    (sentence,) = answer.stderr.splitlines()
    for part in parts:
        assert part in sentence


def test_no_python_is_said_when_there_is_none(prepare: Prepare) -> None:
    assert_one_sentence(prepare(), "Python 3.11 or newer is needed and none was found", "apt install python3")


def test_old_python_is_said_when_it_is_the_only_one(prepare: Prepare, programs: Path) -> None:
    put_python(programs, "python3", version="3.9.2", new=False)
    assert_one_sentence(prepare(), "Python 3.11 or newer is needed, but python3 is Python 3.9.2")


def test_missing_venv_is_said_when_python_lacks_it(prepare: Prepare, programs: Path) -> None:
    put_python(programs, "python3", version="3.9.2", new=False)
    put_python(programs, "python3.12", venv=False)
    assert_one_sentence(prepare(), "python3.12 cannot make virtual environments", "apt install python3-venv")


def test_wrong_choice_is_said_when_python_is_named(prepare: Prepare) -> None:
    assert_one_sentence(prepare(PYTHON="/nowhere/python"), "PYTHON=/nowhere/python is not a Python that runs")


def test_later_name_is_taken_when_python3_is_too_old(prepare: Prepare, programs: Path, tree: Path) -> None:
    put_python(programs, "python3", version="3.9.2", new=False)
    (programs / "python3.11").symlink_to(sys.executable)
    assert prepare().returncode == 0
    assert (tree / ".venv" / "bin" / "python").exists()


def test_second_run_does_nothing_until_a_lock_changes(prepare: Prepare, tree: Path) -> None:
    assert "Making .venv" in prepare(PYTHON=sys.executable).stdout
    assert prepare().stdout == ""
    assert "from requirements-dev.txt" in prepare("dev").stdout
    assert prepare("dev").stdout == ""
    assert prepare().stdout == "", "dev is a superset of runtime"
    (tree / "requirements.txt").write_text("# changed\n")
    assert "from requirements.txt" in prepare().stdout
    assert "from requirements-dev.txt" in prepare("dev").stdout


def test_environment_is_made_anew_when_the_tree_was_copied(prepare: Prepare, tree: Path, tmp_path: Path) -> None:
    prepare(PYTHON=sys.executable)
    copy = tmp_path / "a copy"
    shutil.copytree(tree, copy, symlinks=True)
    assert "Making .venv" in prepare(cwd=copy, PYTHON=sys.executable).stdout
    assert prepare(cwd=copy).stdout == ""


def test_environment_of_another_tree_stays_when_venv_leads_to_it(prepare: Prepare, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "other" / "bin").mkdir(parents=True)
    (tmp_path / "other" / "bin" / "tool").write_text("in use")
    (tree / ".venv").symlink_to(tmp_path / "other")
    assert prepare(PYTHON=sys.executable).returncode == 0
    assert (tmp_path / "other" / "bin" / "tool").read_text() == "in use"
    assert (tree / ".venv" / "bin" / "python").exists()
    assert not (tree / ".venv").is_symlink()


def test_failure_of_pip_is_said_and_not_remembered(prepare: Prepare, tree: Path) -> None:
    (tree / "requirements.txt").write_text("no-hash==1.0\n")
    for _ in range(2):
        answer = prepare(PYTHON=sys.executable)
        assert answer.returncode == 1
        assert "The packages of requirements.txt could not be installed" in answer.stderr.splitlines()[-1]
