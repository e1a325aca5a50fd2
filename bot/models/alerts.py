"""Scam alerts that staff write, who wants them, and to whom each is to go."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from bot.models.types import RowId, UtcDateTime, metadata


class AlertStatus(StrEnum):
    """draft -> sending -> ended (its time has passed), or cancelled."""

    DRAFT = "draft"
    SENDING = "sending"
    ENDED = "ended"
    CANCELLED = "cancelled"


#: `place` is the area in words, `areas` its keys (bot.domain.areas), one a line; both empty for
#: everywhere. `theme` is the guide it is about, "" for none. `filled` says that everybody it is for
#: has a row in `alert_deliveries`; `audience` is how many that were when it was sent.
alerts = Table(
    "alerts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("text", Text, nullable=False),
    Column("place", String(300), nullable=False, default=""),
    Column("areas", Text, nullable=False, default=""),
    Column("theme", String(64), nullable=False, default=""),
    Column("picture", LargeBinary),
    Column("width", Integer, nullable=False, default=0),
    Column("height", Integer, nullable=False, default=0),
    Column("until", UtcDateTime, nullable=False),
    Column("status", String(12), nullable=False, default=AlertStatus.DRAFT.value),
    Column("filled", Boolean, nullable=False, default=False),
    Column("audience", Integer, nullable=False, default=0),
    Column("written_by", String(64), nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("sent_by", String(64), nullable=False, default=""),
    Column("sent_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    CheckConstraint("status IN ('draft','sending','ended','cancelled')", name="known_status"),
    CheckConstraint("status <> 'sending' OR sent_at IS NOT NULL", name="sending_has_time"),
    Index("ix_alerts_status", "status"),
    sqlite_autoincrement=True,
)

#: `area` is a key ("" for alerts to everybody only), `place` the same in the person's words;
#: `stopped_at` is set when they want no more.
alert_subscriptions = Table(
    "alert_subscriptions",
    metadata,
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("area", String(200), nullable=False, default=""),
    Column("place", String(160), nullable=False, default=""),
    Column("since", UtcDateTime, nullable=False),
    Column("stopped_at", UtcDateTime),
    Index("ix_alert_subscriptions_area", "area"),
)

#: `posted_at` is when the conversation was given it (NULL: it is due from `due_at` on), `tries` how
#: often; `done_at` is when it was said, or needed saying no more.
alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    Column("alert_id", RowId, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("posted_at", UtcDateTime),
    Column("tries", Integer, nullable=False, default=0),
    Column("done_at", UtcDateTime),
    Index(
        "ix_alert_deliveries_due",
        "due_at",
        sqlite_where=text("posted_at IS NULL AND done_at IS NULL"),
        postgresql_where=text("posted_at IS NULL AND done_at IS NULL"),
    ),
    Index("ix_alert_deliveries_chat_id", "chat_id"),
)
