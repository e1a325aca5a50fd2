"""Outgoing messages: in order per chat, each in exactly one of the states of `OutStatus`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, update

from bot.domain.replies import Priority
from bot.models.schema import OutStatus, chats, outbox
from bot.store import relay_lines
from bot.store.inbox import ChatKey
from bot.store.prepared import Prepared
from bot.store.sql import insert, locked

_WAITING = (OutStatus.PENDING.value, OutStatus.SENDING.value)
_COALESCE_MOST = 5
#: Why a message was given up that may be tried no more.
TOO_OFTEN = "too many attempts"
#: Sends of a message that may have been shown: twice harms less than never, ten times frightens.
DOUBTS_MOST = 4


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be written; `payload` is sealed."""

    payload: bytes
    priority: Priority
    ticket_id: int | None = None
    coalesce: str = ""
    not_before: datetime | None = None
    line_id: int | None = None
    alert_id: int | None = None


@dataclass(frozen=True, slots=True)
class OutRow:
    """A message that waits."""

    id: int
    seq: int
    payload: bytes
    attempts: int
    ticket_id: int | None
    #: Sends before this one that may have been shown.
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages of one chat about to be sent as one, with where they go."""

    chat_id: int
    key: ChatKey
    rows: tuple[OutRow, ...]
    uncertain: int


# The statements of every message's path are built once: building one costs more than running it.

_SEND_CHAT = locked(
    select(
        chats.c.channel,
        chats.c.external_id,
        chats.c.is_group,
        chats.c.send_owner,
        chats.c.send_until,
        chats.c.send_after,
    ).where(chats.c.id == bindparam("b_chat"))
)
_DUE = (
    outbox.c.chat_id == bindparam("b_chat"),
    # Written out, so that the partial index is used.
    outbox.c.status.in_(_WAITING),
    or_(outbox.c.not_before.is_(None), outbox.c.not_before <= bindparam("b_now")),
)
_NEXT = (
    select(
        outbox.c.id,
        outbox.c.seq,
        outbox.c.payload,
        outbox.c.attempts,
        outbox.c.ticket_id,
        outbox.c.status,
        outbox.c.uncertain,
        outbox.c.coalesce,
    )
    .where(*_DUE)
    .order_by(outbox.c.seq)
    .limit(_COALESCE_MOST)
)
_MORE = select(outbox.c.id).where(*_DUE).limit(1)
_IDS = outbox.c.id.in_(bindparam("b_ids", expanding=True))
_SENDING = (
    update(outbox)
    .where(_IDS)
    .values(status=OutStatus.SENDING.value, attempts=outbox.c.attempts + 1)
)
_SENT = (
    update(outbox)
    .where(_IDS)
    .values(
        status=OutStatus.SENT.value,
        payload=None,
        sent_at=bindparam("b_now"),
        external_id=bindparam("b_external"),
        error=None,
    )
)
_LEASE = (
    update(chats)
    .where(chats.c.id == bindparam("b_chat"))
    .values(send_owner=bindparam("b_owner"), send_until=bindparam("b_until"))
)
_FREE = (
    update(chats)
    .where(chats.c.id == bindparam("b_chat"))
    .values(send_owner=None, send_until=None, send_after=None)
)


@cache
def _add(dialect: str) -> Prepared:
    return Prepared(
        insert(dialect, outbox),
        *("chat_id", "seq", "priority", "coalesce", "payload", "ticket_id", "alert_id"),
        *("not_before", "line_id", "created_at", "status", "attempts", "uncertain"),
    )


def add(
    connection: Connection, chat: int, first_seq: int, messages: list[NewMessage], now: datetime
) -> int:
    """Write messages from `first_seq` on; returns the next free number."""
    for n, m in enumerate(messages):
        row = {
            "chat_id": chat,
            "seq": first_seq + n,
            "priority": m.priority.value,
            "coalesce": m.coalesce,
            "payload": m.payload,
            "ticket_id": m.ticket_id,
            "alert_id": m.alert_id,
            "not_before": m.not_before,
            "line_id": m.line_id,
            "created_at": now,
            "status": OutStatus.PENDING.value,
            "attempts": 0,
            "uncertain": 0,
        }
        _add(connection.dialect.name).change(connection, row)
    return first_seq + len(messages)


def due_chats(
    connection: Connection,
    channels: list[str],
    now: datetime,
    limit: int = 500,
    *,
    lapsed: datetime | None = None,
) -> list[tuple[int, int]]:
    """(chat, best priority) of chats with something to send that no living worker is sending: whose
    lease has ended before `lapsed`."""
    free = or_(chats.c.send_owner.is_(None), chats.c.send_until < (lapsed or now))
    ready = or_(chats.c.send_after.is_(None), chats.c.send_after <= now)
    statement = (
        select(outbox.c.chat_id, func.min(outbox.c.priority))
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(
            outbox.c.status.in_(_WAITING),
            chats.c.channel.in_(channels),
            free,
            ready,
            or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
        )
        .group_by(outbox.c.chat_id)
        .order_by(func.min(outbox.c.priority), func.min(outbox.c.id))
        .limit(limit)
    )
    return [(chat, priority) for chat, priority in connection.execute(statement)]


def claim(
    connection: Connection,
    chat: int,
    owner: str,
    now: datetime,
    until: datetime,
    *,
    tries: int,
    lapsed: datetime | None = None,
) -> Claim | None:
    """Mark the chat's next message(s) as being sent. None when there is nothing to send now, or
    another worker's lease has not ended before `lapsed` (now).

    A message found in `sending` was left by a worker that died with the request perhaps written:
    it is uncertain. It is tried again, and given up as failed after `tries` or DOUBTS_MOST.
    """
    row = connection.execute(_SEND_CHAT, {"b_chat": chat}).one_or_none()
    if row is None or (row.send_after and row.send_after > now):
        return None
    if _held_by_other(row, owner, lapsed or now):
        return None
    waiting = _next_rows(connection, chat, now)
    # Those that are sent as one are all of one status.
    doubted = bool(waiting) and waiting[0].status == OutStatus.SENDING.value
    if doubted:
        _doubt(connection, [r.id for r in waiting])
        if given_up := [r.id for r in waiting if spent(r.attempts, r.uncertain + 1, tries)]:
            fail(connection, given_up, TOO_OFTEN, now)
        waiting = [r for r in waiting if r.id not in given_up]
    if not waiting:
        free_send(connection, chat)
        return None
    connection.execute(_SENDING, {"b_ids": [r.id for r in waiting]})
    connection.execute(_LEASE, {"b_chat": chat, "b_owner": owner, "b_until": until})
    rows = tuple(
        OutRow(r.id, r.seq, r.payload, r.attempts + 1, r.ticket_id, r.uncertain + doubted)
        for r in waiting
    )
    return Claim(chat, ChatKey(*row[:3]), rows, len(rows) if doubted else 0)


def spent(sends: int, doubts: int, tries: int) -> bool:
    """Whether a message that was sent so often, and so often perhaps shown, is tried no more."""
    return sends >= tries or doubts >= DOUBTS_MOST


def _doubt(connection: Connection, ids: list[int]) -> None:
    """Count that these may have been shown."""
    connection.execute(
        update(outbox).where(outbox.c.id.in_(ids)).values(uncertain=outbox.c.uncertain + 1)
    )


def _held_by_other(row: Row[*tuple[Any, ...]], owner: str, now: datetime) -> bool:
    return row.send_owner not in (None, owner) and bool(row.send_until > now)


def _next_rows(connection: Connection, chat: int, now: datetime) -> list[Row[*tuple[Any, ...]]]:
    rows = list(connection.execute(_NEXT, {"b_chat": chat, "b_now": now}))
    if not rows or not rows[0].coalesce:
        return rows[:1]
    same = [rows[0]]
    for row in rows[1:]:
        if row.coalesce != rows[0].coalesce or row.status != rows[0].status:
            break
        same.append(row)
    return same


def sent(connection: Connection, claim: Claim, external_id: str | None, now: datetime) -> bool:
    """The platform took them: wipe the text, remember the platform's id. True when more waits."""
    ids = [r.id for r in claim.rows]
    connection.execute(_SENT, {"b_ids": ids, "b_now": now, "b_external": external_id})
    return more_or_free(connection, claim.chat_id, now)


