"""The one-line command in real shells: the key is asked for on the terminal, without echo, whatever reads the pipe."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from pathlib import Path

import pexpect
import pytest

from tests.scripts.apply.machine import GOOD_KEY, SHELLS, Machine, program

PROMPT = "Paste your key"


def spawn(machine: Machine, name: str, *arguments: str) -> pexpect.spawn[str]:
    """Run a program on a terminal of its own."""
    env = machine.environment()
    options = {"env": env, "cwd": str(machine.home), "encoding": "utf-8", "timeout": 30}
    return pexpect.spawn(str(program(name)), list(arguments), **options)  # type: ignore[arg-type]


def start(machine: Machine, script: Path, shell: str, *options: str) -> pexpect.spawn[str]:
    """Run `cat script | shell -s -- options` on a terminal, as `curl … | sh` does."""
    name, *flags = SHELLS[shell]
    reader = " ".join([str(program(name)), *flags, "-s", "--", *options])
    return spawn(machine, "sh", "-c", f"cat '{script}' | {reader}")


def answer_of(child: pexpect.spawn[str]) -> str:
    child.expect(pexpect.EOF)
    child.close()
    return str(child.before)


@pytest.mark.parametrize(
    "shell",
    ["dash", *(pytest.param(name, marks=pytest.mark.real(name)) for name in ("bash", "zsh")), "busybox"],
)
def test_piped_script_asks_without_echo_and_writes(machine: Machine, shell: str) -> None:
    child = start(machine, machine.script(), shell)
    child.expect(PROMPT)
    child.waitnoecho(5)
    child.sendline(f' export ANTHROPIC_AUTH_TOKEN="{GOOD_KEY}" ')
    shown = answer_of(child)
    assert child.exitstatus == 0
    assert GOOD_KEY not in shown
    assert "The gateway accepted the key." in shown
    assert json.loads(machine.settings.read_bytes())["env"]["ANTHROPIC_AUTH_TOKEN"] == GOOD_KEY


@pytest.mark.real("fish")
def test_piped_script_works_when_typed_into_fish(machine: Machine) -> None:
    child = spawn(machine, "fish", "--no-config", "-c", f"cat '{machine.script()}' | sh")
    child.expect(PROMPT)
    child.waitnoecho(5)
    child.sendline(GOOD_KEY)
    shown = answer_of(child)
    assert child.exitstatus == 0
    assert GOOD_KEY not in shown
    assert machine.settings.exists()


@pytest.mark.parametrize("shell", ["dash", "bash", "zsh"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_terminal_echoes_again_when_a_signal_ends_the_prompt(
    machine: Machine, shell: str, number: signal.Signals, code: int
) -> None:
    name, *flags = SHELLS[shell]
    script = str(machine.script())
    state = "stty -a | tr ' ;' '\\n' | grep -x -e echo -e -echo"
    inner = f"trap : INT HUP TERM; {program(name)} {' '.join(flags)} {script}; echo code $?; {state}; echo over"
    child = spawn(machine, "bash", "--norc", "-c", inner)
    child.expect(PROMPT)
    child.waitnoecho(5)
    if number is signal.SIGINT:
        child.sendintr()
    else:
        os.kill(pid_of(name, script), number)
    child.expect("over")
    words = str(child.before).split()
    assert (words[words.index("code") + 1], words[-1]) == (str(code), "echo")
    assert not machine.settings.exists()


def pid_of(name: str, argument: str) -> int:
    """The process that runs the script."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().decode("utf-8", "replace").split("\0")
            if words[0].endswith(name) and argument in words:
                return int(path.parent.name)
    raise LookupError(argument)


def test_rejected_key_is_written_only_when_confirmed(machine: Machine) -> None:
    for reply, code, written in (("n", 4, False), ("y", 0, True)):
        child = start(machine, machine.script(), "dash")
        child.expect(PROMPT)
        child.waitnoecho(5)
        child.sendline("sk-demo-rejected")
        child.expect("anyway")
        child.sendline(reply)
        answer_of(child)
        assert (child.exitstatus, machine.settings.exists()) == (code, written)


def test_stale_model_is_removed_only_when_confirmed(machine: Machine) -> None:
    for reply, kept in (("n", True), ("y", False)):
        machine.write_settings(b'{"model": "claude-3-opus-20240229", "hooks": {}}')
        machine.settings.chmod(0o600)
        child = start(machine, machine.script(), "bash", "--no-check")
        child.expect(PROMPT)
        child.waitnoecho(5)
        child.sendline(GOOD_KEY)
        child.expect("Remove that line")
        child.sendline(reply)
        answer_of(child)
        document = json.loads(machine.settings.read_bytes())
        assert (("model" in document), "hooks" in document) == (kept, True)


@pytest.mark.parametrize(
    "model", ["opus", "sonnet[1m]", "claude-sonnet-4.6", "opusplan", "default", "claude-opus-4.8[1m]"]
)
def test_model_that_the_gateway_serves_stays_without_a_question(machine: Machine, model: str) -> None:
    machine.write_settings(json.dumps({"model": model}).encode())
    answer = machine.run("--no-check", "--yes")
    assert answer.returncode == 0
    assert "asks for the model" not in answer.stdout
    assert json.loads(machine.settings.read_bytes())["model"] == model


def test_without_a_terminal_the_script_says_how_to_give_the_key(machine: Machine) -> None:
    answer = machine.run(key="")
    assert answer.returncode == 3
    assert "--key-env NAME" in answer.stderr


@pytest.mark.real("zsh")
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_nothing_with_a_key_is_left_behind_when_the_file_is_run_by_its_shell(machine: Machine, shell: str) -> None:
    assert machine.run(shell=(shell,)).returncode == 0  # `run` looks into the folder for temporary files
    assert machine.run("--undo", shell=(shell,)).returncode == 0
    assert not machine.settings.exists()
