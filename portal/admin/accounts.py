"""Owns the operators' accounts: adding, finding, disabling. On a connection whose transaction the caller owns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.admin import sessions
from portal.admin.models import Account
from portal.admin.vocabulary import Operator

MAX_LOGIN: Final = 64
_LOGIN: Final = re.compile(rf"[\w.@+-]{{1,{MAX_LOGIN}}}")


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """An account that has a password."""

    operator: Operator
    password_hash: str
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as the command line lists it. Times are in milliseconds."""

    name: str
    has_password: bool
    created_at: int
    disabled_at: int | None


def login_of(name: str) -> str:
    """The name as it is compared: "Anna" and "anna" are the same, and so are two ways to write an accent."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


def is_login(name: str) -> bool:
    """Whether an account may have this name."""
    return _LOGIN.fullmatch(name) is not None and len(login_of(name)) <= MAX_LOGIN


async def add(connection: AsyncConnection, name: str, password_hash: str, now: int) -> bool:
    """Add an account with a password; False when there is one of this name."""
    row = {"name": name, "login": login_of(name), "password_hash": password_hash, "created_at": now}
    try:
        async with connection.begin_nested():
            await connection.execute(insert(Account).values(row))
    except IntegrityError:
        return False
    return True


async def with_login(connection: AsyncConnection, name: str) -> StoredPassword | None:
    """The account that signs in with this name and a password; also a disabled one."""
    wanted = select(Account.id, Account.name, Account.password_hash, Account.disabled_at)
    row = (await connection.execute(wanted.where(Account.login == login_of(name)))).one_or_none()
    if row is None:
        return None
    return StoredPassword(Operator(row.id, row.name), row.password_hash, row.disabled_at is not None)


async def from_provider(connection: AsyncConnection, subject: str, name: str, now: int) -> Operator | None:
    """The account of somebody whom the identity provider vouches for, made if it is new; None when it is disabled."""
    found = select(Account.id, Account.disabled_at).where(Account.subject == subject)
    row = (await connection.execute(found)).one_or_none()
    if row is None:
        made = {"name": name, "subject": subject, "created_at": now}
        try:
            async with connection.begin_nested():
                new = await connection.execute(insert(Account).values(made).returning(Account.id))
                return Operator(new.scalar_one(), name)
        except IntegrityError:  # another request was faster
            row = (await connection.execute(found)).one()
    if row.disabled_at is not None:
        return None
    await connection.execute(update(Account).where(Account.id == row.id).values(name=name))
    return Operator(row.id, name)


async def is_there_any(connection: AsyncConnection) -> bool:
    """Whether anybody can sign in with a password."""
    wanted = select(Account.id).where(Account.login.is_not(None), Account.disabled_at.is_(None)).limit(1)
    return (await connection.execute(wanted)).first() is not None


async def may_still_begin(connection: AsyncConnection, account: StoredPassword) -> bool:
    """Whether the account is, inside this transaction, still what the password was checked against."""
    wanted = select(Account.id).where(
        Account.id == account.operator.id,
        Account.password_hash == account.password_hash,
        Account.disabled_at.is_(None),
    )
    return (await connection.execute(wanted.with_for_update())).first() is not None


async def set_hash(connection: AsyncConnection, account_id: int, password_hash: str) -> None:
    """Store another hash of the same password."""
    await connection.execute(update(Account).where(Account.id == account_id).values(password_hash=password_hash))


async def set_password(connection: AsyncConnection, name: str, password_hash: str) -> Operator | None:
    """Give an account another password and end its sessions; None when no account signs in with this name."""
    found = await with_login(connection, name)
    if found is None:
        return None
    await set_hash(connection, found.operator.id, password_hash)
    await sessions.end_all(connection, found.operator.id)
    return found.operator


async def set_disabled(connection: AsyncConnection, name: str, disabled_at: int | None) -> Sequence[Operator]:
    """Disable (or enable, with None) every account of this name, whichever way it signs in; ends its sessions."""
    named = (Account.login == login_of(name)) | (func.lower(Account.name) == name.strip().lower())
    rows = (await connection.execute(select(Account.id, Account.name).where(named).order_by(Account.id))).all()
    for row in rows:
        await connection.execute(update(Account).where(Account.id == row.id).values(disabled_at=disabled_at))
        await sessions.end_all(connection, row.id)
    return [Operator(row.id, row.name) for row in rows]


async def all_accounts(connection: AsyncConnection) -> Sequence[AccountRow]:
    """Every account, in order of names."""
    wanted = select(Account.name, Account.login, Account.created_at, Account.disabled_at)
    rows = (await connection.execute(wanted.order_by(func.lower(Account.name), Account.id))).all()
    return [AccountRow(row.name, row.login is not None, row.created_at, row.disabled_at) for row in rows]
