"""people whose chats on several channels are linked, the codes that link them, wrong tries

Revision: 0014, after 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "people",
        sa.Column("id", _ID, nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "linked_chats",
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("linked_at", sa.DateTime(), nullable=False),
        sa.Column("acted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["chats.id"],
            name=op.f("fk_linked_chats_chat_id_chats"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_linked_chats_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_linked_chats")),
    )
    op.create_index("ix_linked_chats_person_id", "linked_chats", ["person_id"])
    op.create_table(
        "link_codes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("asked_by", _ID, nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_link_codes_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"],
            ["chats.id"],
            name=op.f("fk_link_codes_asked_by_chats"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_link_codes_code_hash")),
        sqlite_autoincrement=True,
    )
    for column in ("chat_id", "asked_by", "expires_at"):
        op.create_index(f"ix_link_codes_{column}", "link_codes", [column])
    op.create_table(
        "link_tries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_tries")),
    )
    op.create_index("ix_link_tries_who_at", "link_tries", ["who", "at"])
    op.create_index("ix_link_tries_at", "link_tries", ["at"])


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("link_tries")
    op.drop_table("link_codes")
    op.drop_table("linked_chats")
    op.drop_table("people")
