"""Killed at any moment, or two at once: the old file or the new one, never between, and nothing lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from typing import Final

import pytest

from tests.scripts.apply.machine import GOOD_KEY, Machine, program

EXISTING: Final = (
    b'{\n  "permissions": {"allow": ["Bash(ls)"]},\n  "env": {"ANTHROPIC_AUTH_TOKEN": "sk-old-0123456789"}\n}\n'
)
KILLS: Final = 20


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_at_any_moment_the_file_is_old_or_new(machine: Machine, number: signal.Signals) -> None:
    script = machine.script()
    machine.write_settings(EXISTING)
    started = time.monotonic()
    assert machine.run("--no-check", script=script).returncode == 0
    whole = time.monotonic() - started
    new = machine.settings.read_bytes()
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    seen = set()
    for _ in range(KILLS):
        machine.write_settings(EXISTING)
        machine.record.unlink(missing_ok=True)
        child = subprocess.Popen(
            [program("dash"), str(script), "--no-check", "--key-env", "THE_KEY"],
            env=machine.environment(THE_KEY=GOOD_KEY),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(chance.random() * whole * 1.1)
        os.killpg(child.pid, number)
        child.wait()
        seen.add(machine.settings.read_bytes())
        assert seen <= {EXISTING, new}
        if number is signal.SIGTERM:
            assert not (machine.settings.parent / "settings.json.portal-lock").exists()
    shutil.rmtree(machine.root / "tmp")
    assert EXISTING in seen
    assert machine.run(script=script).returncode == 0  # also over a lock that nobody holds any more
    assert machine.settings.read_bytes() == new


def test_two_at_once_lose_nothing(machine: Machine) -> None:
    machine.write_settings(EXISTING)
    scripts = []
    for number in range(2):
        name = f"EXTRA_{number}"
        path = machine.script(replaced={"set env ANTHROPIC_MODEL": f'set env {name} "1"\nset env ANTHROPIC_MODEL'})
        scripts.append(path.rename(path.with_name(f"{name}.sh")))
    children = [
        subprocess.Popen(
            [program("dash"), str(script), "--no-check", "--key-env", "THE_KEY"],
            env=machine.environment(THE_KEY=GOOD_KEY),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        for script in scripts
    ]
    assert [child.wait(60) for child in children] == [0, 0]
    env = json.loads(machine.settings.read_bytes())["env"]
    assert (env["EXTRA_0"], env["EXTRA_1"], env["ANTHROPIC_AUTH_TOKEN"]) == ("1", "1", GOOD_KEY)
    assert machine.run("--undo").returncode == 0
    assert machine.settings.read_bytes() == EXISTING


def test_lock_of_a_running_process_is_respected(machine: Machine) -> None:
    machine.write_settings(EXISTING)
    lock = machine.settings.parent / "settings.json.portal-lock"
    lock.mkdir()
    (lock / "pid").write_text(f"{os.getpid()}\n")
    script = machine.script(replaced={"-lt 75": "-lt 3"})
    answer = machine.run(script=script)
    assert answer.returncode == 10
    assert machine.settings.read_bytes() == EXISTING
    assert lock.exists()
