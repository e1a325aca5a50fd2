"""the question log's places and topics, and its counts

Revision: 0009, after 0008. What old questions and chats say of a place in words gets the code where
the words tell it for certain, else "". Their days are marked, and the job counts them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.locality.atlas import Atlas
from bot.locality.files import load_gazetteer
from bot.locality.naming import code_of_text
from bot.settings import load_settings

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COLUMNS = {"area": 64, "commune": 8, "province": 2, "topic": 64}
_INDEXED = ("topic", "commune", "province", "outcome", "channel")
_COUNTS = (
    *("asked", "not_understood", "clarified", "guided", "walked", "finished", "stopped"),
    *("handed_over", "helped"),
)
_TOPIC = (
    "UPDATE questions SET topic = CASE WHEN guide_id <> '' THEN guide_id "
    "WHEN outcome <> 'not_understood' THEN intent ELSE '' END"
)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def upgrade() -> None:
    """To this revision."""
    for name, length in _COLUMNS.items():
        op.add_column("questions", _text(name, length))
    op.add_column("chats", _text("area", 64))
    op.execute(_TOPIC)
    _name_places()
    for name in _INDEXED:
        op.create_index(f"ix_questions_{name}_asked_at", "questions", [name, "asked_at"])
    op.create_table(
        "question_counts",
        sa.Column("cut", sa.String(length=4), nullable=False),
        sa.Column("begin", sa.Date(), nullable=False),
        sa.Column("area", sa.String(length=8), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.PrimaryKeyConstraint(
            "cut", "begin", "area", "topic", "channel", "step", name=op.f("pk_question_counts")
        ),
    )
    op.create_index(
        "ix_question_counts_cut_area_begin", "question_counts", ["cut", "area", "begin"]
    )
    op.create_index(
        "ix_question_counts_cut_topic_begin", "question_counts", ["cut", "topic", "begin"]
    )
    op.create_table(
        "question_marks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_marks")),
    )
    op.create_table(
        "rollup_lease",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rollup_lease")),
    )
    _mark_days()


def _name_places() -> None:
    """The codes of places that were kept in words."""
    bind = op.get_bind()
    words = [
        text
        for table in ("questions", "chats")
        for text in bind.execute(
            sa.text(f"SELECT DISTINCT locality FROM {table} WHERE locality IS NOT NULL")
        ).scalars()
    ]
    if not words:
        return
    atlas = Atlas(load_gazetteer(load_settings().content_dir / "localities"))
    codes = {text: code for text in dict.fromkeys(words) if (code := code_of_text(text, atlas))}
    for text, code in codes.items():
        values = {
            "words": text,
            "area": code,
            "commune": ".".join(code.split(".")[:2]) if "." in code else "",
            "province": code[:2],
        }
        bind.execute(
            sa.text(
                "UPDATE questions SET area = :area, commune = :commune, province = :province "
                "WHERE locality = :words"
            ),
            values,
        )
        bind.execute(
            sa.text("UPDATE chats SET area = :area WHERE locality = :words"),
            {"area": code, "words": text},
        )


def _mark_days() -> None:
    day = (
        "date(asked_at, '+7 hours')"
        if op.get_bind().dialect.name == "sqlite"
        else "CAST(asked_at + interval '7 hours' AS date)"
    )
    op.execute(f"INSERT INTO question_marks (day) SELECT DISTINCT {day} FROM questions")


def downgrade() -> None:
    """Back from it; the codes and the counts are lost."""
    op.drop_table("rollup_lease")
    op.drop_table("question_marks")
    op.drop_table("question_counts")
    for name in _INDEXED:
        op.drop_index(f"ix_questions_{name}_asked_at", table_name="questions")
    op.drop_column("chats", "area")
    for name in _COLUMNS:
        op.drop_column("questions", name)
