"""voice notes that are kept for their speaker's answer or for a ticket's helper

Revision: 0015, after 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "voice_notes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("ticket_id", _ID, nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=True),
        sa.Column("media", sa.String(length=40), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_voice_notes_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
            name=op.f("fk_voice_notes_ticket_id_tickets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_notes")),
        sa.UniqueConstraint("name", name=op.f("uq_voice_notes_name")),
        sqlite_autoincrement=True,
    )
    for column in ("chat_id", "ticket_id", "at"):
        op.create_index(f"ix_voice_notes_{column}", "voice_notes", [column])


def downgrade() -> None:
    """Back to the one before."""
    for column in ("at", "ticket_id", "chat_id"):
        op.drop_index(f"ix_voice_notes_{column}", table_name="voice_notes")
    op.drop_table("voice_notes")
