"""Chats of one person on several channels, the codes that join them, wrong tries.

A person is a row of `people` and the chats that name it; never one chat alone (bot.store.linking).
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from bot.models.types import RowId, UtcDateTime, metadata

people = Table(
    "people",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
)

#: Beside `chats`, whose rows are written with every message. `acted_at`: when the person last did
#: something there.
linked_chats = Table(
    "linked_chats",
    metadata,
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", RowId, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("linked_at", UtcDateTime, nullable=False),
    Column("acted_at", UtcDateTime, nullable=False),
    Index("ix_linked_chats_person_id", "person_id"),
)

#: Given in `chat_id`; typed in `asked_by` at `asked_at`, which uses it up; confirmed or refused
#: where it was given at `answered_at`.
link_codes = Table(
    "link_codes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("asked_by", RowId, ForeignKey("chats.id", ondelete="CASCADE")),
    Column("asked_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Index("ix_link_codes_chat_id", "chat_id"),
    Index("ix_link_codes_asked_by", "asked_by"),
    Index("ix_link_codes_expires_at", "expires_at"),
    sqlite_autoincrement=True,
)

#: `who` is a keyed hash of the chat: an erasure must not give five new tries.
link_tries = Table(
    "link_tries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("who", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_link_tries_who_at", "who", "at"),
    Index("ix_link_tries_at", "at"),
)