def fail(connection: Connection, ids: list[int], error: str, now: datetime) -> None:
    """Given up; the text is wiped."""
    connection.execute(
        update(outbox)
        # What is said in another chat meanwhile is no failure.
        .where(outbox.c.id.in_(ids), outbox.c.status.in_(_WAITING))
        .values(status=OutStatus.FAILED.value, payload=None, error=error[:80], sent_at=now)
    )


def failed(
    connection: Connection, claim: Claim, error: str, now: datetime, *, uncertain: bool = False
) -> bool:
    """Given up on a claim; `uncertain`: the last try may have been shown. True when more waits."""
    ids = [r.id for r in claim.rows]
    if uncertain:
        _doubt(connection, ids)
    fail(connection, ids, error, now)
    return more_or_free(connection, claim.chat_id, now)


def again(
    connection: Connection,
    claim: Claim,
    when: datetime,
    error: str,
    *,
    uncertain: bool = False,
    counted: bool = True,
) -> None:
    """Try the claim again at `when`; the whole chat waits, so that order is kept.

    `counted` False: the try does not count (the platform only asked to wait).
    """
    values: dict[str, object] = {"status": OutStatus.PENDING.value, "error": error[:80]}
    if uncertain:
        values["uncertain"] = outbox.c.uncertain + 1
    if not counted:
        values["attempts"] = outbox.c.attempts - 1
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_([r.id for r in claim.rows]), outbox.c.status.in_(_WAITING))
        .values(values)
    )
    connection.execute(
        update(chats)
        .where(chats.c.id == claim.chat_id)
        .values(send_owner=None, send_until=None, send_after=when)
    )


