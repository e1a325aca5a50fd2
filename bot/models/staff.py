"""Links to set a password with, and the record of what staff did."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from bot.models.types import RowId, UtcDateTime, metadata

#: Characters of a subject at most.
SUBJECT_MOST = 200

#: One-time links with which somebody of the staff sets their own password.
staff_invites = Table(
    "staff_invites",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", RowId, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Index("ix_staff_invites_staff_id", "staff_id"),
    Index("ix_staff_invites_expires_at", "expires_at"),
)

#: Written once, never changed: triggers refuse it. Nothing of a citizen stands here.
audit_log = Table(
    "audit_log",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(SUBJECT_MOST), nullable=False),
    Index("ix_audit_log_at", "at"),
    Index("ix_audit_log_who_id", "who", "id"),
    Index("ix_audit_log_action_id", "action", "id"),
)
