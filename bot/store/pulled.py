"""What chats that pull (the web chat, the terminal) have still to show, and have shown."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.models.schema import OutStatus, chats, outbox
from bot.store.outbox import OutRow
from bot.store.prepared import Prepared

# The statements of every message's path are built once: building one costs more than running it.

_AFTER = Prepared(
    select(outbox.c.id, outbox.c.seq, outbox.c.payload, outbox.c.attempts, outbox.c.ticket_id)
    .where(
        outbox.c.chat_id == bindparam("b_chat"),
        outbox.c.seq > bindparam("b_seq"),
        outbox.c.payload.is_not(None),
    )
    .order_by(outbox.c.seq)
    .limit(bindparam("b_limit"))
)
_SHOWN = Prepared(
    update(outbox)
    .where(
        outbox.c.chat_id == bindparam("b_chat"),
        outbox.c.seq <= bindparam("b_seq"),
        outbox.c.status == OutStatus.PENDING.value,
    )
    .values(status=OutStatus.SENT.value, payload=None, sent_at=bindparam("b_now"))
)
_ACKED = Prepared(
    update(chats)
    .where(
        chats.c.id == bindparam("b_chat"),
        chats.c.acked_seq < bindparam("b_seq"),
        chats.c.next_seq > bindparam("b_seq"),
    )
    .values(acked_seq=bindparam("b_seq"))
)


def after(connection: Connection, chat: int, seq: int, limit: int = 50) -> list[OutRow]:
    """Messages of a chat that pulls (web chat) with a number above `seq`, not yet acknowledged."""
    values = {"b_chat": chat, "b_seq": seq, "b_limit": limit}
    return [OutRow(*row) for row in _AFTER.rows(connection, values)]


def acknowledge(connection: Connection, chat: int, seq: int, now: datetime) -> None:
    """The browser has shown everything up to `seq`: delivered, so the text is wiped."""
    _SHOWN.change(connection, {"b_chat": chat, "b_seq": seq, "b_now": now})
    _ACKED.change(connection, {"b_chat": chat, "b_seq": seq})
