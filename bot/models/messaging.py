"""Conversations and their messages in and out."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.models.types import RowId, Sealed, UtcDateTime, metadata


class OutStatus(StrEnum):
    """pending -> sending -> sent; or uncertain (tried once more), failed, cancelled."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


# Ids of events, messages and timers name what came of them (a question, a ticket, an act that must
# not be done twice), so an id is never given again: SQLite needs AUTOINCREMENT for that.

chats = Table(
    "chats",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("is_group", Boolean, nullable=False, default=False),
    Column("state", Sealed),
    Column("state_version", Integer, nullable=False, default=0),
    Column("lease_owner", String(40)),
    Column("lease_until", UtcDateTime),
    Column("send_owner", String(40)),
    Column("send_until", UtcDateTime),
    Column("send_after", UtcDateTime),
    Column("next_seq", Integer, nullable=False, default=1),
    Column("acked_seq", Integer, nullable=False, default=0),
    Column("unreachable_at", UtcDateTime),
    Column("guide_id", String(64)),
    Column("locality", String(160)),
    Column("area", String(64), nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("channel", "external_id"),
    Index("ix_chats_guide_id", "guide_id", postgresql_where=text("guide_id IS NOT NULL")),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("source", String(16), nullable=False),
    Column("external_id", String(160), nullable=False),
    Column("payload", Sealed),
    Column("received_at", UtcDateTime, nullable=False),
    Column("handled_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", String(80)),
    UniqueConstraint("source", "external_id"),
    Index(
        "ix_inbox_waiting",
        "chat_id",
        "id",
        sqlite_where=text("handled_at IS NULL"),
        postgresql_where=text("handled_at IS NULL"),
    ),
    # Events that could not be handled and were set aside.
    Index(
        "ix_inbox_given_up",
        "id",
        sqlite_where=text("error IS NOT NULL"),
        postgresql_where=text("error IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("coalesce", String(16), nullable=False, default=""),
    Column("payload", Sealed),
    Column("status", String(12), nullable=False, default=OutStatus.PENDING.value),
    Column("attempts", Integer, nullable=False, default=0),
    Column("uncertain", Integer, nullable=False, default=0),
    Column("not_before", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("external_id", String(64)),
    Column("ticket_id", RowId),
    Column("alert_id", RowId),
    Column("error", String(80)),
    # A line of a ticket's talk, and since when its helper knows that it is late.
    Column("line_id", RowId),
    Column("late_at", UtcDateTime),
    UniqueConstraint("chat_id", "seq"),
    CheckConstraint(
        "status IN ('pending','sending','sent','failed','cancelled')", name="known_status"
    ),
    Index(
        "ix_outbox_waiting",
        "chat_id",
        "seq",
        sqlite_where=text("status IN ('pending','sending')"),
        postgresql_where=text("status IN ('pending','sending')"),
    ),
    Index("ix_outbox_chat_id_external_id", "chat_id", "external_id"),
    Index(
        "ix_outbox_line_id",
        "line_id",
        sqlite_where=text("line_id IS NOT NULL"),
        postgresql_where=text("line_id IS NOT NULL"),
    ),
    # Small: what was delivered, and known to be, is not in it.
    Index(
        "ix_outbox_undelivered",
        "id",
        sqlite_where=text("line_id IS NOT NULL AND (status <> 'sent' OR late_at IS NOT NULL)"),
        postgresql_where=text("line_id IS NOT NULL AND (status <> 'sent' OR late_at IS NOT NULL)"),
    ),
    Index(
        "ix_outbox_failed",
        "created_at",
        sqlite_where=text("status = 'failed'"),
        postgresql_where=text("status = 'failed'"),
    ),
    Index(
        "ix_outbox_uncertain",
        "id",
        sqlite_where=text("uncertain > 0"),
        postgresql_where=text("uncertain > 0"),
    ),
    Index(
        "ix_outbox_alert_id",
        "alert_id",
        sqlite_where=text("alert_id IS NOT NULL"),
        postgresql_where=text("alert_id IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

timers = Table(
    "timers",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("timer", String(16), nullable=False),
    Column("guide_id", String(64), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("fired_at", UtcDateTime),
    Index("ix_timers_due_at", "due_at"),
    Index("ix_timers_chat_id", "chat_id"),
    sqlite_autoincrement=True,
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(128), nullable=False),
)
