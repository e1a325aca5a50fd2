"""Whether an act that tells a chat something was done before."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.models.schema import inbox

_SOURCE = "internal"


def done_before(connection: Connection, external_id: str) -> bool:
    """Whether an internal event of this name was ever posted, handled or not."""
    query = select(inbox.c.id).where(inbox.c.source == _SOURCE, inbox.c.external_id == external_id)
    return connection.execute(query).scalar() is not None
