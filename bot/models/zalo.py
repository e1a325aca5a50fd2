"""The keys to the Official Account on Zalo, and until when people there may be written to."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from bot.models.types import RowId, Sealed, UtcDateTime, metadata

#: One row an app. `sealed` holds both tokens; `version` counts the pairs that were stored.
#: `busy_owner` is trading the refresh token for a new pair until `busy_until`; `used_at` is when
#: that token was first sent without a stored answer: from then on nobody knows whether it still
#: works. `lost`: it does not, and the account must be connected again.
zalo_tokens = Table(
    "zalo_tokens",
    metadata,
    Column("app_id", String(64), primary_key=True),
    Column("oa_id", String(64), nullable=False, default=""),
    Column("sealed", Sealed, nullable=False),
    Column("version", Integer, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("refresh_until", UtcDateTime, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    Column("busy_owner", String(40)),
    Column("busy_until", UtcDateTime),
    Column("used_at", UtcDateTime),
    Column("next_try_at", UtcDateTime),
    Column("failures", Integer, nullable=False, default=0),
    Column("problem", String(120), nullable=False, default=""),
    Column("lost", Boolean, nullable=False, default=False),
)

#: When a person last wrote: the platform takes messages to them for so many hours from then on.
#: `waits_since` is when one was first kept back because that time was over.
zalo_windows = Table(
    "zalo_windows",
    metadata,
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("heard_at", UtcDateTime, nullable=False),
    Column("waits_since", UtcDateTime),
    Index("ix_zalo_windows_heard_at", "heard_at"),
)
