"""Owns `portal admin …`: the operators' accounts from the command line, for whoever may run programs on the machine.

A password is asked for twice without echo; when the input is no terminal, its first line is the password. It is never
an argument: arguments are seen by everybody on the machine and stay in the shell's history. Exit code 0: done, 1: not
done and said why, 2: the settings or the database do not work.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, NoReturn, TypeVar

import typer

from portal.admin import accounts, audit
from portal.admin.passwords import Passwords
from portal.admin.services import now_ms
from portal.admin.strength import explain, weakness_of
from portal.admin.vocabulary import Action
from portal.db import Database
from portal.profile.load import load_profile
from portal.settings import Settings, load_settings

admin_commands = typer.Typer(help="Accounts of the people who may open /admin.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="The name to sign in with; capital letters make no difference.")]
_Result = TypeVar("_Result")


@admin_commands.command("add")
def add(name: _Name) -> None:
    """Create an account. Asks for its password, or reads it from the standard input."""
    if not accounts.is_login(name):
        _refuse(f"{name!r} cannot be a name: use up to {accounts.MAX_LOGIN} letters, digits and . _ - + @.")
    settings = load_settings()

    async def is_taken(database: Database) -> bool:
        async with database.reading() as connection:
            return await accounts.with_login(connection, name) is not None

    if _run(settings, is_taken):
        _refuse(f"There is an account {name} already. A new password: portal admin reset {name}")
    password = _new_password(settings, name)

    async def create(database: Database) -> bool:
        password_hash = await Passwords().hashed(password)
        async with database.writing() as connection:
            added = await accounts.add(connection, name, password_hash, now_ms())
            if added:
                await audit.note(connection, Action.ACCOUNT_ADDED, at=now_ms(), name=name)
            return added

    if not _run(settings, create):
        _refuse(f"There is an account {name} already.")
    typer.echo(f"{name} can sign in at /admin now.")


@admin_commands.command("list")
def list_accounts() -> None:
    """List the accounts: name, way to sign in, since when, and whether it is disabled."""

    async def read(database: Database) -> list[accounts.AccountRow]:
        async with database.reading() as connection:
            return list(await accounts.all_accounts(connection))

    rows = _run(load_settings(), read)
    if not rows:
        typer.echo("There is no account yet. Create the first one: portal admin add NAME", err=True)
    width = max((len(row.name) for row in rows), default=0)
    for row in rows:
        way = "password" if row.has_password else "provider"
        state = f"disabled {_day(row.disabled_at)}" if row.disabled_at is not None else "enabled"
        typer.echo(f"{row.name:{width}}  {way:8}  since {_day(row.created_at)}  {state}")


@admin_commands.command("disable")
def disable(name: _Name) -> None:
    """Let nobody of this name sign in any more, and sign them out everywhere at once."""
    _set_disabled(name, Action.ACCOUNT_DISABLED, now_ms())


@admin_commands.command("enable")
def enable(name: _Name) -> None:
    """Take a `disable` back."""
    _set_disabled(name, Action.ACCOUNT_ENABLED, None)


@admin_commands.command("reset")
def reset(name: _Name) -> None:
    """Give an account another password, and sign it out everywhere. Asks as `add` does."""
    settings = load_settings()

    async def find(database: Database) -> accounts.StoredPassword | None:
        async with database.reading() as connection:
            return await accounts.with_login(connection, name)

    found = _run(settings, find)
    if found is None:
        _refuse(f"No account signs in with the name {name} and a password. All accounts: portal admin list")
    password = _new_password(settings, found.operator.name)

    async def change(database: Database) -> None:
        password_hash = await Passwords().hashed(password)
        async with database.writing() as connection:
            changed = await accounts.set_password(connection, name, password_hash)
            if changed:
                await audit.note(connection, Action.PASSWORD_RESET, at=now_ms(), name=changed.name)

    _run(settings, change)
    typer.echo(f"{found.operator.name} has a new password and is signed out everywhere.")
    if found.is_disabled:
        typer.echo(f"The account is still disabled. To change that: portal admin enable {name}")


def _set_disabled(name: str, action: Action, disabled_at: int | None) -> None:
    async def change(database: Database) -> list[str]:
        async with database.writing() as connection:
            changed = await accounts.set_disabled(connection, name, disabled_at)
            for operator in changed:
                await audit.note(connection, action, at=now_ms(), name=operator.name)
            return [operator.name for operator in changed]

    changed = _run(load_settings(), change)
    if not changed:
        _refuse(f"There is no account {name}. All accounts: portal admin list")
    for one in changed:
        typer.echo(f"{one} is {'enabled' if disabled_at is None else 'disabled and signed out everywhere'} now.")


def _new_password(settings: Settings, name: str) -> str:
    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt="The same password again"))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    profile = load_profile(settings.profile)
    if weakness := weakness_of(password, (name, profile.brand.name, profile.name)):
        _refuse(str(explain(weakness)))
    return password


def _run(settings: Settings, work: Callable[[Database], Awaitable[_Result]]) -> _Result:
    async def run() -> _Result:
        database = Database(settings.database_address)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)


def _day(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d}"
