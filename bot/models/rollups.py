"""Counts of the question log, kept by a job, so that no page reads the log to count it."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, String, Table

from bot.models.types import RowId, UtcDateTime, metadata

#: A row is one cell of one cut (bot.store.rollups.Cut): `begin` is its day or the first of its
#: month; a dimension that a cut does not tell apart is "" or 0. `step` is the last step of the
#: guide that was shown, from 1; 0 for no step. The counts are those of bot.domain.counts.
question_counts = Table(
    "question_counts",
    metadata,
    Column("cut", String(4), primary_key=True),
    Column("begin", Date, primary_key=True),
    Column("area", String(8), primary_key=True),
    Column("topic", String(64), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("asked", Integer, nullable=False),
    Column("not_understood", Integer, nullable=False),
    Column("clarified", Integer, nullable=False),
    Column("guided", Integer, nullable=False),
    Column("walked", Integer, nullable=False),
    Column("finished", Integer, nullable=False),
    Column("stopped", Integer, nullable=False),
    Column("handed_over", Integer, nullable=False),
    Column("helped", Integer, nullable=False),
    Index("ix_question_counts_cut_area_begin", "cut", "area", "begin"),
    Index("ix_question_counts_cut_topic_begin", "cut", "topic", "begin"),
)

#: Days whose questions changed since they were counted. Only ever added to by those who write
#: questions, so that no two of them wait for each other; the job takes away what it has counted.
question_marks = Table(
    "question_marks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("day", Date, nullable=False),
)

#: One row: which process counts now, and until when it may.
rollup_lease = Table(
    "rollup_lease",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("owner", String(40), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