def hand_over(connection: Connection, old: int, new: int) -> None:
    """What waits for one chat goes to another, after what waits there already."""
    query = select(chats.c.next_seq).where(chats.c.id == new)
    seq = connection.execute(locked(query)).scalar_one()
    waiting = (
        select(outbox.c.id)
        .where(outbox.c.chat_id == old, outbox.c.status == OutStatus.PENDING.value)
        .order_by(outbox.c.seq)
    )
    for row in list(connection.execute(waiting).scalars()):
        connection.execute(update(outbox).where(outbox.c.id == row).values(chat_id=new, seq=seq))
        seq += 1
    connection.execute(update(chats).where(chats.c.id == new).values(next_seq=seq))


def more_or_free(connection: Connection, chat: int, now: datetime) -> bool:
    """Whether more of a chat is to be sent now; when not, its sending is given back."""
    more = connection.execute(_MORE, {"b_chat": chat, "b_now": now}).scalar()
    if more is None:
        free_send(connection, chat)
    return more is not None


def keep(connection: Connection, chat_ids: list[int], owner: str, until: datetime) -> None:
    """Keep the send leases of chats a while longer."""
    connection.execute(
        update(chats)
        .where(chats.c.id.in_(chat_ids), chats.c.send_owner == owner)
        .values(send_until=until)
    )


def free_send(connection: Connection, chat: int) -> None:
    """Give the chat's sending back."""
    connection.execute(_FREE, {"b_chat": chat})


def unreachable(connection: Connection, chat: int, now: datetime) -> set[int]:
    """Nothing can be sent there: give up what waits, but keep what a helper wrote until the person
    comes back. Returns the tickets that all of it was for."""
    rows = list(
        connection.execute(
            select(outbox.c.id, outbox.c.ticket_id, outbox.c.line_id).where(
                outbox.c.chat_id == chat, outbox.c.status.in_(_WAITING)
            )
        )
    )
    fail(connection, [r.id for r in rows if r.line_id is None], "unreachable", now)
    relay_lines.hold(connection, chat, now)
    connection.execute(
        update(chats)
        .where(chats.c.id == chat)
        .values(unreachable_at=now, send_owner=None, send_until=None, send_after=None)
    )
    return {r.ticket_id for r in rows if r.ticket_id is not None}


def ticket_of(connection: Connection, chat: int, external_id: str) -> int | None:
    """The ticket a sent message was about, for a reply to it.

    None too when it was about several (cards merged into one): whom the reply is meant for
    cannot be known, and a guess could show one citizen what another was told.
    """
    statement = select(outbox.c.ticket_id).where(
        outbox.c.chat_id == chat, outbox.c.external_id == external_id
    )
    found = set(connection.execute(statement.limit(2)).scalars())
    return found.pop() if len(found) == 1 else None


def counts(connection: Connection) -> dict[str, int]:
    """How many messages are in each state that is worth watching."""
    statement = (
        select(outbox.c.status, func.count())
        .where(outbox.c.status.in_([*_WAITING, OutStatus.FAILED.value]))
        .group_by(outbox.c.status)
    )
    found: dict[str, int] = {r[0]: r[1] for r in connection.execute(statement)}
    doubtful = select(func.count()).select_from(outbox).where(outbox.c.uncertain > 0)
    found["uncertain"] = connection.execute(doubtful).scalar() or 0
    return found


def is_group(connection: Connection, chat: int) -> bool:
    """Whether a chat is a group (its limits differ)."""
    return bool(connection.execute(select(chats.c.is_group).where(chats.c.id == chat)).scalar())
