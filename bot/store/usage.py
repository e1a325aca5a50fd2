"""How much of a channel is used, where its plan has limits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.models.schema import OutStatus, chats, outbox


def people(connection: Connection, channel: str) -> int:
    """How many private chats there are on a channel."""
    query = select(func.count()).where(chats.c.channel == channel, ~chats.c.is_group)
    return connection.execute(query).scalar() or 0


def sent_since(connection: Connection, channel: str, since: datetime) -> int:
    """How many messages were sent on a channel since a moment."""
    query = (
        select(func.count())
        .select_from(outbox)
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(
            chats.c.channel == channel,
            outbox.c.status == OutStatus.SENT.value,
            outbox.c.sent_at >= since,
        )
    )
    return connection.execute(query).scalar() or 0
