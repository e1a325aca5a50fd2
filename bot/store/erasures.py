"""Who had everything erased, so that a restored backup forgets them as well."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from bot.models.schema import erasures
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey
from bot.store.sql import insert

TABLE = erasures.name


def person_mark(vault: Vault, key: ChatKey) -> str:
    """What a chat is known by here: with the data key it can be found again, never read."""
    name = f"{key.channel}\n{key.external_id}".encode()
    return hmac.new(vault.derive("erased people"), name, hashlib.sha256).hexdigest()


def note(connection: Connection, person: str, at: datetime) -> None:
    """This person's data was erased at a moment; the last time counts."""
    statement = insert(connection, erasures).values(person=person, at=at)
    newer = erasures.c.at < at
    connection.execute(
        statement.on_conflict_do_update(index_elements=["person"], set_={"at": at}, where=newer)
    )


def note_all(connection: Connection, rows: Iterable[tuple[str, datetime]]) -> None:
    """Take over what another list says."""
    for person, at in rows:
        note(connection, person, at)


def every(connection: Connection) -> dict[str, datetime]:
    """All that are known."""
    rows = connection.execute(select(erasures.c.person, erasures.c.at))
    return {row.person: row.at for row in rows}


def purge(connection: Connection, before: datetime) -> int:
    """Forget old ones: no backup is as old; returns how many."""
    return connection.execute(delete(erasures).where(erasures.c.at < before)).rowcount
