"""scam alerts, who wants them, and to whom each is to go

Revision: 0007, after 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DUE = sa.text("posted_at IS NULL AND done_at IS NULL")
_OF_ALERT = sa.text("alert_id IS NOT NULL")


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "alerts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("theme", sa.String(length=64), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("filled", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.String(length=64), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("sent_by", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft','sending','ended','cancelled')",
            name=op.f("ck_alerts_known_status"),
        ),
        sa.CheckConstraint(
            "status <> 'sending' OR sent_at IS NOT NULL", name=op.f("ck_alerts_sending_has_time")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alerts_status", "alerts", ["status"])
    op.create_table(
        "alert_subscriptions",
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["chats.id"],
            name=op.f("fk_alert_subscriptions_chat_id_chats"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_alert_subscriptions")),
    )
    op.create_index("ix_alert_subscriptions_area", "alert_subscriptions", ["area"])
    op.create_table(
        "alert_deliveries",
        sa.Column("alert_id", _ID, nullable=False),
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("posted_at", sa.DateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
            name=op.f("fk_alert_deliveries_alert_id_alerts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["chats.id"],
            name=op.f("fk_alert_deliveries_chat_id_chats"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alert_id", "chat_id", name=op.f("pk_alert_deliveries")),
    )
    op.create_index(
        "ix_alert_deliveries_due",
        "alert_deliveries",
        ["due_at"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )
    op.create_index("ix_alert_deliveries_chat_id", "alert_deliveries", ["chat_id"])
    op.add_column("outbox", sa.Column("alert_id", _ID, nullable=True))
    op.create_index(
        "ix_outbox_alert_id",
        "outbox",
        ["alert_id"],
        sqlite_where=_OF_ALERT,
        postgresql_where=_OF_ALERT,
    )


def downgrade() -> None:
    """Back to the one before."""
    op.drop_index("ix_outbox_alert_id", table_name="outbox")
    op.drop_column("outbox", "alert_id")
    op.drop_index("ix_alert_deliveries_chat_id", table_name="alert_deliveries")
    op.drop_index("ix_alert_deliveries_due", table_name="alert_deliveries")
    op.drop_table("alert_deliveries")
    op.drop_index("ix_alert_subscriptions_area", table_name="alert_subscriptions")
    op.drop_table("alert_subscriptions")
    op.drop_index("ix_alerts_status", table_name="alerts")
    op.drop_table("alerts")
