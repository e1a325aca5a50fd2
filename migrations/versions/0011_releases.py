"""releases of the content: drafts, their texts, what was published

Revision: 0011, after 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state IN ('draft','review')")
_FIXED = "a release is never changed"
_FIXED_SQLITE = (
    "CREATE TRIGGER releases_no_update BEFORE UPDATE ON releases "
    f"BEGIN SELECT RAISE(ABORT, '{_FIXED}'); END",
    "CREATE TRIGGER releases_no_delete BEFORE DELETE ON releases "
    f"BEGIN SELECT RAISE(ABORT, '{_FIXED}'); END",
)
_FIXED_POSTGRESQL = (
    "CREATE FUNCTION releases_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN RAISE EXCEPTION '{_FIXED}'; END $$",
    "CREATE TRIGGER releases_fixed BEFORE UPDATE OR DELETE ON releases FOR EACH ROW "
    "EXECUTE FUNCTION releases_fixed()",
)


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "content_texts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_content_texts")),
    )
    op.create_table(
        "releases",
        sa.Column("id", _ID, nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("edits", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "why IN ('files','publish','rollback','keep','follow')",
            name=op.f("ck_releases_known_reason"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_releases_name", "releases", ["name"])
    _create_drafts()
    _create_reviews()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _FIXED_SQLITE if sqlite else _FIXED_POSTGRESQL:
        op.execute(statement)


def _create_drafts() -> None:
    op.create_table(
        "content_drafts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("release_id", _ID, nullable=True),
        sa.CheckConstraint(
            "state IN ('draft','review','published','discarded')",
            name=op.f("ck_content_drafts_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_content_drafts_release_id_releases"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_drafts")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_content_drafts_open",
        "content_drafts",
        ["name"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_content_drafts_name", "content_drafts", ["name", "id"])
    op.create_table(
        "content_draft_texts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("draft_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('saved','aside')", name=op.f("ck_content_draft_texts_known_kind")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["content_drafts.id"],
            name=op.f("fk_content_draft_texts_draft_id_content_drafts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_draft_texts")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_content_draft_texts_draft_id", "content_draft_texts", ["draft_id", "version"]
    )


def _create_reviews() -> None:
    op.create_table(
        "guide_reviews",
        sa.Column("id", _ID, nullable=False),
        sa.Column("guide_id", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_reviews")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_guide_reviews_guide_id", "guide_reviews", ["guide_id", "at"])
    columns = (
        sa.Column("told", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("recalled_by", sa.String(length=64), nullable=False, server_default=""),
    )
    for column in columns:
        op.add_column("guide_recalls", column)


def downgrade() -> None:
    """Back from it."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TRIGGER releases_no_update")
        op.execute("DROP TRIGGER releases_no_delete")
    else:
        op.execute("DROP TRIGGER releases_fixed ON releases")
        op.execute("DROP FUNCTION releases_fixed()")
    with op.batch_alter_table("guide_recalls") as table:
        table.drop_column("recalled_by")
        table.drop_column("told")
    for name in (
        "guide_reviews",
        "content_draft_texts",
        "content_drafts",
        "releases",
        "content_texts",
    ):
        op.drop_table(name)
