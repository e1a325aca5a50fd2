"""which message carries a line of a ticket's talk, and since when its helper knows that it is late

Revision: 0005, after 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LINE = sa.text("line_id IS NOT NULL")
_OPEN = sa.text("line_id IS NOT NULL AND (status <> 'sent' OR late_at IS NOT NULL)")


def upgrade() -> None:
    """To this revision."""
    op.add_column("outbox", sa.Column("line_id", _ID, nullable=True))
    op.add_column("outbox", sa.Column("late_at", sa.DateTime(), nullable=True))
    op.create_index(
        "ix_outbox_line_id", "outbox", ["line_id"], sqlite_where=_LINE, postgresql_where=_LINE
    )
    op.create_index(
        "ix_outbox_undelivered", "outbox", ["id"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )


def downgrade() -> None:
    """Back to the one before."""
    op.drop_index("ix_outbox_undelivered", table_name="outbox")
    op.drop_index("ix_outbox_line_id", table_name="outbox")
    op.drop_column("outbox", "late_at")
    op.drop_column("outbox", "line_id")
