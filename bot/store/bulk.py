"""Many rows at once, into a database that holds nothing yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select, text

from bot.models.schema import (
    chats,
    inbox,
    members,
    metadata,
    outbox,
    questions,
    teams,
    tickets,
)
from bot.store.sql import insert

_CHUNK = 5_000
#: Any row of these is real data, or somebody's who works with it.
_TELLING = (chats, inbox, members, outbox, questions, teams, tickets)
#: Names of tables whose ids a database gives by itself and that rows were given ids for.
_NUMBERED = (chats, inbox, members, teams)


def holds_anything(connection: Connection) -> str:
    """The name of a table that has rows of conversations or helpers; "" when there is none."""
    for table in _TELLING:
        if connection.execute(select(table.c.id).limit(1)).first() is not None:
            return table.name
    return ""


def put(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> int:
    """Write rows; returns how many. By COPY on PostgreSQL, by one statement for many on SQLite."""
    if connection.dialect.name == "postgresql":
        return _copy(connection, table, columns, rows)
    statement = insert(connection, metadata.tables[table])
    number, waiting = 0, iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in chunk])
        number += len(chunk)
    return number


def _copy(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> int:
    driver: Any = connection.connection.driver_connection
    number = 0
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_plain(value) for value in row])
            number += 1
    return number


def _plain(value: Any) -> Any:
    """Moments as the database keeps them: in UTC, without a zone."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def go_on_from(connection: Connection, chat: int, last: int, now: datetime) -> None:
    """Let the next event have a number after `last`, and the next row of each table one of its
    own: numbers of events name questions and tickets."""
    row = {
        "id": last,
        "chat_id": chat,
        "source": "demo",
        "external_id": "demo",
        "received_at": now,
        "handled_at": now,
    }
    connection.execute(insert(connection, inbox).values(row))
    if connection.dialect.name == "postgresql":
        for table in _NUMBERED:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                    f"(SELECT max(id) FROM {table.name}))"
                )
            )


def settle(connection: Connection) -> None:
    """Let the planner know what there is now."""
    connection.execute(text("ANALYZE"))
