"""Every scope that a script can serve: project, one person's project settings, machine, start-up files, fish."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from portal.gateway.behaviours import DEMO_KEYS, Behaviour
from portal.profile.load import load_profile
from portal.snippets.dialects import dialect_for
from portal.snippets.places import managed_settings
from portal.snippets.targets import Platform, Scope, Shell
from portal.snippets.variables import environment
from tests.scripts.apply.machine import GOOD_KEY, SHELLS, Machine, choose, program, tree


@pytest.fixture
def project(machine: Machine) -> Path:
    folder = machine.root / "project"
    folder.mkdir()
    git(machine, folder, "init", "-q")
    return folder


def git(machine: Machine, folder: Path, *words: str) -> str:
    env = {"HOME": str(machine.home), "PATH": "/usr/bin:/bin"}
    answer = subprocess.run(
        [str(program("git")), "-C", str(folder), *words], check=False, capture_output=True, text=True, env=env
    )
    return answer.stdout


def load(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_project_gets_both_files_and_git_sees_no_key(machine: Machine, project: Path) -> None:
    (project / ".gitignore").write_text("node_modules")
    script = machine.script(choose(Scope.PROJECT))
    answer = machine.run(script=script, cwd=project)
    assert answer.returncode == 0, answer.stderr
    assert "ANTHROPIC_AUTH_TOKEN" not in load(project / ".claude/settings.json")["env"]
    assert load(project / ".claude/settings.local.json")["env"] == {"ANTHROPIC_AUTH_TOKEN": GOOD_KEY}
    git(machine, project, "add", "-A")
    assert git(machine, project, "ls-files").split() == [".claude/settings.json", ".gitignore"]
    before = tree(project / ".claude")
    assert machine.run(script=script, cwd=project).returncode == 0
    assert tree(project / ".claude") == before
    assert machine.run("--undo", script=script, cwd=project).returncode == 0
    assert not (project / ".claude").exists()
    assert (project / ".gitignore").read_text() == "node_modules\n"


def test_git_goes_on_not_to_see_copies_with_a_key_after_the_undo(machine: Machine, project: Path) -> None:
    script = machine.script(choose(Scope.PROJECT))
    for key in (GOOD_KEY, DEMO_KEYS[Behaviour.CONVERTER]):
        assert machine.run(script=script, cwd=project, key=key).returncode == 0
    answer = machine.run("--undo", script=script, cwd=project)
    assert answer.returncode == 0
    assert list((project / ".claude").glob("*.backup-*")), "there is a copy to hide"
    git(machine, project, "add", "-A")
    assert git(machine, project, "ls-files").split() == [".gitignore"]
    assert "left our lines" in answer.stdout


def test_ignore_file_behind_a_link_stays_a_link(machine: Machine, project: Path) -> None:
    shared = machine.root / "shared-ignore"
    shared.write_text("node_modules\n")
    (project / ".gitignore").symlink_to(shared)
    script = machine.script(choose(Scope.PROJECT))
    assert machine.run(script=script, cwd=project).returncode == 0
    assert (project / ".gitignore").is_symlink()
    assert ".claude/settings.local.json" in shared.read_text()
    assert machine.run("--undo", script=script, cwd=project).returncode == 0
    assert (project / ".gitignore").is_symlink()
    assert shared.read_text() == "node_modules\n"


def test_project_takes_a_key_out_of_the_shared_file_and_stronger_values_out_of_the_private_one(
    machine: Machine, project: Path
) -> None:
    (project / ".claude").mkdir()
    shared, private = project / ".claude/settings.json", project / ".claude/settings.local.json"
    shared.write_text('{"env": {"ANTHROPIC_AUTH_TOKEN": "sk-published-123"}}')
    private.write_text('{"env": {"ANTHROPIC_BASE_URL": "https://old.example"}, "hooks": {}}')
    assert machine.run(script=machine.script(choose(Scope.PROJECT)), cwd=project).returncode == 0
    assert "ANTHROPIC_AUTH_TOKEN" not in load(shared)["env"]
    assert load(private) == {"env": {"ANTHROPIC_AUTH_TOKEN": GOOD_KEY}, "hooks": {}}


def test_project_is_refused_when_the_key_would_be_tracked(machine: Machine, project: Path) -> None:
    (project / ".claude").mkdir()
    (project / ".claude/settings.local.json").write_text("{}")
    git(machine, project, "add", "-A")
    before = tree(project)
    answer = machine.run(script=machine.script(choose(Scope.PROJECT)), cwd=project)
    assert answer.returncode == 7
    assert "rm --cached 'settings.local.json'" in answer.stderr
    assert tree(project) == before


@pytest.mark.parametrize("below", ["", "packages/app"])
def test_own_project_settings_are_hidden_from_git_without_touching_the_project(
    machine: Machine, project: Path, below: str
) -> None:
    folder = project / below
    folder.mkdir(parents=True, exist_ok=True)
    script = machine.script(choose(Scope.LOCAL))
    assert machine.run(script=script, cwd=folder).returncode == 0
    assert load(folder / ".claude/settings.local.json")["env"]["ANTHROPIC_AUTH_TOKEN"] == GOOD_KEY
    assert git(machine, project, "status", "--porcelain", "-uall") == ""
    assert machine.run("--undo", script=script, cwd=folder).returncode == 0
    assert "claude" not in (project / ".git/info/exclude").read_text()


@pytest.mark.parametrize("scope", [Scope.LOCAL, Scope.PROJECT])
def test_project_scopes_are_refused_in_the_home_folder(machine: Machine, scope: Scope) -> None:
    answer = machine.run(script=machine.script(choose(scope)), cwd=machine.home)
    assert answer.returncode == 2
    assert tree(machine.home) == {}


def machine_wide(machine: Machine) -> tuple[Path, Path]:
    place = machine.root / "etc/claude-code/managed-settings.json"
    script = machine.script(choose(Scope.MANAGED), {"/".join(managed_settings(Platform.LINUX).parts): str(place)})
    return place, script


def test_machine_file_comes_first_and_holds_no_key_then_everybodys_own(machine: Machine) -> None:
    place, script = machine_wide(machine)
    first = machine.run(script=script, key="")
    assert first.returncode == 0, first.stderr
    assert load(place)["env"]["ANTHROPIC_BASE_URL"] == machine.gateway
    assert "ANTHROPIC_AUTH_TOKEN" not in place.read_text()
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o644, 0o755)
    assert not machine.settings.exists()
    assert "without sudo" in first.stdout
    second = machine.run(script=script)
    assert second.returncode == 0
    assert load(machine.settings)["env"] == {"ANTHROPIC_AUTH_TOKEN": GOOD_KEY}
    assert machine.run("--undo", script=script).returncode == 0
    assert tree(machine.home) == {}
    assert not place.exists()


def test_machine_file_needs_an_administrator(machine: Machine) -> None:
    place, script = machine_wide(machine)
    place.parent.parent.mkdir()
    place.parent.parent.chmod(0o555)
    user = None
    if os.geteuid() == 0:
        user = 65534
        for path in (*machine.root.parents[:-1], machine.root):
            if path.stat().st_mode & 0o001 == 0:
                path.chmod(path.stat().st_mode | 0o011)
        machine.environment()
        (machine.root / "tmp").chmod(0o777)
        script.chmod(0o644)
    answer = machine.run(script=script, user=user, cwd=machine.root)
    assert answer.returncode == 8
    assert "sudo" in answer.stderr
    assert not place.parent.exists()


STARTUP = [
    (Platform.LINUX, Shell.BASH, ".bashrc"),
    (Platform.LINUX, Shell.ZSH, ".zshrc"),
    (Platform.MACOS, Shell.BASH, ".bash_profile"),
    (Platform.WINDOWS, Shell.GIT_BASH, ".bashrc"),
]


@pytest.mark.parametrize(("platform", "shell", "name"), STARTUP)
def test_startup_file_gets_the_block_of_the_guide(
    machine: Machine, platform: Platform, shell: Shell, name: str
) -> None:
    path = machine.home / name
    path.write_text("alias ll='ls -l'\n")
    script = machine.script(choose(Scope.STARTUP, shell, platform))
    answer = machine.run(script=script)
    assert answer.returncode == 0, answer.stderr
    written = path.read_text()
    again = machine.run(script=script)
    assert "already set up" in again.stdout
    assert path.read_text() == written

    path.write_text("alias ll='ls -l'\n")
    guide = dialect_for(platform, shell).persist(environment(choose(), load_profile("tokenbay")))
    guide = guide.replace("YOUR-API-KEY", GOOD_KEY).replace("https://api.tokenbay.com", machine.gateway)
    subprocess.run([program("bash"), "-c", guide], env={"HOME": str(machine.home), "PATH": "/usr/bin:/bin"}, check=True)
    assert path.read_text() == written

    assert "already set up" in machine.run(script=script).stdout
    assert machine.run("--undo", script=script).returncode == 0
    assert path.read_text() == "alias ll='ls -l'\n"
    assert machine.run("--undo", script=script).returncode == 11


def test_startup_block_replaces_a_left_over_block_and_keeps_a_copy(machine: Machine) -> None:
    path = machine.home / ".bashrc"
    script = machine.script(choose(Scope.STARTUP))
    assert machine.run("--no-check", script=script, key="sk-first-key").returncode == 0
    assert machine.run(script=script).returncode == 0
    assert "sk-first-key" not in path.read_text()
    assert path.read_text().count("ANTHROPIC_AUTH_TOKEN") == 1
    (copy,) = machine.home.glob(".bashrc.backup-*")
    assert "sk-first-key" in copy.read_text()


def test_startup_variables_arrive_in_a_new_shell(machine: Machine) -> None:
    assert machine.run(script=machine.script(choose(Scope.STARTUP)), shell=SHELLS["bash"]).returncode == 0
    answer = subprocess.run(
        [program("bash"), "--rcfile", str(machine.home / ".bashrc"), "-i", "-c", "env"],
        env={"HOME": str(machine.home), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert f"ANTHROPIC_AUTH_TOKEN={GOOD_KEY}" in answer.stdout.split("\n")


def fish_environment(machine: Machine) -> dict[str, str]:
    answer = subprocess.run(
        [program("fish"), "-c", "env"],
        env={"HOME": str(machine.home), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    pairs = (line.partition("=") for line in answer.stdout.split("\n"))
    return {name: value for name, _, value in pairs if name.startswith(("ANTHROPIC_", "MINE"))}


@pytest.mark.real("fish")
def test_fish_keeps_universal_variables_and_gives_the_old_ones_back(machine: Machine) -> None:
    machine.install("fish")
    script = machine.script(choose(Scope.STARTUP, Shell.FISH))
    old = "set -Ux ANTHROPIC_MODEL 'it''s \\\\ old é'; set -Ux MINE 1"
    env = {"HOME": str(machine.home), "PATH": "/usr/bin:/bin"}
    subprocess.run([program("fish"), "-c", old], env=env, check=True, stdin=subprocess.DEVNULL)
    before = fish_environment(machine)
    for key in ("sk-first-key", GOOD_KEY):
        answer = machine.run("--no-check", script=script, key=key)
        assert answer.returncode == 0, answer.stderr
        assert fish_environment(machine)["ANTHROPIC_AUTH_TOKEN"] == key
    change = "set -Ux ANTHROPIC_BASE_URL https://mine.example"
    subprocess.run([program("fish"), "-c", change], env=env, check=True, stdin=subprocess.DEVNULL)
    answer = machine.run("--undo", script=script)
    assert answer.returncode == 0, answer.stderr
    assert "left ANTHROPIC_BASE_URL" in answer.stdout
    assert fish_environment(machine) == {**before, "ANTHROPIC_BASE_URL": "https://mine.example"}
    assert machine.run("--undo", script=script).returncode == 11
