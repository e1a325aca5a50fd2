"""What people agreed to, in which words, when, and when they took it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from bot.domain.data_effects import Consent
from bot.models.schema import consents
from bot.store.sql import insert

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One consent. `withdrawn_at`: taken back, or over."""

    what: Consent
    wording: str
    agreed_at: datetime
    withdrawn_at: datetime | None


def agree(connection: Connection, chat: int, what: Consent, wording: str, now: datetime) -> None:
    """The person agreed: what they agreed to before in the same matter is over."""
    take_back(connection, chat, (what,), now)
    connection.execute(
        insert(connection, consents).values(
            chat_id=chat, what=what.value, wording=wording, agreed_at=now
        )
    )


def take_back(connection: Connection, chat: int, what: Sequence[Consent], now: datetime) -> None:
    """The person agrees to these no more."""
    connection.execute(
        update(consents)
        .where(
            consents.c.chat_id == chat,
            consents.c.what.in_([each.value for each in what]),
            consents.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )


def of_chat(connection: Connection, chat: int) -> tuple[ConsentRow, ...]:
    """All consents of a chat, the oldest first."""
    query = select(consents).where(consents.c.chat_id == chat).order_by(consents.c.id)
    return tuple(
        ConsentRow(Consent(row.what), row.wording, row.agreed_at, row.withdrawn_at)
        for row in connection.execute(query)
    )


def forget(connection: Connection, chat: int) -> None:
    """Nothing of this chat is kept."""
    connection.execute(delete(consents).where(consents.c.chat_id == chat))


def purge(connection: Connection, before: datetime) -> int:
    """Forget a portion of what was taken back before; returns how many."""
    old = select(consents.c.id).where(consents.c.withdrawn_at < before).limit(_CHUNK)
    return connection.execute(delete(consents).where(consents.c.id.in_(old))).rowcount
