"""Owns the sessions of signed-in operators: their cookie, how they begin, how long they last, and how they end.

A session is a row; its cookie holds a random token, signed. The database knows only the token's digest, so that a copy
of the database opens nothing. Each sign-in makes a new token (an old or planted one is worth nothing afterwards).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from portal.admin.models import Account, OperatorSession
from portal.admin.vocabulary import Operator
from portal.signing import Signer
from portal.web.services import services

PURPOSE: Final = "operator"
_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts, in milliseconds: without a request (`idle`), and at most (`absolute`)."""

    idle: int
    absolute: int

    @property
    def precision(self) -> int:
        """How old `seen_at` may get before a request writes it again; so that not every request writes."""
        return min(60_000, self.idle // 10)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is valid now."""

    operator: Operator
    token_hash: str
    seen_at: int


async def begin(connection: AsyncConnection, account_id: int, now: int, lifetimes: Lifetimes) -> str:
    """Begin a session; its token, for `keep`. Also removes sessions that are over, whosever they are."""
    over = (OperatorSession.created_at <= now - lifetimes.absolute) | (OperatorSession.seen_at <= now - lifetimes.idle)
    await connection.execute(delete(OperatorSession).where(over))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row = {"token_hash": digest(token), "account_id": account_id, "created_at": now, "seen_at": now}
    await connection.execute(insert(OperatorSession).values(row))
    return token


async def find(connection: AsyncConnection, token: str, now: int, lifetimes: Lifetimes) -> Session | None:
    """The session of a token, if it is not over and its account is not disabled."""
    wanted = (
        select(OperatorSession.seen_at, Account.id, Account.name)
        .join(Account, Account.id == OperatorSession.account_id)
        .where(OperatorSession.token_hash == digest(token))
        .where(OperatorSession.created_at > now - lifetimes.absolute)
        .where(OperatorSession.seen_at > now - lifetimes.idle)
        .where(Account.disabled_at.is_(None))
    )
    row = (await connection.execute(wanted)).one_or_none()
    return row and Session(Operator(row.id, row.name), digest(token), row.seen_at)


async def touch(connection: AsyncConnection, session: Session, now: int) -> None:
    """Note that the session was used now. One that ended meanwhile stays ended."""
    same = OperatorSession.token_hash == session.token_hash
    await connection.execute(update(OperatorSession).where(same).values(seen_at=now))


async def end(connection: AsyncConnection, token_hash: str) -> None:
    """End the session whose token has this digest, if there is one."""
    await connection.execute(delete(OperatorSession).where(OperatorSession.token_hash == token_hash))


async def end_all(connection: AsyncConnection, account_id: int) -> None:
    """End every session of an account, in all browsers."""
    await connection.execute(delete(OperatorSession).where(OperatorSession.account_id == account_id))


def digest(token: str) -> str:
    """What the database keeps of a token. A random token needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(request: Request, signer: Signer, lifetimes: Lifetimes) -> str | None:
    """The token in the request's cookie, if we signed it and it is not too old."""
    signed = request.cookies.get(cookie_name(request))
    return signer.read(PURPOSE, signed, lifetimes.absolute // 1000) if signed else None


def keep(request: Request, response: Response, signer: Signer, token: str) -> None:
    """Let the browser remember the session until it is closed."""
    response.set_cookie(
        cookie_name(request), signer.sign(PURPOSE, token), secure=is_secure(request), httponly=True, samesite="lax"
    )


def forget(request: Request, response: Response) -> None:
    """Remove the cookie from the browser."""
    response.delete_cookie(cookie_name(request), secure=is_secure(request), httponly=True, samesite="lax")


def cookie_name(request: Request) -> str:
    """`__Host-` makes browsers refuse a cookie that another host or plain http has set; it needs https."""
    return "__Host-operator" if is_secure(request) else "operator"


def is_secure(request: Request) -> bool:
    """Whether visitors reach the portal by https."""
    return services(request).origin_of(request).startswith("https:")
