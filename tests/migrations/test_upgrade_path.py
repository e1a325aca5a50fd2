"""From the first revision to the newest, one after another, with a row in every table of each."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, MetaData, Table, func, inspect, select, text

from bot.store import migrate

_AT = datetime(2025, 11, 22, 8, 0)
#: Logins end with 0008, on purpose: sessions before it know nothing of places.
_ENDED = {("0008", "staff_sessions")}
#: The values a check allows, as SQLite and PostgreSQL write it.
_ALLOWED = re.compile(r"(\w+)\W*(?:::\w+( \w+)*\W*)?(?:IN|= ANY)\W*\(+(?:ARRAY)?\W*'([^']*)'", re.I)


def reflected(engine: Engine) -> MetaData:
    metadata = MetaData()
    metadata.reflect(engine)
    metadata.remove(metadata.tables["alembic_version"])
    return metadata


def allowed(engine: Engine, table: Table) -> dict[str, str]:
    """For each column that a check limits to some words, one of them."""
    found: dict[str, str] = {}
    for check in inspect(engine).get_check_constraints(table.name):
        for match in _ALLOWED.finditer(check["sqltext"]):
            found.setdefault(match.group(1), match.group(3))
    return found


def value(column: Any, words: dict[str, str], row: int) -> Any:
    """Something the column takes. `row` makes it another than the row before."""
    if column.foreign_keys:
        return None if column.nullable else 1
    if column.name in words:
        return words[column.name]
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.DateTime):
        return _AT
    if isinstance(kind, sa.Date):
        return _AT.date()
    if isinstance(kind, sa.Integer):
        return row
    if isinstance(kind, sa.Float | sa.Numeric):
        return 0.5
    if isinstance(kind, sa.LargeBinary):
        return b"sealed"
    if isinstance(kind, sa.JSON):
        return {}
    length = getattr(kind, "length", None) or 40
    return f"r{row}"[:length]


def fill(connection: Connection, engine: Engine, row: int) -> set[str]:
    """A row in every table that has none; the tables that took one."""
    filled = set()
    for table in reflected(engine).sorted_tables:
        if connection.execute(select(func.count()).select_from(table)).scalar():
            continue
        words = allowed(engine, table)
        values = {
            column.name: value(column, words, row)
            for column in table.columns
            if not column.nullable or column.name in words
        }
        connection.execute(table.insert().values(values))
        filled.add(table.name)
    return filled


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar() or 0
            for table in reflected(engine).sorted_tables
        }


def test_every_revision_keeps_what_every_table_had(engine: Engine) -> None:
    before: dict[str, int] = {}
    filled: set[str] = set()
    for revision in migrate.known():
        migrate.upgrade(engine, revision)
        after = counts(engine)
        lost = {name for name, number in before.items() if after.get(name, number) < number}
        assert not {(revision, name) for name in lost} - _ENDED, f"{revision} lost rows of {lost}"
        with engine.begin() as connection:
            filled |= fill(connection, engine, 1)
            if engine.dialect.name == "postgresql":
                # Ids written by hand leave their sequences behind.
                _advance(connection)
        before = counts(engine)
        assert all(before.values()), f"{revision}: {[n for n, k in before.items() if not k]}"
    with engine.connect() as connection:
        assert migrate.current(connection) == migrate.head()
    assert len(filled) >= 40


def _advance(connection: Connection) -> None:
    for name in inspect(connection).get_sequence_names():
        connection.execute(text(f"SELECT setval('{name}', 100)"))
