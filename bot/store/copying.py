"""A whole database into another, row for row: SQLite to PostgreSQL, or the other way.

Read from one snapshot and written in one transaction, so the other side has all of it or nothing.
Every table is read back and compared before the commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Integer, Table, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.models.schema import metadata
from bot.store import migrate

_CHUNK = 2_000

#: Called with the table's name, the rows of it that are written, and how many it has.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: rows by table, in the order in which they were written."""

    rows: dict[str, int]

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def copy_database(source: Engine, target: Engine, progress: Progress | None = None) -> Copied:
    """Copy every table into `target`, which is migrated first and must have no rows.

    StoreError names what stands against it: a source of another revision, rows in the target, a
    table that reads back differently, a database that cannot be reached. Then the target is as it
    was, but for its empty tables.
    """
    _same_revision(source)
    migrate.upgrade(target)
    try:
        with _snapshot(source) as reading, target.connect() as writing:
            _begin(writing)
            try:
                done = _copy(reading, writing, progress or _silent)
            except BaseException:
                _end(writing, "ROLLBACK")
                raise
            _end(writing, "COMMIT")
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise StoreError(f"the copy was given up and nothing of it kept: {reason}") from error
    return done


def _silent(_table: str, _done: int, _of: int) -> None:
    pass


def _same_revision(source: Engine) -> None:
    with source.connect() as connection:
        at = migrate.current(connection)
    if at != migrate.head():
        raise StoreError(
            f"the database to copy is at revision {at or 'none'}, this program needs "
            f"{migrate.head()}: start this version on it once, then copy"
        )


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that reads one moment of the database."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
            connection.execute(text("SET TRANSACTION READ ONLY"))
        try:
            yield connection
        finally:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("ROLLBACK")


def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _end(connection: Connection, how: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(how)
    elif how == "COMMIT":
        connection.commit()
    else:
        connection.rollback()


def _copy(reading: Connection, writing: Connection, progress: Progress) -> Copied:
    tables = metadata.sorted_tables
    filled = [
        table.name for table in tables if writing.execute(select(1).select_from(table)).first()
    ]
    if filled:
        raise StoreError(
            f"the target has rows already ({', '.join(filled[:3])}): copy into an empty database"
        )
    rows: dict[str, int] = {}
    for table in tables:
        rows[table.name] = _copy_table(reading, writing, table, progress)
    for table in tables:
        if _digest(reading, table) != _digest(writing, table):
            raise StoreError(f"{table.name}: what was written reads back differently; nothing kept")
        _go_on_numbering(reading, writing, table)
    return Copied(rows)


def _copy_table(reading: Connection, writing: Connection, table: Table, progress: Progress) -> int:
    total = reading.execute(select(func.count()).select_from(table)).scalar_one()
    done = 0
    progress(table.name, 0, total)
    for chunk in _chunks(reading, table):
        writing.execute(insert(table), [dict(row) for row in chunk])
        done += len(chunk)
        progress(table.name, done, total)
    return done


def _chunks(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    query = select(table).order_by(*table.primary_key.columns)
    streamed = connection.execution_options(stream_results=True).execute(query)
    yield from streamed.mappings().partitions(_CHUNK)


def _digest(connection: Connection, table: Table) -> int:
    # Both databases order text their own way: a sum of the rows' digests does not mind.
    total = 0
    for chunk in _chunks(connection, table):
        for row in chunk:
            line = repr([_plain(value) for value in row.values()]).encode()
            total += int.from_bytes(hashlib.sha256(line).digest())
    return total


def _plain(value: object) -> object:
    if isinstance(value, memoryview):
        return bytes(value)
    # What SQLite keeps as 1 PostgreSQL may give as true.
    return int(value) if isinstance(value, bool) else value


def _go_on_numbering(reading: Connection, writing: Connection, table: Table) -> None:
    """Ids that were given once are never given again, also not those of rows that are gone."""
    column = table.autoincrement_column
    if column is None or not isinstance(column.type, Integer):
        return
    last = max(
        reading.execute(select(func.max(column))).scalar() or 0, _last_number(reading, table)
    )
    if not last:
        return
    if writing.dialect.name == "postgresql":
        named = {"table": table.name, "column": column.name, "last": last}
        writing.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), named
        )
    elif table.dialect_options["sqlite"]["autoincrement"]:
        given = {"table": table.name, "last": last}
        writing.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), given)
        writing.execute(text("INSERT INTO sqlite_sequence VALUES (:table, :last)"), given)


def _last_number(connection: Connection, table: Table) -> int:
    named = {"table": table.name}
    if connection.dialect.name == "postgresql":
        column = table.autoincrement_column
        assert column is not None, "asked only of tables that number their rows"
        named["column"] = column.name
        sequence = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), named
        ).scalar()
        if sequence is None:
            return 0
        return int(
            connection.execute(
                text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
            ).scalar_one()
        )
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return 0
    found = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :table"), named)
    return int(found.scalar() or 0)
