"""What staff write of the content in the console: drafts, every saved text of them, releases.

Nothing here is of a citizen. Staff are named by their username, as in the audit log.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from bot.models.types import RowId, UtcDateTime, metadata


class DraftState(StrEnum):
    """draft -> review -> published; back to draft when it is returned or changed; or discarded."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    DISCARDED = "discarded"

    @property
    def open(self) -> bool:
        """Whether somebody still works on it."""
        return self in (DraftState.DRAFT, DraftState.REVIEW)


#: Texts of content files by the SHA-256 of their UTF-8 bytes; never changed.
content_texts = Table(
    "content_texts",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)

#: What was published, the newest row being what is served. Never changed (triggers see to it).
#: `edits` is JSON: the files that the console has written, by name, each with the digest of its
#: text and of the file it was made from. `manifest` is JSON: the revision of every guide and the
#: digest of every other file that was served then. `name` is the file it was about, "" for none.
releases = Table(
    "releases",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("why", String(20), nullable=False),
    Column("name", String(80), nullable=False, default=""),
    Column("edits", Text, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("model", String(80), nullable=False, default=""),
    CheckConstraint("why IN ('files','publish','rollback','keep','follow')", name="known_reason"),
    Index("ix_releases_name", "name"),
    sqlite_autoincrement=True,
)

#: One open draft a file. `base` is the digest of the text it was begun from (what was served),
#: `file` that of the file on disk then; `version` counts its saved texts.
content_drafts = Table(
    "content_drafts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("state", String(12), nullable=False, default=DraftState.DRAFT.value),
    Column("version", Integer, nullable=False, default=1),
    Column("text", Text, nullable=False),
    Column("base", String(64), nullable=False),
    Column("file", String(64), nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("decided_by", String(64), nullable=False, default=""),
    Column("decided_at", UtcDateTime),
    Column("note", String(500), nullable=False, default=""),
    Column("release_id", RowId, ForeignKey("releases.id")),
    CheckConstraint("state IN ('draft','review','published','discarded')", name="known_state"),
    Index(
        "uq_content_drafts_open",
        "name",
        unique=True,
        sqlite_where=text("state IN ('draft','review')"),
        postgresql_where=text("state IN ('draft','review')"),
    ),
    Index("ix_content_drafts_name", "name", "id"),
    sqlite_autoincrement=True,
)

#: Every text that was saved of a draft, so that nothing anybody wrote is lost. `kind` is "saved"
#: for what the draft said from then on, "aside" for what was put aside when two had written.
content_draft_texts = Table(
    "content_draft_texts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("draft_id", RowId, ForeignKey("content_drafts.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(8), nullable=False, default="saved"),
    Column("text", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    CheckConstraint("kind IN ('saved','aside')", name="known_kind"),
    Index("ix_content_draft_texts_draft_id", "draft_id", "version"),
    sqlite_autoincrement=True,
)

#: Somebody looked at a guide that failed people and found its text right.
guide_reviews = Table(
    "guide_reviews",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("guide_id", String(64), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", String(300), nullable=False, default=""),
    Index("ix_guide_reviews_guide_id", "guide_id", "at"),
    sqlite_autoincrement=True,
)
