"""Whether a database that refused to be written to can be written to again."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, delete
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.models.schema import cursors
from bot.store.db import Database

#: 16,000 characters: more than the pages an update may find half empty.
_ROWS, _CHARACTERS = 125, 128


def probe(connection: Connection) -> None:
    """Write as much as some messages take, and take it away. Raises SQLAlchemyError."""
    # A name of its own: another process may be looking at the same time.
    mark = f"room {secrets.token_hex(8)} "
    value = secrets.token_hex(_CHARACTERS // 2)
    rows = [{"name": f"{mark}{number}", "value": value} for number in range(_ROWS)]
    connection.execute(cursors.insert(), rows)
    connection.execute(delete(cursors).where(cursors.c.name.startswith(mark)))


async def hindrance(database: Database) -> str:
    """What hinders writing: "full", "read-only", "unreachable", or "" for nothing. Costs nothing
    while every write succeeds; after one that failed it is tried."""
    if database.trouble:
        try:
            await database.write(probe)
        except (SQLAlchemyError, StoreError):
            return database.trouble
        database.trouble = ""
    return ""
