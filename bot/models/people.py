"""Questions, tickets, teams, staff."""

from __future__ import annotations

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
    UniqueConstraint,
    text,
)

from bot.models.types import RowId, Sealed, UtcDateTime, metadata

#: A question whose text is still there and that nobody answered, or that the person said was
#: answered wrongly. Written out: a partial index serves only a query that says the same.
UNANSWERED = "text IS NOT NULL AND (outcome = 'not_understood' OR judged = 'wrong')"

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
    # What the person said of the answer: "right", "wrong", or nothing.
    Column("judged", String(8)),
    # Where the person lives: the whole code, and the commune and the province it lies in.
    Column("area", String(64), nullable=False, server_default=""),
    Column("commune", String(8), nullable=False, server_default=""),
    Column("province", String(2), nullable=False, server_default=""),
    # What it was about (bot.store.questions.topic_of), "" when nobody knows.
    Column("topic", String(64), nullable=False, server_default=""),
    CheckConstraint(
        "outcome IN ('answered','clarified','not_understood','handed_over','finished','stopped')",
        name="known_outcome",
    ),
    Index("ix_questions_asked_at", "asked_at"),
    Index("ix_questions_chat_id", "chat_id"),
    Index("ix_questions_topic_asked_at", "topic", "asked_at"),
    Index("ix_questions_commune_asked_at", "commune", "asked_at"),
    Index("ix_questions_province_asked_at", "province", "asked_at"),
    Index("ix_questions_outcome_asked_at", "outcome", "asked_at"),
    Index("ix_questions_channel_asked_at", "channel", "asked_at"),
    Index(
        "ix_questions_unanswered",
        "id",
        sqlite_where=text(UNANSWERED),
        postgresql_where=text(UNANSWERED),
    ),
    Index(
        "ix_questions_labelled",
        "id",
        sqlite_where=text("label IS NOT NULL"),
        postgresql_where=text("label IS NOT NULL"),
    ),
)

teams = Table(
    "teams",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(160), nullable=False),
    Column("commune", String(160), nullable=False, default=""),
    Column("telegram_group", String(64), unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("key", String(64)),
    Column("rung", String(10), nullable=False, default="hamlet"),
    Column("hours", Text, nullable=False, default=""),
    Column("phone", Sealed),
    Column("active", Boolean, nullable=False, default=True),
    CheckConstraint("rung IN ('hamlet','commune','province')", name="known_rung"),
    Index("ix_teams_key", "key", unique=True),
    # Hamlets of one name have teams of one name: only teams of no roster are told apart by it.
    Index(
        "ix_teams_name_without_key",
        "name",
        unique=True,
        sqlite_where=text("key IS NULL"),
        postgresql_where=text("key IS NULL"),
    ),
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
    Column("key", String(64)),
    Column("role", String(16), nullable=False, default="member"),
    Column("phone", Sealed),
    Column("phone_hash", String(64)),
    Column("languages", Text, nullable=False, default='["vi"]'),
    Column("hours", Text),
    Column("away_from", UtcDateTime),
    Column("away_until", UtcDateTime),
    Column("max_open", Integer, nullable=False, default=5),
    Column("zalo_id", String(64)),
    Column("web_joined_at", UtcDateTime),
    Column("reach_failed_at", UtcDateTime),
    CheckConstraint("role IN ('member','lead','commune_desk','province_desk')", name="known_role"),
    CheckConstraint("max_open BETWEEN 0 AND 100", name="max_open_range"),
    UniqueConstraint("team_id", "telegram_id"),
    Index("ix_members_telegram_id", "telegram_id"),
    Index("ix_members_key", "key", unique=True),
    Index("ix_members_phone_hash", "phone_hash"),
    Index("ix_members_zalo_id", "zalo_id"),
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
    Column("scope", Text, nullable=False, default=""),
    CheckConstraint("role IN ('viewer','editor','lead','admin')", name="known_role"),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", RowId, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Index("ix_staff_sessions_expires_at", "expires_at"),
    Index("ix_staff_sessions_staff_id", "staff_id"),
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
    Column("locality", String(120), nullable=False, default=""),
    Column("rung", String(10), nullable=False, default="hamlet"),
    Column("due_at", UtcDateTime),
    Column("due_kind", String(12)),
    Column("missed", Integer, nullable=False, default=0),
    Column("first_reply_at", UtcDateTime),
    Column("outcome", String(20)),
    Column("words", Sealed),
    Column("for_other", Integer, nullable=False, default=0),
    Column("consent_at", UtcDateTime),
    Column("call_requested", Integer, nullable=False, default=0),
    Column("rating_note", Sealed),
    Column("visit_at", UtcDateTime),
    Column("language", String(16), nullable=False, default="vi"),
    Column("unreachable_at", UtcDateTime),
    CheckConstraint("status IN ('waiting','claimed','closed','cancelled')", name="known_status"),
    CheckConstraint("status <> 'claimed' OR claimed_at IS NOT NULL", name="claimed_has_time"),
    CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_range"),
    CheckConstraint("rung IN ('hamlet','commune','province')", name="known_rung"),
    # What nobody is due to do next is forgotten: the database itself refuses such a ticket.
    CheckConstraint(
        "status NOT IN ('waiting','claimed') OR (due_at IS NOT NULL AND due_kind IS NOT NULL)",
        name="open_has_deadline",
    ),
    CheckConstraint(
        "outcome IS NULL OR outcome IN ('solved','solved_at_home','not_reachable','wrong_number',"
        "'referred_police','referred_bank','referred_commune')",
        name="known_outcome",
    ),
    Index("ix_tickets_status_created_at", "status", "created_at"),
    Index("ix_tickets_chat_id", "chat_id"),
    Index("ix_tickets_claimed_by", "claimed_by"),
    Index("ix_tickets_team_id", "team_id"),
    Index("ix_tickets_due_at", "due_at"),
    Index("ix_tickets_locality", "locality"),
    Index("ix_tickets_topic_id", "topic", "id"),
    Index("ix_tickets_status_id", "status", "id"),
    Index("ix_tickets_closed_at", "closed_at"),
    Index(
        "ix_tickets_open",
        # In the order of the queue; then what it is counted and filtered by.
        "urgent",
        "due_at",
        "id",
        "status",
        "locality",
        "team_id",
        "claimed_by_staff",
        sqlite_where=text("status IN ('waiting','claimed')"),
        postgresql_where=text("status IN ('waiting','claimed')"),
    ),
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

#: Written once, never changed: triggers refuse everything but erasing `data`.
ticket_events = Table(
    "ticket_events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", RowId, ForeignKey("tickets.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", RowId),
    Column("rung", String(10), nullable=False),
    Column("data", Sealed),
    CheckConstraint("actor_kind IN ('citizen','member','staff','system')", name="known_actor"),
    CheckConstraint("rung IN ('hamlet','commune','province')", name="known_rung"),
    Index("ix_ticket_events_ticket_id_id", "ticket_id", "id"),
    Index("ix_ticket_events_kind_at", "kind", "at"),
)

visits = Table(
    "visits",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", RowId, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("member_id", RowId, ForeignKey("members.id", ondelete="SET NULL")),
    Column("at", UtcDateTime, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("reminded_at", UtcDateTime),
    Column("done_at", UtcDateTime),
    Column("cancelled_at", UtcDateTime),
    Column("minutes", Integer),
    CheckConstraint("minutes IS NULL OR minutes BETWEEN 0 AND 1440", name="minutes_range"),
    Index("ix_visits_ticket_id", "ticket_id"),
    Index("ix_visits_at", "at"),
    Index("ix_visits_member_id", "member_id"),
)
