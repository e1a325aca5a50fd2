"""Runs of jobs, and rosters that were uploaded to be looked at."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, String, Table

from bot.models.types import RowId, Sealed, UtcDateTime, metadata

#: One row a job and process, so that two schedulers do not write over each other.
job_runs = Table(
    "job_runs",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("worker", String(40), primary_key=True),
    Column("every_seconds", Integer, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("milliseconds", Integer, nullable=False, default=0),
    Column("longest", Integer, nullable=False, default=0),
    Column("runs", RowId, nullable=False, default=0),
    Column("failures", RowId, nullable=False, default=0),
    Column("failed_at", UtcDateTime),
    Column("error", String(80), nullable=False, default=""),
)

#: A file as it was uploaded, sealed, until it is imported or a day has passed: what is confirmed
#: is what was looked at.
roster_files = Table(
    "roster_files",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("name", String(160), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("remove_missing", Boolean, nullable=False, default=False),
    Column("payload", Sealed),
    Column("state", String(12), nullable=False, default="read"),
    Column("problem", String(300), nullable=False, default=""),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    CheckConstraint("state IN ('read','importing','imported','failed')", name="known_state"),
    sqlite_autoincrement=True,
)
