"""Operators' accounts, their sessions, and what was done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_operators"
down_revision = "20261123_journeys"
branch_labels = None
depends_on = None

ACTIONS = (
    "signed_in signed_in_by_provider sign_in_failed provider_refused signed_out signed_out_everywhere "
    "exported_csv exported_json account_added account_disabled account_enabled password_reset"
)


def bounded(table: str, **lengths: int) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(f"length({name}) <= {most}", name=op.f(f"ck_{table}_{name}_length"))
        for name, most in lengths.items()
    ]


def upgrade() -> None:
    op.create_table(
        "operator_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(254), nullable=False),
        sa.Column("login", sa.String(254), nullable=True),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("subject", sa.String(64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(login IS NULL) = (password_hash IS NULL)", name=op.f("ck_operator_account_password")),
        sa.CheckConstraint("(login IS NULL) <> (subject IS NULL)", name=op.f("ck_operator_account_method")),
        *bounded("operator_account", name=254, login=254, subject=64),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_account")),
        sa.UniqueConstraint("login", name=op.f("uq_operator_account_login")),
        sa.UniqueConstraint("subject", name=op.f("uq_operator_account_subject")),
    )

    op.create_table(
        "operator_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        *bounded("operator_session", token_hash=64),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["operator_account.id"],
            name=op.f("fk_operator_session_account_id_operator_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_operator_session")),
    )
    op.create_index(op.f("ix_operator_session_account_id"), "operator_session", ["account_id"])
    op.create_index(op.f("ix_operator_session_created_at"), "operator_session", ["created_at"])

    actions = ", ".join(f"'{action}'" for action in ACTIONS.split())
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("name", sa.String(254), nullable=True),
        sa.CheckConstraint(f"action IN ({actions})", name=op.f("ck_audit_entry_action")),
        *bounded("audit_entry", name=254),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"])


def downgrade() -> None:
    op.drop_table("audit_entry")
    op.drop_table("operator_session")
    op.drop_table("operator_account")
