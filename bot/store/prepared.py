"""Statements of every message's path, compiled once.

On SQLite, which runs in this process, what SQLAlchemy does for each execution (contexts, result
objects) costs several times what the statement costs. A prepared one goes to the driver as it is,
with the same conversions of values and the same errors. On PostgreSQL it is executed as any other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NoReturn

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import ExecutableReturnsRows

Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]


class Prepared:
    """One statement; every value is given by its name. IN with a list is not for these."""

    def __init__(self, statement: ExecutableReturnsRows | UpdateBase, *columns: str) -> None:
        """`columns`: those an INSERT gives values to, which are all that have no default in the
        database."""
        self._statement = statement
        self._given = list(columns) or None

    @cached_property
    def _plain(self) -> _Plain:
        return _Plain(self._statement, self._given)

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """What the statement gives, in the order of its columns."""
        if connection.dialect.name != "sqlite":
            return [tuple(row) for row in connection.execute(self._statement, values)]
        plain = self._plain
        found: list[Row] = plain.run(connection, values).fetchall()
        return [plain.converted(row) for row in found] if plain.columns else found

    def row(self, connection: Connection, values: Mapping[str, Any]) -> Row | None:
        """The first row, or None."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def scalar(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first column of the first row; None when there is none."""
        found = self.rows(connection, values)
        return found[0][0] if found else None

    def change(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """For what gives no rows: how many it changed."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, values).rowcount
        return self._plain.run(connection, values).rowcount


class _Plain:
    """A statement as SQLite's driver takes it."""

    def __init__(
        self, statement: ExecutableReturnsRows | UpdateBase, given: list[str] | None
    ) -> None:
        dialect = sqlite.dialect(paramstyle="qmark")
        compiled = statement.compile(dialect=dialect, column_keys=given)
        assert isinstance(compiled, SQLCompiler)
        if compiled.post_compile_params or compiled.insert_prefetch or compiled.update_prefetch:
            raise TypeError(f"cannot be prepared: {compiled}")
        self._sql = str(compiled)
        self._binds = [_bind(compiled, name, dialect) for name in compiled.positiontup or ()]
        types = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
        found = [(n, t.result_processor(dialect, None)) for n, t in enumerate(types)]
        #: Conversions of the columns that need one.
        self.columns = [(n, convert) for n, convert in found if convert is not None]

    def run(self, connection: Connection, values: Mapping[str, Any]) -> sqlite3.Cursor:
        """The driver's cursor."""
        given = [
            value if name is None else values[name] if convert is None else convert(values[name])
            for name, convert, value in self._binds
        ]
        return run_plain(connection, self._sql, given)

    def converted(self, row: Row) -> Row:
        """A row as SQLAlchemy would give it."""
        values = list(row)
        for place, convert in self.columns:
            values[place] = convert(values[place])
        return tuple(values)


def run_plain(connection: Connection, sql: str, given: list[Any] | None = None) -> sqlite3.Cursor:
    """Run SQL on SQLite's own connection. Raises SQLAlchemy's errors, as its connection does."""
    plain: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        return plain.execute(sql, given or ())
    except sqlite3.Error as error:
        _raise(connection.dialect, sql, error)


def _raise(dialect: Dialect, sql: str, error: sqlite3.Error) -> NoReturn:
    # Without the values: an error's text must not carry what people wrote into a log.
    raise DBAPIError.instance(
        sql, None, error, sqlite3.Error, hide_parameters=True, dialect=dialect
    ) from error


def _bind(
    compiled: SQLCompiler, name: str, dialect: Dialect
) -> tuple[str | None, _Convert | None, Any]:
    """Name and conversion of a parameter; for one that the statement brings its value."""
    bind = compiled.binds[name]
    convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if bind.required:
        return name, convert, None
    value = bind.effective_value
    return None, None, value if convert is None else convert(value)
