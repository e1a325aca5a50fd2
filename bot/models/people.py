"""Questions, tickets, teams, staff."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.models.types import RowId, Sealed, UtcDateTime, metadata

questions = Table(
    "questions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="SET NULL")),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("locality", String(160)),
    Column("text", Text),
    Column("intent", String(64), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("guide_id", String(64), nullable=False, default=""),
    Column("step", Integer),
    Column("label", String(64)),
    CheckConstraint(
        "outcome IN ('answered','clarified','not_understood','handed_over','finished','stopped')",
        name="known_outcome",
    ),
    Index("ix_questions_asked_at", "asked_at"),
    Index("ix_questions_chat_id", "chat_id"),
)

teams = Table(
    "teams",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(160), nullable=False, unique=True),
    Column("commune", String(160), nullable=False, default=""),
    Column("telegram_group", String(64), unique=True),
    Column("created_at", UtcDateTime, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("team_id", RowId, ForeignKey("teams.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(160), nullable=False),
    Column("telegram_id", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),
    UniqueConstraint("team_id", "telegram_id"),
    Index("ix_members_telegram_id", "telegram_id"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),
    CheckConstraint("role IN ('viewer','editor','lead','admin')", name="known_role"),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", RowId, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_staff_sessions_expires_at", "expires_at"),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(160), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_login_failures_key_at", "key", "at"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="SET NULL")),
    Column("question_id", RowId),
    Column("status", String(12), nullable=False),
    Column("urgent", Integer, nullable=False, default=0),
    Column("topic", String(200), nullable=False),
    Column("guide_title", String(200), nullable=False, default=""),
    Column("step", Integer),
    Column("failed", Text, nullable=False, default=""),
    Column("contact", Sealed),
    Column("commune", String(160), nullable=False, default=""),
    Column("team_id", RowId, ForeignKey("teams.id", ondelete="SET NULL")),
    Column("claimed_by", RowId, ForeignKey("members.id", ondelete="SET NULL")),
    Column("claimed_by_staff", RowId, ForeignKey("staff.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("rating", Integer),
    CheckConstraint("status IN ('waiting','claimed','closed','cancelled')", name="known_status"),
    CheckConstraint("status <> 'claimed' OR claimed_at IS NOT NULL", name="claimed_has_time"),
    CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_range"),
    Index("ix_tickets_status_created_at", "status", "created_at"),
    Index("ix_tickets_chat_id", "chat_id"),
    Index("ix_tickets_claimed_by", "claimed_by"),
    Index("ix_tickets_team_id", "team_id"),
)

ticket_messages = Table(
    "ticket_messages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", RowId, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("author", String(10), nullable=False),
    Column("name", String(160), nullable=False, default=""),
    Column("payload", Sealed),
    CheckConstraint("author IN ('citizen','helper','system')", name="known_author"),
    Index("ix_ticket_messages_ticket_id", "ticket_id", "id"),
)
