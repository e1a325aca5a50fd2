"""labels, clusters of what nobody answered, training runs and their models

Revision: 0010, after 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OF_QUESTION = sa.text("question_id IS NOT NULL")
_UNANSWERED = sa.text("text IS NOT NULL AND (outcome = 'not_understood' OR judged = 'wrong')")
_DUE = sa.text("given_at IS NULL")
_LABELLED = sa.text("label IS NOT NULL")


def upgrade() -> None:
    """To this revision."""
    # No constraint on it: SQLite would have to copy the whole log for one.
    op.add_column("questions", sa.Column("judged", sa.String(length=8), nullable=True))
    op.create_index(
        "ix_questions_unanswered",
        "questions",
        ["id"],
        sqlite_where=_UNANSWERED,
        postgresql_where=_UNANSWERED,
    )
    op.create_index(
        "ix_questions_labelled",
        "questions",
        ["id"],
        sqlite_where=_LABELLED,
        postgresql_where=_LABELLED,
    )
    _labels()
    _clusters()
    _replies()
    _runs()


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("id", _ID, nullable=False),
        sa.Column("question_id", _ID, nullable=True),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_key", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("labelled_at", sa.DateTime(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "source IN ('question','cluster','import')", name=op.f("ck_labels_known_source")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name=op.f("fk_labels_question_id_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )
    op.create_index(
        "ix_labels_question_id",
        "labels",
        ["question_id"],
        unique=True,
        sqlite_where=_OF_QUESTION,
        postgresql_where=_OF_QUESTION,
    )
    op.create_index("ix_labels_text_key", "labels", ["text_key"])
    op.create_index("ix_labels_intent_id", "labels", ["intent", "id"])
    op.create_index("ix_labels_labelled_at", "labels", ["labelled_at"])
    op.create_table(
        "new_intents",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("covers", sa.String(length=300), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_new_intents")),
    )


def _clusters() -> None:
    op.create_table(
        "clusters",
        sa.Column("id", _ID, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("recent", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("nearest", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("grouped_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open','labelled','out_of_scope','idea')",
            name=op.f("ck_clusters_known_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_clusters_state_size", "clusters", ["state", "size"])
    op.create_table(
        "cluster_members",
        sa.Column("question_id", _ID, nullable=False, autoincrement=False),
        sa.Column("cluster_id", _ID, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name=op.f("fk_cluster_members_question_id_questions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["clusters.id"],
            name=op.f("fk_cluster_members_cluster_id_clusters"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_cluster_members")),
    )
    op.create_index("ix_cluster_members_cluster_id_rank", "cluster_members", ["cluster_id", "rank"])
    op.create_table(
        "guide_ideas",
        sa.Column("id", _ID, nullable=False),
        sa.Column("cluster_id", _ID, nullable=True),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open','writing','done','dropped')",
            name=op.f("ck_guide_ideas_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["clusters.id"],
            name=op.f("fk_guide_ideas_cluster_id_clusters"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_ideas")),
    )
    op.create_index("ix_guide_ideas_state_id", "guide_ideas", ["state", "id"])


def _replies() -> None:
    op.create_table(
        "cluster_replies",
        sa.Column("id", _ID, nullable=False),
        sa.Column("cluster_id", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("guide_id", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_replies")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cluster_replies_cluster_id", "cluster_replies", ["cluster_id"])
    op.create_table(
        "cluster_reply_chats",
        sa.Column("reply_id", _ID, nullable=False),
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("question_id", _ID, nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reply_id"],
            ["cluster_replies.id"],
            name=op.f("fk_cluster_reply_chats_reply_id_cluster_replies"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["chats.id"],
            name=op.f("fk_cluster_reply_chats_chat_id_chats"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reply_id", "chat_id", name=op.f("pk_cluster_reply_chats")),
    )
    op.create_index(
        "ix_cluster_reply_chats_due",
        "cluster_reply_chats",
        ["reply_id"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )
    op.create_index("ix_cluster_reply_chats_chat_id", "cluster_reply_chats", ["chat_id"])
    op.create_index("ix_cluster_reply_chats_question_id", "cluster_reply_chats", ["question_id"])


def _runs() -> None:
    op.create_table(
        "training_runs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("slot", sa.String(length=12), nullable=True),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("beat_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=120), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('train','cluster')", name=op.f("ck_training_runs_known_kind")),
        sa.CheckConstraint(
            "state IN ('queued','running','done','failed')",
            name=op.f("ck_training_runs_known_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_runs")),
        sa.UniqueConstraint("slot", name=op.f("uq_training_runs_slot")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_training_runs_kind_id", "training_runs", ["kind", "id"])
    op.create_table(
        "nlu_models",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("data", sa.String(length=64), nullable=False),
        sa.Column("run_id", _ID, nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("top1", sa.Float(), nullable=False),
        sa.Column("fits", sa.Boolean(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["training_runs.id"],
            name=op.f("fk_nlu_models_run_id_training_runs"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nlu_models")),
        sa.UniqueConstraint("key", name=op.f("uq_nlu_models_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "nlu_publications",
        sa.Column("id", _ID, nullable=False),
        sa.Column("model_id", _ID, nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("rollback", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["nlu_models.id"],
            name=op.f("fk_nlu_publications_model_id_nlu_models"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nlu_publications")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Back to the one before."""
    for table in (
        "nlu_publications",
        "nlu_models",
        "training_runs",
        "cluster_reply_chats",
        "cluster_replies",
        "guide_ideas",
        "cluster_members",
        "clusters",
        "new_intents",
        "labels",
    ):
        op.drop_table(table)
    op.drop_index("ix_questions_labelled", table_name="questions")
    op.drop_index("ix_questions_unanswered", table_name="questions")
    op.drop_column("questions", "judged")
