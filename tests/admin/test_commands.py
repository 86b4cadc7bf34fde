"""`portal admin …` as an operator runs it: a process, a terminal, its output, its exit code."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import Callable

import pexpect
import pytest
from typer.testing import CliRunner, Result

from portal.admin import accounts, audit
from portal.admin.commands import admin_commands
from portal.admin.passwords import Passwords
from portal.admin.vocabulary import Action
from portal.db import Database
from tests.support.operators import PASSWORD

Run = Callable[..., Result]


@pytest.fixture
def environment(database_address: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return clean | {"PORTAL_DATABASE_URL": database_address}


@pytest.fixture
def run(database_address: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in this process: a dozen new ones for each test would take long."""
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_address)

    def run(*arguments: str, password: str | None = None) -> Result:
        return CliRunner().invoke(admin_commands, arguments, input=f"{password}\n" if password is not None else "")

    return run


def run_process(environment: dict[str, str], *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "portal", "admin", *arguments],
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def signs_in(address: str, name: str, password: str) -> bool:
    async def ask() -> bool:
        database = Database(address)
        async with database.reading() as connection:
            found = await accounts.with_login(connection, name)
        await database.close()
        assert found
        return (await Passwords().check(password, found.password_hash)).right and not found.is_disabled

    return asyncio.run(ask())


def audited(address: str) -> list[tuple[Action, str | None]]:
    async def ask() -> list[tuple[Action, str | None]]:
        database = Database(address)
        async with database.reading() as connection:
            entries = await audit.page(connection)
        await database.close()
        return [(entry.action, entry.name) for entry in reversed(entries)]

    return asyncio.run(ask())


def test_account_lives_from_add_to_disable(run: Run, database_address: str) -> None:
    assert "portal admin add NAME" in run("list").stderr
    added = run("add", "Anna", password=PASSWORD)
    assert (added.exit_code, added.stdout, added.stderr) == (0, "Anna can sign in at /admin now.\n", "")
    assert signs_in(database_address, "ANNA", PASSWORD)

    again = run("add", "anna", password=PASSWORD)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "portal admin reset anna" in again.stderr

    assert run("reset", "anna", password="violin-copper-fog").exit_code == 0
    assert signs_in(database_address, "anna", "violin-copper-fog")
    assert not signs_in(database_address, "anna", PASSWORD)

    assert run("disable", "ANNA").stdout == "Anna is disabled and signed out everywhere now.\n"
    assert not signs_in(database_address, "anna", "violin-copper-fog")
    assert "portal admin enable" in run("reset", "anna", password=PASSWORD).stdout
    assert " disabled " in run("list").stdout
    assert run("enable", "anna").exit_code == 0
    listed = run("list")
    assert (listed.exit_code, listed.stdout.split()[:2], listed.stdout.split()[-1]) == (
        0,
        ["Anna", "password"],
        "enabled",
    )
    assert [action for action, _ in audited(database_address)] == [
        Action.ACCOUNT_ADDED,
        Action.PASSWORD_RESET,
        Action.ACCOUNT_DISABLED,
        Action.PASSWORD_RESET,
        Action.ACCOUNT_ENABLED,
    ]
    assert {name for _, name in audited(database_address)} == {"Anna"}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "password", "sentence"),
    [
        (("add", "anna"), "short", "12 characters"),
        (("add", "anna"), "", "12 characters"),
        (("add", "anna"), None, "12 characters"),
        (("add", "anna"), "Password1234", "easy to guess"),
        (("add", "melusine"), "melusine2026", "easy to guess"),
        (("add", "anna"), "TokenBay-2026", "easy to guess"),
        (("add", "anna b"), PASSWORD, "cannot be a name"),
        (("add", ""), PASSWORD, "cannot be a name"),
        (("add", "a" * 65), PASSWORD, "cannot be a name"),
        (("reset", "nobody"), PASSWORD, "portal admin list"),
        (("disable", "nobody"), None, "There is no account nobody"),
        (("enable", "nobody"), None, "There is no account nobody"),
    ],
)
def test_command_says_why_and_ends_with_1_when_it_cannot(
    run: Run, database_address: str, arguments: tuple[str, ...], password: str | None, sentence: str
) -> None:
    ended = run(*arguments, password=password)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert sentence in ended.stderr
    assert audited(database_address) == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_password_comes_from_the_standard_input_when_it_is_no_terminal(
    environment: dict[str, str], database_address: str
) -> None:
    added = run_process(environment, "add", "anna", text=f"{PASSWORD}\r\n")
    assert (added.returncode, added.stdout, added.stderr) == (0, "anna can sign in at /admin now.\n", "")
    assert signs_in(database_address, "anna", PASSWORD)
    again = run_process(environment, "add", "anna", text=f"{PASSWORD}\n")
    assert (again.returncode, again.stdout) == (1, "")
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_command_ends_with_2_when_the_database_does_not_answer(environment: dict[str, str]) -> None:
    away = {"PORTAL_DATABASE_URL": "postgresql://portal:canary@127.0.0.1:9/portal"}
    ended = run_process(environment | away, "list")
    assert ended.returncode == 2
    assert "does not answer" in ended.stderr
    assert "canary" not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_password_is_asked_for_twice_and_not_shown_at_a_terminal(
    environment: dict[str, str], database_address: str
) -> None:
    command = [sys.executable, "-m", "portal", "admin", "add", "anna"]
    seen = io.StringIO()
    child = pexpect.spawn(command[0], command[1:], env=environment, encoding="utf-8", timeout=60)
    child.logfile_read = seen
    for second in ("something-else-9", PASSWORD):
        child.expect("Password: ")
        child.sendline(PASSWORD)
        child.expect("The same password again: ")
        child.sendline(second)
    child.expect("anna can sign in")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "Password: " in seen.getvalue()
    assert PASSWORD not in seen.getvalue()
    assert "something-else" not in seen.getvalue()
    assert signs_in(database_address, "anna", PASSWORD)
