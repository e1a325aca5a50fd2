"""What people agreed to, and who had everything erased."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from bot.models.types import RowId, UtcDateTime, metadata

#: `wording` is the beginning of the SHA-256 of the words that were agreed to, as they stand in
#: content/phrases.yml; `withdrawn_at` is when it was taken back, or what it was for had ended.
consents = Table(
    "consents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("what", String(16), nullable=False),
    Column("wording", String(16), nullable=False),
    Column("agreed_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
    Index("ix_consents_chat_id", "chat_id"),
    Index("ix_consents_agreed_at", "agreed_at"),
)

#: `person` is a keyed hash of the channel and the number of the chat there: it finds the same chat
#: in a backup that is restored, and says of nobody who they are.
erasures = Table(
    "erasures",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_erasures_at", "at"),
)
