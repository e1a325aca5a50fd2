"""Chats, their incoming events, and the lease that keeps one worker at a time on a chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Boolean, Connection, bindparam, case, func, or_, select, true, update

from bot.errors import LeaseLost
from bot.models.schema import chats, inbox
from bot.store import queueing, relay_lines
from bot.store.prepared import Prepared
from bot.store.sql import insert, locked


@dataclass(frozen=True, slots=True)
class ChatKey:
    """How the outside names a chat."""

    channel: str
    external_id: str
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An event that waits; `payload` is sealed."""

    id: int
    payload: bytes
    attempts: int


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A chat as a worker that holds its lease sees it."""

    id: int
    key: ChatKey
    state: bytes | None
    state_version: int
    next_seq: int
    acked_seq: int
    locality: str | None
    area: str = ""


# The statements of every message's path are built once: building one costs more than running it.

_FIND = Prepared(
    select(chats.c.id).where(
        chats.c.channel == bindparam("b_channel"), chats.c.external_id == bindparam("b_external")
    )
)
_BACK = Prepared(
    update(chats)
    .where(chats.c.id == bindparam("b_chat"), chats.c.unreachable_at.is_not(None))
    .values(unreachable_at=None)
)
_TAKE = Prepared(
    update(chats)
    .where(
        chats.c.id == bindparam("b_chat"),
        or_(
            chats.c.lease_owner.is_(None),
            chats.c.lease_owner == bindparam("b_owner"),
            chats.c.lease_until < bindparam("b_now"),
        ),
    )
    .values(lease_owner=bindparam("b_owner"), lease_until=bindparam("b_until"))
    .returning(chats.c.id)
)
_WAITING = Prepared(
    select(inbox.c.id, inbox.c.payload, inbox.c.attempts)
    .where(
        inbox.c.chat_id == bindparam("b_chat"),
        inbox.c.handled_at.is_(None),
        inbox.c.id > bindparam("b_after"),
    )
    .order_by(inbox.c.id)
    .limit(bindparam("b_limit"))
)
_HOLD = Prepared(
    locked(
        select(
            chats.c.channel,
            chats.c.external_id,
            chats.c.is_group,
            chats.c.state,
            chats.c.state_version,
            chats.c.next_seq,
            chats.c.acked_seq,
            chats.c.locality,
            chats.c.area,
            chats.c.lease_owner,
        ).where(chats.c.id == bindparam("b_chat"))
    )
)
_SAVE = Prepared(
    update(chats)
    .where(chats.c.id == bindparam("b_chat"), chats.c.state_version == bindparam("b_version"))
    .values(
        state=bindparam("b_state"),
        state_version=bindparam("b_next_version"),
        next_seq=bindparam("b_seq"),
        guide_id=bindparam("b_guide"),
        seen_at=bindparam("b_now"),
        lease_owner=case((bindparam("b_keep", type_=Boolean()), chats.c.lease_owner), else_=None),
        lease_until=bindparam("b_until"),
    )
)
_HANDLED = Prepared(
    update(inbox)
    .where(inbox.c.id == bindparam("b_row"), inbox.c.handled_at.is_(None))
    .values(handled_at=bindparam("b_now"), payload=None)
)


@cache
def _put(dialect: str) -> Prepared:
    statement = insert(dialect, inbox).on_conflict_do_nothing(
        index_elements=["source", "external_id"]
    )
    columns = ("chat_id", "source", "external_id", "payload", "received_at", "attempts")
    return Prepared(statement.returning(inbox.c.id), *columns)


def chat_id(connection: Connection, key: ChatKey, now: datetime) -> int:
    """The chat's row id; made when it is new."""
    found = find_chat(connection, key)
    if found is not None:
        return found
    row = {
        "channel": key.channel,
        "external_id": key.external_id,
        "is_group": key.is_group,
        "created_at": now,
        "seen_at": now,
    }
    connection.execute(insert(connection.dialect.name, chats).values(row).on_conflict_do_nothing())
    made = find_chat(connection, key)
    if made is None:
        raise LeaseLost("a chat vanished while it was made")
    return made


def find_chat(connection: Connection, key: ChatKey) -> int | None:
    """The chat's row id, or None."""
    named = {"b_channel": key.channel, "b_external": key.external_id}
    found: int | None = _FIND.scalar(connection, named)
    return found


def put(
    connection: Connection, chat: int, source: str, external_id: str, payload: bytes, now: datetime
) -> int | None:
    """Keep an event. None when this one was kept before (the platform repeated it)."""
    row = {
        "chat_id": chat,
        "source": source,
        "external_id": external_id,
        "payload": payload,
        "received_at": now,
        "attempts": 0,
    }
    kept: int | None = _put(connection.dialect.name).scalar(connection, row)
    if kept is not None:
        queueing.wanted(connection, chat)
    return kept


def take(
    connection: Connection, chat: int, owner: str, now: datetime, until: datetime
) -> list[InboxRow] | None:
    """Lease a chat and read what waits there. None when another worker has it.

    The lease is taken only together with work to do, so an empty list leaves it free.
    """
    values = {"b_chat": chat, "b_owner": owner, "b_now": now, "b_until": until}
    if _TAKE.scalar(connection, values) is None:
        return None
    rows = waiting(connection, chat)
    if not rows:
        release(connection, chat)
    return rows


