"""Owns the audit log: who did what and when, and nothing else (no address, no browser, nothing that was typed)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.admin.models import AuditEntry
from portal.admin.vocabulary import AUDIT_DAYS, AUDIT_PAGE, Action, Entry

_DAY: Final = 24 * 60 * 60 * 1000


async def note(connection: AsyncConnection, action: Action, *, at: int, name: str | None) -> None:
    """Write an entry into the caller's transaction; `name` is an account's, never something that a visitor typed."""
    await connection.execute(insert(AuditEntry).values(at=at, action=action.value, name=name))


async def page(connection: AsyncConnection, before: int | None = None) -> Sequence[Entry]:
    """The newest entries before the entry `before`, newest first; one more than `AUDIT_PAGE` when there are more."""
    wanted = select(AuditEntry.id, AuditEntry.at, AuditEntry.action, AuditEntry.name).order_by(AuditEntry.id.desc())
    if before is not None:
        wanted = wanted.where(AuditEntry.id < before)
    rows = (await connection.execute(wanted.limit(AUDIT_PAGE + 1))).all()
    return [Entry(row.id, row.at, Action(row.action), row.name) for row in rows]


async def forget_old(connection: AsyncConnection, now: int) -> None:
    """Remove what is older than `AUDIT_DAYS`."""
    await connection.execute(delete(AuditEntry).where(AuditEntry.at < now - AUDIT_DAYS * _DAY))
