"""Daily statistics know how many visits opened the guide: those that came for help only did not.

The column may be empty, and is empty in every row that was there before and in every row that a portal of the previous
release still writes: it never looked who opened the guide. An empty one is read as the number of all visits, which is
what that release showed at the first stage. Days that are not sealed are counted again by themselves, or at once by
`portal stats rebuild`; closed days whose visits are removed cannot be, and keep that number.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261124_opened"
down_revision = "20261123_statistics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stat_day", sa.Column("opened", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("stat_day", "opened")