def waiting(connection: Connection, chat: int, after: int = 0, limit: int = 16) -> list[InboxRow]:
    """Events of a chat that wait, oldest first."""
    values = {"b_chat": chat, "b_after": after, "b_limit": limit}
    return [InboxRow(*row) for row in _WAITING.rows(connection, values)]


def release(connection: Connection, chat: int) -> None:
    """Give the chat back."""
    connection.execute(
        update(chats).where(chats.c.id == chat).values(lease_owner=None, lease_until=None)
    )


def hold(connection: Connection, chat: int, owner: str) -> ChatRow:
    """Lock the chat for this transaction. LeaseLost when the lease went to another worker."""
    row = _HOLD.row(connection, {"b_chat": chat})
    if row is None or row[-1] != owner:
        raise LeaseLost(f"chat {chat} is no longer ours")
    return ChatRow(chat, ChatKey(*row[:3]), *row[3:-1])


def save(
    connection: Connection,
    chat: ChatRow,
    *,
    state: bytes,
    next_seq: int,
    guide_id: str | None,
    now: datetime,
    keep_lease_until: datetime | None,
) -> None:
    """Write the new state. LeaseLost when the version is not the one that was read.

    `keep_lease_until` None gives the lease back in the same statement.
    """
    values = {
        "b_chat": chat.id,
        "b_version": chat.state_version,
        "b_next_version": chat.state_version + 1,
        "b_state": state,
        "b_seq": next_seq,
        "b_guide": guide_id,
        "b_now": now,
        "b_keep": keep_lease_until is not None,
        "b_until": keep_lease_until,
    }
    if _SAVE.change(connection, values) != 1:
        raise LeaseLost(f"chat {chat.id} was changed by somebody else")


def handled(connection: Connection, row_id: int, now: datetime) -> None:
    """The event is dealt with; its text is wiped."""
    values = {"b_row": row_id, "b_now": now}
    if _HANDLED.change(connection, values) != 1:
        raise LeaseLost(f"event {row_id} was handled already")


def set_aside(connection: Connection, row_id: int, now: datetime, error: str) -> None:
    """The event could not be handled: it is out of the way, its text kept for some days, sealed,
    so that it can be tried again (bot.store.health)."""
    done = connection.execute(
        update(inbox)
        .where(inbox.c.id == row_id, inbox.c.handled_at.is_(None))
        .values(handled_at=now, error=error)
    )
    if done.rowcount != 1:
        raise LeaseLost(f"event {row_id} was handled already")


def failed_once(connection: Connection, row_id: int) -> int:
    """Count a failure to handle an event; returns how many there are now."""
    statement = update(inbox).where(inbox.c.id == row_id)
    statement = statement.values(attempts=inbox.c.attempts + 1)
    return connection.execute(statement.returning(inbox.c.attempts)).scalar() or 0


def orphans(
    connection: Connection, now: datetime, before: datetime | None = None, limit: int = 200
) -> list[int]:
    """Chats with waiting events that no living worker holds, the longest waiting first.

    With `before` only those that have waited since before that moment, or, once the clock was set
    back, came in a time that has not come.
    """
    free = or_(chats.c.lease_owner.is_(None), chats.c.lease_until < now)
    came = inbox.c.received_at
    since = or_(came <= before, came > now) if before is not None else true()
    statement = (
        select(inbox.c.chat_id)
        .join(chats, chats.c.id == inbox.c.chat_id)
        .where(inbox.c.handled_at.is_(None), since, free)
        .group_by(inbox.c.chat_id)
        .order_by(func.min(inbox.c.id))
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def backlog(connection: Connection) -> int:
    """How many events wait."""
    statement = select(func.count()).select_from(inbox).where(inbox.c.handled_at.is_(None))
    return connection.execute(statement).scalar() or 0


def give_back(connection: Connection, owner: str) -> None:
    """Free every lease of a worker that stops; what waits there is for another."""
    freed = connection.execute(
        update(chats)
        .where(chats.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
        .returning(chats.c.id)
    )
    for chat in freed.scalars():
        queueing.wanted(connection, chat)
    connection.execute(
        update(chats).where(chats.c.send_owner == owner).values(send_owner=None, send_until=None)
    )


def seen_again(connection: Connection, chat: int) -> bool:
    """A person who was unreachable has written: messages may go to them again, and what was kept
    for them goes out. False for anybody who was reachable."""
    back = bool(_BACK.change(connection, {"b_chat": chat}))
    if back:
        relay_lines.release(connection, chat)
    return back


def set_locality(connection: Connection, chat: int, commune: str, area: str = "") -> None:
    """Remember where the person says they live, in words and by its code if that is known."""
    values = {"locality": commune, "area": area}
    connection.execute(update(chats).where(chats.c.id == chat).values(values))


def reachable(connection: Connection, chat: int) -> bool:
    """Whether the last message to a chat did not find it closed."""
    query = select(chats.c.unreachable_at).where(chats.c.id == chat)
    return connection.execute(query).scalar() is None
