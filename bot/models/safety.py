"""Lists of swindlers' hosts that an operator has, what staff say of hosts, and who changed what."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table

from bot.models.types import RowId, UtcDateTime, metadata

#: `content` is the last good list, its hosts one a line, compressed; `digest` is of it.
#: `checked_at` is when it was last looked at, `fetched_at` when `content` last came; `problem` says
#: why the last look changed nothing ("" when it went well).
safety_feeds = Table(
    "safety_feeds",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("title", String(120), nullable=False),
    Column("source", String(500), nullable=False),
    Column("format", String(16), nullable=False),
    Column("plain_http", Boolean, nullable=False, default=False),
    Column("enabled", Boolean, nullable=False, default=True),
    Column("etag", String(200), nullable=False, default=""),
    Column("modified", String(200), nullable=False, default=""),
    Column("hosts", Integer, nullable=False, default=0),
    Column("digest", String(64), nullable=False, default=""),
    Column("content", LargeBinary),
    Column("fetched_at", UtcDateTime),
    Column("checked_at", UtcDateTime),
    Column("problem", String(300), nullable=False, default=""),
    Column("failures", Integer, nullable=False, default=0),
)

#: What staff decided of one host; it outweighs every feed.
safety_hosts = Table(
    "safety_hosts",
    metadata,
    Column("host", String(253), primary_key=True),
    Column("bad", Boolean, nullable=False),
    Column("who", String(64), nullable=False),
    Column("why", String(300), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
)

safety_audit = Table(
    "safety_audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("act", String(32), nullable=False),
    Column("subject", String(253), nullable=False),
    Column("detail", String(300), nullable=False, default=""),
    Index("ix_safety_audit_at", "at"),
)
