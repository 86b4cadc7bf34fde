"""Journeys, what happened in them, and what became of troubleshooting steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_journeys"
down_revision = None
branch_labels = None
depends_on = None

WORDS = {
    "platform": "macos linux wsl windows",
    "shell": "zsh bash fish powershell cmd git-bash",
    "scope": "terminal startup user local project managed",
    "install": "native homebrew homebrew-latest winget apt dnf apk npm done",
    "kind": (
        "opened machine_chosen copied downloaded key_check_started key_check_finished verified help_opened diagnosed "
        "nothing_helped"
    ),
    "target": "apply doctor install path configure file merged verify undo step bundle",
    "verdict": "passed warning failed",
    "evidence": "self_reported status",
    "outcome": "shown resolved not_resolved skipped",
}
LENGTHS = {"id": 22, "key": 32, "language": 16, "cause": 64, "model": 64, "symptom": 64, "step": 64}
CONTEXT = ("platform", "shell", "scope", "install")


def word(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(24), nullable=nullable)


def short(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(LENGTHS[name]), nullable=nullable)


def moment(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def context() -> list[sa.Column[str] | sa.Column[int]]:
    versions = [sa.Column(f"client_{part}", sa.SmallInteger(), nullable=True) for part in ("major", "minor")]
    return [*map(word, CONTEXT), short("language"), *versions]


def closed(table: str, *names: str) -> list[sa.CheckConstraint]:
    found = []
    for name in names:
        words = ", ".join(f"'{one}'" for one in WORDS[name].split())
        found.append(sa.CheckConstraint(f"{name} IN ({words})", name=op.f(f"ck_{table}_{name}")))
    return found


def bounded(table: str, *names: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(f"length({name}) <= {LENGTHS[name]}", name=op.f(f"ck_{table}_{name}_length"))
        for name in names
    ]


def journey(table: str) -> list[sa.Column[str] | sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_journey_id_journey")
    return [
        sa.Column("journey_id", sa.String(22), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=name, ondelete="CASCADE"),
    ]


def upgrade() -> None:
    stages = ("opened", "chosen", "taken", "checked", "passed", "verified", "helped", "resolved")
    op.create_table(
        "journey",
        short("id", nullable=False),
        moment("started_at", nullable=False),
        moment("last_at", nullable=False),
        moment("context_at"),
        *(moment(f"{stage}_at") for stage in stages),
        *context(),
        *closed("journey", *CONTEXT),
        *bounded("journey", "id", "language"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey")),
    )
    op.create_index(op.f("ix_journey_started_at"), "journey", ["started_at"])
    op.create_index(op.f("ix_journey_last_at"), "journey", ["last_at"])

    op.create_table(
        "journey_event",
        *journey("journey_event"),
        short("key", nullable=False),
        word("kind", nullable=False),
        moment("at", nullable=False),
        word("target"),
        word("verdict"),
        short("cause"),
        short("model"),
        moment("latency_ms"),
        word("evidence"),
        short("symptom"),
        *context(),
        *closed("journey_event", "kind", "target", "verdict", "evidence", *CONTEXT),
        *bounded("journey_event", "key", "language", "cause", "model", "symptom"),
        sa.PrimaryKeyConstraint("journey_id", "key", name=op.f("pk_journey_event")),
    )
    op.create_index(op.f("ix_journey_event_kind_at"), "journey_event", ["kind", "at"])
    op.create_index(op.f("ix_journey_event_at"), "journey_event", ["at"])

    op.create_table(
        "step_outcome",
        *journey("step_outcome"),
        short("symptom", nullable=False),
        short("step", nullable=False),
        short("cause"),
        word("outcome", nullable=False),
        moment("shown_at", nullable=False),
        moment("at", nullable=False),
        *context(),
        *closed("step_outcome", "outcome", *CONTEXT),
        *bounded("step_outcome", "symptom", "step", "cause", "language"),
        sa.PrimaryKeyConstraint("journey_id", "symptom", "step", name=op.f("pk_step_outcome")),
    )
    op.create_index(
        op.f("ix_step_outcome_symptom_step_platform_outcome"),
        "step_outcome",
        ["symptom", "step", "platform", "outcome"],
    )
    op.create_index(op.f("ix_step_outcome_at"), "step_outcome", ["at"])


def downgrade() -> None:
    op.drop_table("step_outcome")
    op.drop_table("journey_event")
    op.drop_table("journey")
