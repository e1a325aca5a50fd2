"""The hamlets that rosters brought."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.models.rosters import hamlets


def all_hamlets(connection: Connection) -> tuple[tuple[str, str], ...]:
    """(code, name) of every hamlet, by code."""
    rows = connection.execute(select(hamlets.c.code, hamlets.c.name).order_by(hamlets.c.code))
    return tuple((row.code, row.name) for row in rows)
