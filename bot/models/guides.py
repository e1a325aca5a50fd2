"""Guide revisions: their text, what was withdrawn of them, who was shown which."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from bot.models.types import RowId, UtcDateTime, metadata

#: `served_at` is when a serving program put this revision into service with its last release; it is
#: set for what is being served only.
guide_revisions = Table(
    "guide_revisions",
    metadata,
    Column("guide_id", String(64), primary_key=True),
    Column("revision", String(16), primary_key=True),
    Column("payload", Text, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("served_at", UtcDateTime),
)

#: `step` is the step's number in the file, 0 for the whole guide; `title` is the step's. `told` is
#: how many chats were told then, by `recalled_by` ("" from the command line).
guide_recalls = Table(
    "guide_recalls",
    metadata,
    Column("guide_id", String(64), primary_key=True),
    Column("revision", String(16), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("title", String(120), nullable=False, default=""),
    Column("why", String(300), nullable=False),
    Column("recalled_at", UtcDateTime, nullable=False),
    Column("told", Integer, nullable=False, default=0, server_default="0"),
    Column("recalled_by", String(64), nullable=False, default="", server_default=""),
)

guide_views = Table(
    "guide_views",
    metadata,
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("guide_id", String(64), primary_key=True),
    Column("revision", String(16), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Index("ix_guide_views_guide_id_revision", "guide_id", "revision"),
    Index("ix_guide_views_seen_at", "seen_at"),
)
