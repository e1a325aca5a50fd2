"""who was shown which guide revision; recalls in a table of their own, also of single steps

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "guide_views",
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guide_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.String(length=16), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["chats.id"],
            name=op.f("fk_guide_views_chat_id_chats"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("chat_id", "guide_id", "revision", name=op.f("pk_guide_views")),
    )
    op.create_index("ix_guide_views_guide_id_revision", "guide_views", ["guide_id", "revision"])
    op.create_index("ix_guide_views_seen_at", "guide_views", ["seen_at"])
    op.create_table(
        "guide_recalls",
        sa.Column("guide_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("recalled_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("guide_id", "revision", "step", name=op.f("pk_guide_recalls")),
    )
    # What was withdrawn stays withdrawn.
    op.execute(
        "INSERT INTO guide_recalls (guide_id, revision, step, title, why, recalled_at) "
        "SELECT guide_id, revision, 0, '', "
        "COALESCE(NULLIF(why, ''), 'đang kiểm tra lại'), recalled_at FROM guide_revisions "
        "WHERE recalled_at IS NOT NULL"
    )
    with op.batch_alter_table("guide_revisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("served_at", sa.DateTime(), nullable=True))
        batch_op.drop_column("recalled_at")
        batch_op.drop_column("why")


def downgrade() -> None:
    """Back to the one before; withdrawn steps are forgotten, withdrawn guides are not."""
    with op.batch_alter_table("guide_revisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recalled_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("why", sa.String(length=300), nullable=True))
        batch_op.drop_column("served_at")
    for column in ("recalled_at", "why"):
        op.execute(
            f"UPDATE guide_revisions SET {column} = (SELECT r.{column} FROM guide_recalls r "
            "WHERE r.guide_id = guide_revisions.guide_id "
            "AND r.revision = guide_revisions.revision AND r.step = 0)"
        )
    op.drop_table("guide_recalls")
    op.drop_index("ix_guide_views_seen_at", table_name="guide_views")
    op.drop_index("ix_guide_views_guide_id_revision", table_name="guide_views")
    op.drop_table("guide_views")
