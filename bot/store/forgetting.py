"""Erasing again, in a database that was restored, whoever had everything erased since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.models.schema import chats
from bot.store import erasures, linking, records
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey

_EVERY_EVENT = 2**62


def ledger_of(engine: Engine) -> dict[str, datetime]:
    """Who had everything erased, as a database says; nobody when it cannot be reached or is of
    before that was noted."""
    try:
        if not inspect(engine).has_table(erasures.TABLE):
            return {}
        with engine.connect() as connection:
            return erasures.every(connection)
    except SQLAlchemyError:
        return {}


def erase_again(
    connection: Connection,
    vault: Vault,
    ledger: Mapping[str, datetime],
    after: datetime,
    now: datetime,
) -> int:
    """Erase whoever was erased after a moment; how many chats that were.

    The list itself is taken over, so that later backups of this database have it too.
    """
    erasures.note_all(connection, ledger.items())
    late = {person for person, at in ledger.items() if at >= after}
    if not late:
        return 0
    done = 0
    rows = connection.execute(select(chats.c.id, chats.c.channel, chats.c.external_id)).all()
    for row in rows:
        if erasures.person_mark(vault, ChatKey(row.channel, row.external_id)) not in late:
            continue
        linking.forget(connection, row.id, now)
        records.erase_chat(connection, row.id, _EVERY_EVENT, now)
        statement = update(chats).where(chats.c.id == row.id)
        connection.execute(statement.values(state=None, state_version=chats.c.state_version + 1))
        done += 1
    return done
