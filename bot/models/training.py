"""Labels, clusters of what nobody answered, training runs and the models they made."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from bot.models.types import RowId, UtcDateTime, metadata

_OF_QUESTION = "question_id IS NOT NULL"


class RunKind(StrEnum):
    """What a run does."""

    TRAIN = "train"
    CLUSTER = "cluster"


class RunState(StrEnum):
    """queued -> running -> done, or failed."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ClusterState(StrEnum):
    """What staff made of a cluster."""

    OPEN = "open"
    LABELLED = "labelled"
    OUT_OF_SCOPE = "out_of_scope"
    IDEA = "idea"


class IdeaState(StrEnum):
    """What became of an idea for a guide."""

    OPEN = "open"
    WRITING = "writing"
    DONE = "done"
    DROPPED = "dropped"


#: Sentences with the intent that staff gave them. `text` is masked. `text_key` is the same for
#: texts that are the same once normalised.
labels = Table(
    "labels",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("question_id", RowId, ForeignKey("questions.id", ondelete="CASCADE")),
    Column("intent", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("text_key", String(64), nullable=False),
    Column("author", String(64), nullable=False),
    Column("labelled_at", UtcDateTime, nullable=False),
    Column("source", String(12), nullable=False),
    CheckConstraint("source IN ('question','cluster','import')", name="known_source"),
    Index(
        "ix_labels_question_id",
        "question_id",
        unique=True,
        sqlite_where=text(_OF_QUESTION),
        postgresql_where=text(_OF_QUESTION),
    ),
    Index("ix_labels_text_key", "text_key"),
    Index("ix_labels_intent_id", "intent", "id"),
    Index("ix_labels_labelled_at", "labelled_at"),
)

#: Intents that staff want besides the shipped ones. Their sentences are kept and exported; they
#: are trained on once a release ships the id.
new_intents = Table(
    "new_intents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", String(120), nullable=False),
    Column("covers", String(300), nullable=False),
    Column("author", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

#: Questions that say nearly the same. `recent` and `before` count the last seven days and the seven
#: before those; `nearest` is JSON: [[intent, probability], ...].
clusters = Table(
    "clusters",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("recent", Integer, nullable=False),
    Column("before", Integer, nullable=False),
    Column("nearest", Text, nullable=False),
    Column("state", String(12), nullable=False, default=ClusterState.OPEN.value),
    Column("intent", String(64), nullable=False, default=""),
    Column("made_at", UtcDateTime, nullable=False),
    Column("grouped_at", UtcDateTime, nullable=False),
    CheckConstraint("state IN ('open','labelled','out_of_scope','idea')", name="known_state"),
    Index("ix_clusters_state_size", "state", "size"),
    sqlite_autoincrement=True,
)

#: `rank` counts from 0, the most typical first.
cluster_members = Table(
    "cluster_members",
    metadata,
    Column("question_id", RowId, ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    Column("cluster_id", RowId, ForeignKey("clusters.id", ondelete="CASCADE"), nullable=False),
    Column("rank", Integer, nullable=False),
    Index("ix_cluster_members_cluster_id_rank", "cluster_id", "rank"),
)

guide_ideas = Table(
    "guide_ideas",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("cluster_id", RowId, ForeignKey("clusters.id", ondelete="SET NULL")),
    Column("intent", String(64), nullable=False, default=""),
    Column("title", String(120), nullable=False),
    Column("note", String(500), nullable=False, default=""),
    Column("state", String(12), nullable=False, default=IdeaState.OPEN.value),
    Column("author", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint("state IN ('open','writing','done','dropped')", name="known_state"),
    Index("ix_guide_ideas_state_id", "state", "id"),
)

#: What staff wrote to everybody who still waits for an answer to a cluster.
cluster_replies = Table(
    "cluster_replies",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("cluster_id", RowId, nullable=False),
    Column("text", Text, nullable=False),
    Column("guide_id", String(64), nullable=False, default=""),
    Column("author", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("audience", Integer, nullable=False),
    Index("ix_cluster_replies_cluster_id", "cluster_id"),
    sqlite_autoincrement=True,
)

#: Whom a reply goes to: once for each question that waits.
cluster_reply_chats = Table(
    "cluster_reply_chats",
    metadata,
    Column(
        "reply_id", RowId, ForeignKey("cluster_replies.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("question_id", RowId, nullable=False),
    Column("given_at", UtcDateTime),
    Index(
        "ix_cluster_reply_chats_due",
        "reply_id",
        sqlite_where=text("given_at IS NULL"),
        postgresql_where=text("given_at IS NULL"),
    ),
    Index("ix_cluster_reply_chats_chat_id", "chat_id"),
    Index("ix_cluster_reply_chats_question_id", "question_id"),
)

#: Work in a process beside the program. `slot` is its kind while it is queued or running, else
#: nothing: unique, so that there is one of a kind at a time whatever the number of processes.
#: `figures` is JSON; `problem` says why it failed, never what a person wrote.
training_runs = Table(
    "training_runs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("slot", String(12), unique=True),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("beat_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("owner", String(40), nullable=False, default=""),
    Column("host", String(120), nullable=False, default=""),
    Column("pid", Integer),
    Column("stage", String(24), nullable=False, default=""),
    Column("progress", Integer, nullable=False, default=0),
    Column("figures", Text, nullable=False, default=""),
    Column("problem", Text, nullable=False, default=""),
    CheckConstraint("kind IN ('train','cluster')", name="known_kind"),
    CheckConstraint("state IN ('queued','running','done','failed')", name="known_state"),
    Index("ix_training_runs_kind_id", "kind", "id"),
    sqlite_autoincrement=True,
)

#: Models trained here, beside the one of the shipped sentences. `code` names the code that can
#: serve it, `data` the shipped sentences it was trained on. `kept` says that its files are there.
nlu_models = Table(
    "nlu_models",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("code", String(64), nullable=False),
    Column("data", String(64), nullable=False),
    Column("run_id", RowId, ForeignKey("training_runs.id", ondelete="SET NULL")),
    Column("made_at", UtcDateTime, nullable=False),
    Column("examples", Integer, nullable=False),
    Column("labels", Integer, nullable=False),
    Column("top1", Float, nullable=False),
    Column("fits", Boolean, nullable=False),
    Column("kept", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

#: Which model serves from when on; the newest line counts. No model: that of the shipped sentences.
nlu_publications = Table(
    "nlu_publications",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("model_id", RowId, ForeignKey("nlu_models.id", ondelete="SET NULL")),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("rollback", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
