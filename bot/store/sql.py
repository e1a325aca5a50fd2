"""Small helpers over the two dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PgInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert


def insert(connection: Connection, table: Table) -> PgInsert | SqliteInsert:
    """An INSERT that knows ON CONFLICT, for whichever database this is."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def locked(statement: Select[Any]) -> Select[Any]:
    """The rows locked against other writers, foreign keys to them still allowed (no-op on SQLite).

    Lock order everywhere: chat, then ticket, then member. See docs/architecture.md.
    """
    return statement.with_for_update(key_share=True)
