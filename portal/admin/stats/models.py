"""Owns the tables of statistics: sums by day, and where the making of them stands.

Both tables of sums have the same key: grouping, cell and day; on SQLite, rows lie in the order in which they are read.

`stat_day` has a row for each grouping, cell and day with a visit; the row of the grouping of everything (0) is there
for each day that is closed, also without a visit. It holds no id of a visit. `opened` is empty where a version counted
that did not know who opened the guide.
"""

from __future__ import annotations

from sqlalchemy import Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class StatDay(Base):
    """The sums of one cell on one day that are compared and shown day by day."""

    __tablename__ = "stat_day"
    __table_args__ = (Index(None, "day"), {"sqlite_with_rowid": False})

    grouping: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    platform: Mapped[str] = mapped_column(String(24), primary_key=True)
    shell: Mapped[str] = mapped_column(String(24), primary_key=True)
    scope: Mapped[str] = mapped_column(String(24), primary_key=True)
    install: Mapped[str] = mapped_column(String(24), primary_key=True)
    client: Mapped[str] = mapped_column(String(16), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    visits: Mapped[int] = mapped_column(Integer)
    chosen: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer)
    passed: Mapped[int] = mapped_column(Integer)
    verified: Mapped[int] = mapped_column(Integer)
    check_passed: Mapped[int] = mapped_column(Integer)
    check_warning: Mapped[int] = mapped_column(Integer)
    check_failed: Mapped[int] = mapped_column(Integer)
    first_checks: Mapped[int] = mapped_column(Integer)
    first_passed: Mapped[int] = mapped_column(Integer)
    helped: Mapped[int] = mapped_column(Integer)
    resolved: Mapped[int] = mapped_column(Integer)
    opened: Mapped[int | None] = mapped_column(Integer, sort_order=1)


class StatMore(Base):
    """The sums that have no column, as a JSON object of their keys (see `visits`); apart, because they are long."""

    __tablename__ = "stat_more"
    __table_args__ = (Index(None, "day"), {"sqlite_with_rowid": False})

    grouping: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    platform: Mapped[str] = mapped_column(String(24), primary_key=True)
    shell: Mapped[str] = mapped_column(String(24), primary_key=True)
    scope: Mapped[str] = mapped_column(String(24), primary_key=True)
    install: Mapped[str] = mapped_column(String(24), primary_key=True)
    client: Mapped[str] = mapped_column(String(16), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    counts: Mapped[str] = mapped_column(Text)


class StatState(Base):
    """Where the making stands: a word and its value (see `closing`)."""

    __tablename__ = "stat_state"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    value: Mapped[str] = mapped_column(String(64))
