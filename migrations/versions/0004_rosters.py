"""teams and members as rosters have them, what teams serve, links to join with

Revision: 0004, after 0003

`teams` is made anew on SQLite (a constraint goes), which is safe because migrations run with
foreign keys unenforced and checked at the end (bot/store/migrate.py).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WITHOUT_KEY = sa.text("key IS NULL")


def _team_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("rung", sa.String(length=10), nullable=False, server_default="hamlet"),
        sa.Column("hours", sa.Text(), nullable=False, server_default=""),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
    ]


def _member_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.String(length=64), nullable=True),
        sa.Column("languages", sa.Text(), nullable=False, server_default='["vi"]'),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("away_from", sa.DateTime(), nullable=True),
        sa.Column("away_until", sa.DateTime(), nullable=True),
        sa.Column("zalo_id", sa.String(length=64), nullable=True),
        sa.Column("web_joined_at", sa.DateTime(), nullable=True),
        sa.Column("reach_failed_at", sa.DateTime(), nullable=True),
    ]


#: With a check of their own, written where the column is, which both databases take in ADD COLUMN.
_MEMBER_CHECKED = {
    "role": "VARCHAR(16) DEFAULT 'member' NOT NULL CONSTRAINT ck_members_known_role "
    "CHECK (role IN ('member','lead','commune_desk','province_desk'))",
    "max_open": "INTEGER DEFAULT 5 NOT NULL CONSTRAINT ck_members_max_open_range "
    "CHECK (max_open BETWEEN 0 AND 100)",
}


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("teams", schema=None) as batch_op:
        for column in _team_columns():
            batch_op.add_column(column)
        batch_op.drop_constraint(op.f("uq_teams_name"), type_="unique")
        batch_op.create_check_constraint(
            op.f("ck_teams_known_rung"), "rung IN ('hamlet','commune','province')"
        )
    # A team without a commune served everywhere: it is the desk that everything ends at.
    op.execute("UPDATE teams SET rung = CASE WHEN commune = '' THEN 'province' ELSE 'commune' END")
    op.create_index("ix_teams_key", "teams", ["key"], unique=True)
    op.create_index(
        "ix_teams_name_without_key",
        "teams",
        ["name"],
        unique=True,
        sqlite_where=_WITHOUT_KEY,
        postgresql_where=_WITHOUT_KEY,
    )
    for column in _member_columns():
        op.add_column("members", column)
    for name, definition in _MEMBER_CHECKED.items():
        op.execute(f"ALTER TABLE members ADD COLUMN {name} {definition}")
    op.create_index("ix_members_key", "members", ["key"], unique=True)
    op.create_index("ix_members_phone_hash", "members", ["phone_hash"])
    op.create_index("ix_members_zalo_id", "members", ["zalo_id"])
    _places()
    _joining()
    _imports()
    op.execute(
        "INSERT INTO team_coverage (team_id, locality_code) SELECT id, '' FROM teams "
        "WHERE commune = ''"
    )


def _places() -> None:
    op.create_table(
        "team_coverage",
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("locality_code", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["teams.id"],
            name=op.f("fk_team_coverage_team_id_teams"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("team_id", "locality_code", name=op.f("pk_team_coverage")),
    )
    op.create_index("ix_team_coverage_locality_code", "team_coverage", ["locality_code"])
    op.create_table(
        "hamlets",
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("commune_code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_hamlets")),
    )
    op.create_index("ix_hamlets_commune_code", "hamlets", ["commune_code"])


def _joining() -> None:
    op.create_table(
        "join_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", _ID, nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("used_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_join_links_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_join_links")),
    )
    op.create_index("ix_join_links_member_id", "join_links", ["member_id"])
    op.create_index("ix_join_links_expires_at", "join_links", ["expires_at"])


def _imports() -> None:
    op.create_table(
        "roster_imports",
        sa.Column("id", _ID, nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("alive_at", sa.DateTime(), nullable=False),
        sa.Column("ready_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_imports")),
    )
    op.create_table(
        "roster_rows",
        sa.Column("import_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["roster_imports.id"],
            name=op.f("fk_roster_rows_import_id_roster_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "position", name=op.f("pk_roster_rows")),
    )


def downgrade() -> None:
    """Back to the one before; of teams of one name, all but the first get their number added."""
    for table in ("roster_rows", "roster_imports", "join_links", "hamlets", "team_coverage"):
        op.drop_table(table)
    for index in ("ix_members_zalo_id", "ix_members_phone_hash", "ix_members_key"):
        op.drop_index(index, table_name="members")
    for name in (*_MEMBER_CHECKED, *(column.name for column in _member_columns())):
        op.execute(f"ALTER TABLE members DROP COLUMN {name}")
    for index in ("ix_teams_name_without_key", "ix_teams_key"):
        op.drop_index(index, table_name="teams")
    op.execute(
        "UPDATE teams SET name = SUBSTR(name, 1, 140) || ' #' || id "
        "WHERE EXISTS (SELECT 1 FROM teams t WHERE t.name = teams.name AND t.id < teams.id)"
    )
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_teams_known_rung"), type_="check")
        for column in _team_columns():
            batch_op.drop_column(column.name)
        batch_op.create_unique_constraint(op.f("uq_teams_name"), ["name"])
