"""Messages that leave a chat's outbox because they are said in another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.models.schema import OutStatus, chats, outbox, tickets
from bot.store.inbox import ChatKey

_MOST = 50
#: Why such a message was cancelled.
CARRIED = "carried elsewhere"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits; `ticket_chat` is the chat that its ticket was opened in."""

    id: int
    payload: bytes
    priority: int
    ticket_id: int | None
    ticket_chat: int | None


def key_of(connection: Connection, chat: int) -> ChatKey | None:
    """How the outside names a chat."""
    query = select(chats.c.channel, chats.c.external_id, chats.c.is_group)
    row = connection.execute(query.where(chats.c.id == chat)).one_or_none()
    return None if row is None else ChatKey(row.channel, row.external_id, row.is_group)


def chat_of(connection: Connection, row_id: int) -> int | None:
    """The chat that a message is for."""
    return connection.execute(select(outbox.c.chat_id).where(outbox.c.id == row_id)).scalar()


def is_carried(connection: Connection, row_id: int) -> bool:
    """Whether a message was said in another chat."""
    return (
        connection.execute(select(outbox.c.error).where(outbox.c.id == row_id)).scalar() == CARRIED
    )


def waiting(connection: Connection, chat: int) -> list[Waiting]:
    """What waits for a chat and has surely not been shown there, in order; no alerts."""
    c = outbox.c
    query = (
        select(c.id, c.payload, c.priority, c.ticket_id, tickets.c.chat_id)
        .outerjoin(tickets, tickets.c.id == c.ticket_id)
        .where(
            c.chat_id == chat,
            c.status.in_((OutStatus.PENDING.value, OutStatus.SENDING.value)),
            c.uncertain == 0,
            c.alert_id.is_(None),
            c.payload.is_not(None),
        )
        .order_by(c.seq)
        .limit(_MOST)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def taken(connection: Connection, ids: list[int], now: datetime) -> None:
    """These are said elsewhere: nothing of them is kept here, nor is their line."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(
            status=OutStatus.CANCELLED.value,
            payload=None,
            line_id=None,
            error=CARRIED,
            sent_at=now,
        )
    )
