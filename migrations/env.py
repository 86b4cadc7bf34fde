"""Runs migrations on the connection that `portal.db` hands over; it owns the transaction and the lock.

Nothing here imports the portal's models: `metadata` (for `alembic check` in the tests) comes the same way.
"""

from __future__ import annotations

from alembic import context

config = context.config

context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes.get("metadata"),
    render_as_batch=True,  # SQLite changes a table by making it again
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
