"""Small helpers over the two dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PgInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

__all__ = ["PgInsert", "SqliteInsert", "insert", "locked"]


def insert(connection: Connection | str, table: Table) -> PgInsert | SqliteInsert:
    """An INSERT that knows ON CONFLICT, for a connection's database or a dialect by name."""
    dialect = connection if isinstance(connection, str) else connection.dialect.name
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def locked(statement: Select[Any]) -> Select[Any]:
    """The rows locked against other writers, foreign keys to them still allowed (no-op on SQLite).

    Lock order everywhere: chat, then ticket, then member. See docs/architecture.md.
    """
    return statement.with_for_update(key_share=True)
