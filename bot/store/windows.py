"""Until when a person may be written to, on platforms that want to hear of people first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from bot.domain.channels import ZALO_OA
from bot.models.schema import OutStatus, chats, outbox, zalo_windows
from bot.store import inbox
from bot.store.inbox import ChatKey
from bot.store.outbox import Claim
from bot.store.relay_lines import HELD_UNTIL
from bot.store.sql import insert, locked

#: After the person's last message: free until then, refused after that; billed in between.
FREE = timedelta(hours=48)
REFUSED = timedelta(days=7)
#: A little less, so that a message does not arrive a moment too late.
_MARGIN = timedelta(minutes=2)
_CHUNK = 500


def heard(connection: Connection, chat: int, at: datetime) -> None:
    """The person wrote at a moment; called before anything of the chat's row is changed. What
    waited for that goes out."""
    statement = insert(connection, zalo_windows).values(chat_id=chat, heard_at=at)
    newer = zalo_windows.c.heard_at < at
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["chat_id"], set_={"heard_at": at, "waits_since": None}, where=newer
        )
    )
    connection.execute(
        update(chats)
        .where(chats.c.id == chat, chats.c.send_after == HELD_UNTIL)
        .values(send_after=None)
    )


def heard_at(connection: Connection, chat: int) -> datetime | None:
    """When the person last wrote; None when that is not known."""
    query = select(zalo_windows.c.heard_at).where(zalo_windows.c.chat_id == chat)
    return connection.execute(query).scalar()


def is_open(connection: Connection, chat: int, now: datetime, *, billed: bool = False) -> bool:
    """Whether a message may leave; `billed`: also one that costs. Yes when nothing is known: then
    the platform decides."""
    last = heard_at(connection, chat)
    most = REFUSED if billed else FREE
    return last is None or now - last < most - _MARGIN


def can_reach(connection: Connection, key: ChatKey, now: datetime, *, billed: bool = False) -> bool:
    """Whether a message for this chat would leave now: nobody blocked us, and on Zalo's Official
    Account the person wrote not too long ago. A chat that was never heard of there is closed."""
    chat = inbox.find_chat(connection, key)
    if key.channel != ZALO_OA:
        return chat is None or inbox.reachable(connection, chat)
    if chat is None or not inbox.reachable(connection, chat):
        return False
    return heard_at(connection, chat) is not None and is_open(connection, chat, now, billed=billed)


def hold(
    connection: Connection, claim: Claim, seen: datetime | None, now: datetime
) -> set[int] | None:
    """Nothing may leave until the person writes: all that waits for them is kept, in order.
    Returns the tickets that it is about.

    `seen` is when they had last written, as whoever tried to send knew: None when they have
    written since, and it is to be tried again.
    """
    # The same row is locked first by `heard`, so that neither misses the other.
    query = select(zalo_windows.c.heard_at).where(zalo_windows.c.chat_id == claim.chat_id)
    last = connection.execute(locked(query)).scalar()
    anew = last is not None and (seen is None or last > seen)
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_([row.id for row in claim.rows]))
        .values(
            status=OutStatus.PENDING.value,
            error="window closed",
            attempts=outbox.c.attempts - 1,
        )
    )
    connection.execute(
        update(chats)
        .where(chats.c.id == claim.chat_id)
        .values(send_owner=None, send_until=None, send_after=None if anew else HELD_UNTIL)
    )
    if anew:
        return None
    connection.execute(
        update(zalo_windows)
        .where(zalo_windows.c.chat_id == claim.chat_id, zalo_windows.c.waits_since.is_(None))
        .values(waits_since=now)
    )
    about = select(outbox.c.ticket_id).where(
        outbox.c.chat_id == claim.chat_id,
        outbox.c.status == OutStatus.PENDING.value,
        outbox.c.ticket_id.is_not(None),
    )
    return set(connection.execute(about).scalars())


def waiting(connection: Connection) -> int:
    """How many people's messages wait for them to write."""
    query = select(func.count()).where(zalo_windows.c.waits_since.is_not(None))
    return connection.execute(query).scalar() or 0


def forget(connection: Connection, chat: int) -> None:
    """Erase what is known of a person."""
    connection.execute(delete(zalo_windows).where(zalo_windows.c.chat_id == chat))


def purge(connection: Connection, before: datetime) -> int:
    """Erase one chunk of what is older; returns how many rows were touched."""
    old = select(zalo_windows.c.chat_id).where(zalo_windows.c.heard_at < before).limit(_CHUNK)
    return connection.execute(delete(zalo_windows).where(zalo_windows.c.chat_id.in_(old))).rowcount
