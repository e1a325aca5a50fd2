"""where a ticket stands on the ladder, its next deadline, what happened to it, visits

Revision: 0003, after 0002

On SQLite `tickets` is changed with ADD and DROP COLUMN, never by a batch that makes the table anew:
dropping the old one would count as deleting its rows, and take their talk with it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: What a team is given, from the update on, for tickets that were open before it.
_GRACE = timedelta(hours=4)


def _columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("locality", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("first_reply_at", sa.DateTime(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("for_other", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("consent_at", sa.DateTime(), nullable=True),
        sa.Column("call_requested", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rating_note", sa.LargeBinary(), nullable=True),
        sa.Column("visit_at", sa.DateTime(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False, server_default="vi"),
        sa.Column("unreachable_at", sa.DateTime(), nullable=True),
    )


#: With a check of their own, written where the column is, which both databases take in ADD COLUMN.
_CHECKED = {
    "rung": "VARCHAR(10) DEFAULT 'hamlet' NOT NULL CONSTRAINT ck_tickets_known_rung "
    "CHECK (rung IN ('hamlet','commune','province'))",
    "outcome": "VARCHAR(20) CONSTRAINT ck_tickets_known_outcome "
    "CHECK (outcome IS NULL OR outcome IN ('solved','solved_at_home','not_reachable',"
    "'wrong_number','referred_police','referred_bank','referred_commune'))",
}

_APPEND_ONLY_SQLITE = (
    "CREATE TRIGGER ticket_events_no_update BEFORE UPDATE ON ticket_events "
    "WHEN NEW.data IS NOT NULL OR NEW.id <> OLD.id OR NEW.ticket_id <> OLD.ticket_id "
    "OR NEW.at <> OLD.at OR NEW.kind <> OLD.kind OR NEW.actor_kind <> OLD.actor_kind "
    "OR NEW.actor_id IS NOT OLD.actor_id OR NEW.rung <> OLD.rung "
    "BEGIN SELECT RAISE(ABORT, 'ticket_events is append-only'); END",
    "CREATE TRIGGER ticket_events_no_delete BEFORE DELETE ON ticket_events "
    "BEGIN SELECT RAISE(ABORT, 'ticket_events is append-only'); END",
)
_APPEND_ONLY_POSTGRESQL = (
    "CREATE FUNCTION ticket_events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION 'ticket_events is append-only'; END $$",
    "CREATE TRIGGER ticket_events_no_update BEFORE UPDATE ON ticket_events FOR EACH ROW "
    "WHEN (NEW.data IS NOT NULL OR NEW.id <> OLD.id OR NEW.ticket_id <> OLD.ticket_id "
    "OR NEW.at <> OLD.at OR NEW.kind <> OLD.kind OR NEW.actor_kind <> OLD.actor_kind "
    "OR NEW.actor_id IS DISTINCT FROM OLD.actor_id OR NEW.rung <> OLD.rung) "
    "EXECUTE FUNCTION ticket_events_append_only()",
    "CREATE TRIGGER ticket_events_no_delete BEFORE DELETE ON ticket_events FOR EACH ROW "
    "EXECUTE FUNCTION ticket_events_append_only()",
)


def upgrade() -> None:
    """To this revision."""
    _change_tickets()
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "ticket_events",
        sa.Column("id", row_id, nullable=False),
        sa.Column("ticket_id", row_id, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", row_id, nullable=True),
        sa.Column("rung", sa.String(length=10), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "actor_kind IN ('citizen','member','staff','system')",
            name=op.f("ck_ticket_events_known_actor"),
        ),
        sa.CheckConstraint(
            "rung IN ('hamlet','commune','province')", name=op.f("ck_ticket_events_known_rung")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_events_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_events")),
    )
    op.create_index("ix_ticket_events_ticket_id_id", "ticket_events", ["ticket_id", "id"])
    op.create_index("ix_ticket_events_kind_at", "ticket_events", ["kind", "at"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _APPEND_ONLY_SQLITE if sqlite else _APPEND_ONLY_POSTGRESQL:
        op.execute(statement)
    op.create_table(
        "visits",
        sa.Column("id", row_id, nullable=False),
        sa.Column("ticket_id", row_id, nullable=False),
        sa.Column("member_id", row_id, nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "minutes IS NULL OR minutes BETWEEN 0 AND 1440", name=op.f("ck_visits_minutes_range")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
            name=op.f("fk_visits_ticket_id_tickets"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_visits_member_id_members"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_ticket_id", "visits", ["ticket_id"])
    op.create_index("ix_visits_at", "visits", ["at"])
    op.create_index("ix_visits_member_id", "visits", ["member_id"])


def _change_tickets() -> None:
    for column in _columns():
        op.add_column("tickets", column)
    for name, definition in _CHECKED.items():
        op.execute(f"ALTER TABLE tickets ADD COLUMN {name} {definition}")
    # Open tickets get a deadline before the check that asks for one.
    due = datetime.now(UTC).replace(tzinfo=None) + _GRACE
    op.execute(
        sa.text(
            "UPDATE tickets SET due_at = :due, "
            "rung = CASE WHEN team_id IS NULL THEN 'province' ELSE 'hamlet' END "
            "WHERE status IN ('waiting','claimed')"
        ).bindparams(sa.bindparam("due", due, sa.DateTime()))
    )
    op.execute(
        "ALTER TABLE tickets ADD COLUMN due_kind VARCHAR(12) DEFAULT 'claim' "
        "CONSTRAINT ck_tickets_open_has_deadline CHECK (status NOT IN ('waiting','claimed') "
        "OR (due_at IS NOT NULL AND due_kind IS NOT NULL))"
    )
    op.execute(
        "UPDATE tickets SET due_kind = CASE status WHEN 'claimed' THEN 'reply' END "
        "WHERE status <> 'waiting'"
    )
    op.create_index("ix_tickets_due_at", "tickets", ["due_at"])
    op.create_index("ix_tickets_locality", "tickets", ["locality"])


def downgrade() -> None:
    """Back to the one before; events and visits are lost."""
    op.drop_table("visits")
    op.drop_table("ticket_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ticket_events_append_only()")
    op.drop_index("ix_tickets_locality", table_name="tickets")
    op.drop_index("ix_tickets_due_at", table_name="tickets")
    # The column whose check speaks of another goes first.
    for name in ("due_kind", *_CHECKED, *(column.name for column in _columns())):
        op.execute(f"ALTER TABLE tickets DROP COLUMN {name}")
