"""A database with a value in every sealed column, without the long way there."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    String,
    Table,
    insert,
    select,
    text,
)

from bot.models.types import Sealed, UtcDateTime
from bot.services.rotation import PLACES
from bot.store.crypto import Vault
from bot.store.data_keys import Place
from bot.store.db import Database
from tests.support import START

_ONE_OF = re.compile(r"(\w+) IN \('([^']*)'")


#: What the tables' own rules want.
_CHOSEN: dict[str, dict[str, object]] = {
    "tickets": {"status": "closed", "closed_at": START, "outcome": "solved"},
    "members": {"max_open": 3},
}


def fill(db: Database, vault: Vault, number: int, only: tuple[str, ...] = ()) -> None:
    """`number` rows in every table of PLACES (or `only` these), without what they belong to."""
    tables = {place.table: None for place in PLACES if not only or place.table.name in only}
    with db.engine.connect() as connection:
        if db.sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in tables:
            rows = [_row(table, n, vault) for n in range(1, number + 1)]
            connection.execute(insert(table), rows)
        if db.sqlite:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        else:
            connection.commit()


def plain(place: Place, number: int) -> bytes:
    """What the value of a row is."""
    return f"{place} {number} 0900 000 000".encode()


def read_all(connection: Connection, vault: Vault) -> dict[str, list[bytes]]:
    """Every value of every column, opened, in the order of their rows."""
    found = {}
    for place in PLACES:
        keys = place.table.primary_key.columns
        values = connection.execute(select(place.table.c[place.column]).order_by(*keys)).scalars()
        found[str(place)] = sorted(vault.open(value, place.purpose) for value in values if value)
    return found


def expected(number: int) -> dict[str, list[bytes]]:
    """What `read_all` finds after `fill`."""
    return {str(p): sorted(plain(p, n) for n in range(1, number + 1)) for p in PLACES}


def _row(table: Table, number: int, vault: Vault) -> dict[str, Any]:
    purposes = {place.column: place for place in PLACES if place.table is table}
    allowed = {**_allowed(table), **_CHOSEN.get(table.name, {})}
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name in purposes:
            place = purposes[column.name]
            row[column.name] = vault.seal(plain(place, number), place.purpose)
        elif column.name in allowed:
            row[column.name] = allowed[column.name]
        elif column.primary_key or not column.nullable:
            row[column.name] = _value(column.type, number)
    return row


def _allowed(table: Table) -> dict[str, object]:
    found: dict[str, object] = {}
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            found.update(_ONE_OF.findall(str(constraint.sqltext)))
    return found


def _value(kind: object, number: int) -> object:
    if isinstance(kind, Sealed):
        raise AssertionError("a sealed column without a place")
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, UtcDateTime | DateTime):
        return START
    if isinstance(kind, Date):
        return START.date()
    if isinstance(kind, String):
        return f"{number}"
    if isinstance(kind, Integer | Float):
        return number
    # RowId: a number on every database.
    return number
