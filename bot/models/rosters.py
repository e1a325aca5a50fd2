"""What teams serve, links to join with, rosters on their way in."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from bot.models.types import RowId, Sealed, UtcDateTime, metadata

#: Official codes: a province "96", a commune "96.32083", a hamlet "96.32083.rach-goc"; "" is
#: everywhere.
LOCALITY = 120

team_coverage = Table(
    "team_coverage",
    metadata,
    Column("team_id", RowId, ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    Column("locality_code", String(LOCALITY), primary_key=True),
    Index("ix_team_coverage_locality_code", "locality_code"),
)

hamlets = Table(
    "hamlets",
    metadata,
    Column("code", String(LOCALITY), primary_key=True),
    Column("commune_code", String(20), nullable=False),
    Column("name", String(160), nullable=False),
    Index("ix_hamlets_commune_code", "commune_code"),
)

join_links = Table(
    "join_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("member_id", RowId, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("used_by", String(80)),
    Index("ix_join_links_member_id", "member_id"),
    Index("ix_join_links_expires_at", "expires_at"),
)

#: A roster being imported. Its changes wait in `roster_rows`; once `ready_at` is set all of them
#: will be made, by this process or by the next one, and before that none is.
roster_imports = Table(
    "roster_imports",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("alive_at", UtcDateTime, nullable=False),
    Column("ready_at", UtcDateTime),
    Column("done_at", UtcDateTime),
    Column("total", Integer, nullable=False, default=0),
)

roster_rows = Table(
    "roster_rows",
    metadata,
    Column(
        "import_id",
        RowId,
        ForeignKey("roster_imports.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True),
    Column("payload", Sealed, nullable=False),
)
