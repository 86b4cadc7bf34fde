"""Daily statistics, where their making stands, and when a journey was last written to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261123_statistics"
down_revision = "20261123_operators"
branch_labels = None
depends_on = None

DIMENSIONS = {"platform": 24, "shell": 24, "scope": 24, "install": 24, "client": 16, "language": 16}
COUNTS = (
    "visits chosen taken passed verified check_passed check_warning check_failed first_checks first_passed "
    "helped resolved"
)


def by_day(table: str, *columns: sa.Column[Any]) -> None:
    """A table with a row for each grouping, cell and day; on SQLite in the order of its key, as it is read."""
    op.create_table(
        table,
        sa.Column("grouping", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in DIMENSIONS.items()),
        sa.Column("day", sa.String(10), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("grouping", *DIMENSIONS, "day", name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f(f"ix_{table}_day"), table, ["day"])


def upgrade() -> None:
    op.add_column("journey", sa.Column("touched_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE journey SET touched_at = last_at")
    op.create_index(op.f("ix_journey_touched_at"), "journey", ["touched_at"])

    by_day("stat_day", *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS.split()))
    by_day("stat_more", sa.Column("counts", sa.Text(), nullable=False))

    op.create_table(
        "stat_state",
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stat_state")),
    )


def downgrade() -> None:
    op.drop_table("stat_state")
    op.drop_table("stat_more")
    op.drop_table("stat_day")
    op.drop_index(op.f("ix_journey_touched_at"), "journey")
    op.drop_column("journey", "touched_at")
