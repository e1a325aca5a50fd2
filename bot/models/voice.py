"""Voice notes that are kept: for a moment, for their speaker's answer; for a ticket's helper."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from bot.models.types import RowId, Sealed, UtcDateTime, metadata

#: One without a ticket waits for what its speaker says of it; a chat has one of those at most.
#: `name` is what a page that uploaded it calls it, until the conversation has come to it.
voice_notes = Table(
    "voice_notes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("ticket_id", RowId, ForeignKey("tickets.id", ondelete="CASCADE")),
    Column("at", UtcDateTime, nullable=False),
    Column("name", String(64), unique=True),
    Column("media", String(40), nullable=False),
    Column("seconds", Integer, nullable=False, default=0),
    Column("payload", Sealed, nullable=False),
    Index("ix_voice_notes_chat_id", "chat_id"),
    Index("ix_voice_notes_ticket_id", "ticket_id"),
    Index("ix_voice_notes_at", "at"),
    sqlite_autoincrement=True,
)
