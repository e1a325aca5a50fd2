"""runs of jobs, rosters uploaded to be looked at; indexes for the list of tickets and for health

Revision: 0013, after 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("status IN ('waiting','claimed')")
#: In the order of the queue; behind it what is counted and filtered by, so that rows are not read.
_QUEUE = ("urgent", "due_at", "id", "status", "locality", "team_id", "claimed_by_staff")
_FAILED = sa.text("status = 'failed'")
_UNCERTAIN = sa.text("uncertain > 0")
_GIVEN_UP = sa.text("error IS NOT NULL")


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "job_runs",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("worker", sa.String(length=40), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.Column("runs", _ID, nullable=False),
        sa.Column("failures", _ID, nullable=False),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("name", "worker", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "roster_files",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("remove_missing", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('read','importing','imported','failed')",
            name=op.f("ck_roster_files_known_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_files")),
        sqlite_autoincrement=True,
    )
    for name, table, columns, where in (
        ("ix_tickets_open", "tickets", list(_QUEUE), _OPEN),
        ("ix_inbox_given_up", "inbox", ["id"], _GIVEN_UP),
        ("ix_outbox_failed", "outbox", ["created_at"], _FAILED),
        ("ix_outbox_uncertain", "outbox", ["id"], _UNCERTAIN),
    ):
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_tickets_topic_id", "tickets", ["topic", "id"])
    op.create_index("ix_tickets_status_id", "tickets", ["status", "id"])
    op.create_index("ix_tickets_closed_at", "tickets", ["closed_at"])


def downgrade() -> None:
    """Back to the one before."""
    op.drop_index("ix_tickets_closed_at", table_name="tickets")
    op.drop_index("ix_tickets_status_id", table_name="tickets")
    op.drop_index("ix_tickets_topic_id", table_name="tickets")
    op.drop_index("ix_outbox_uncertain", table_name="outbox")
    op.drop_index("ix_outbox_failed", table_name="outbox")
    op.drop_index("ix_inbox_given_up", table_name="inbox")
    op.drop_index("ix_tickets_open", table_name="tickets")
    op.drop_table("roster_files")
    op.drop_table("job_runs")
