"""Owns the tables of the operator's side: accounts, sessions, and what was done. Times are milliseconds (UTC).

No password, token, address or browser name is stored: of a password its Argon2 hash, of a session's token its SHA-256.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.admin.vocabulary import MAX_NAME, Action
from portal.db import Base

PASSWORD_HASH: Final = 255
DIGEST: Final = 64
"""SHA-256 in hexadecimal."""

_ACTION: Final = 32


def _no_longer(column: str, most: int) -> CheckConstraint:
    """PostgreSQL refuses what is longer than the column; SQLite does so only when told."""
    return CheckConstraint(f"length({column}) <= {most}", name=f"{column}_length")


class Account(Base):
    """Somebody who may sign in: with a password (`login`, `password_hash`) or through the provider (`subject`).

    `login` is the name as `accounts.login_of` folds it, `subject` the digest of the provider's issuer and subject.
    """

    __tablename__ = "operator_account"
    __table_args__ = (
        CheckConstraint("(login IS NULL) = (password_hash IS NULL)", name="password"),
        CheckConstraint("(login IS NULL) <> (subject IS NULL)", name="method"),
        _no_longer("name", MAX_NAME),
        _no_longer("login", MAX_NAME),
        _no_longer("subject", DIGEST),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    login: Mapped[str | None] = mapped_column(String(MAX_NAME), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(PASSWORD_HASH))
    subject: Mapped[str | None] = mapped_column(String(DIGEST), unique=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    disabled_at: Mapped[int | None] = mapped_column(BigInteger)


class OperatorSession(Base):
    """A browser that is signed in. Signing out everywhere removes all rows of an account."""

    __tablename__ = "operator_session"
    __table_args__ = (_no_longer("token_hash", DIGEST), Index(None, "account_id"), Index(None, "created_at"))

    token_hash: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    account_id: Mapped[int] = mapped_column(Integer, ForeignKey("operator_account.id", ondelete="CASCADE"))
    created_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)


class AuditEntry(Base):
    """Something that was done. `name` is the account's at that time; None when there was no such account."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint(f"action IN ({', '.join(repr(action.value) for action in Action)})", name="action"),
        _no_longer("name", MAX_NAME),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(_ACTION))
    name: Mapped[str | None] = mapped_column(String(MAX_NAME))
