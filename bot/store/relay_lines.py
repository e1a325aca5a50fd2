"""Whether lines of tickets' talks have reached the citizens they were written to.

A line and the message that carries it are tied by `outbox.line_id`; nothing is written when all
goes well, so that a delivery costs no more than it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, literal_column, or_, select, update

from bot.domain.events import LateWhy
from bot.models.schema import OutStatus, chats, outbox, ticket_messages

#: A message that waits for its reader to come back is not before this.
HELD_UNTIL = datetime(9999, 1, 1, tzinfo=UTC)
_WEB = "web"
_PENDING = (OutStatus.PENDING.value, OutStatus.SENDING.value)
_HELD = and_(outbox.c.status == OutStatus.PENDING.value, outbox.c.not_before == HELD_UNTIL)
#: As the partial index has it.
_UNDELIVERED: ColumnElement[bool] = literal_column(
    "outbox.line_id IS NOT NULL AND (outbox.status <> 'sent' OR outbox.late_at IS NOT NULL)"
)


class LineState(StrEnum):
    """Where a line is. A line without a message yet is on its way."""

    ON_ITS_WAY = "on_its_way"
    ARRIVED = "arrived"
    #: It goes out when the citizen comes back.
    HELD = "held"
    #: Nothing will be sent any more.
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Overdue:
    """A line that has not arrived, or that has at last (`why` None)."""

    row_id: int
    line_id: int
    ticket_id: int
    payload: bytes | None
    why: LateWhy | None


def states(connection: Connection, ticket_id: int) -> dict[int, LineState]:
    """Where the lines of a ticket are, by line; those that nothing was written for are left out."""
    c = outbox.c
    query = (
        select(c.line_id, c.status, c.not_before, chats.c.channel, chats.c.send_after)
        .join(ticket_messages, ticket_messages.c.id == outbox.c.line_id)
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(ticket_messages.c.ticket_id == ticket_id)
        .order_by(outbox.c.id)
    )
    return {row.line_id: _state(row) for row in connection.execute(query)}


def _state(row: Row[*tuple[Any, ...]]) -> LineState:
    if row.status == OutStatus.SENT.value:
        return LineState.ARRIVED
    if row.status not in _PENDING:
        return LineState.GIVEN_UP
    held = HELD_UNTIL in (row.not_before, row.send_after)
    return LineState.HELD if held else LineState.ON_ITS_WAY


def hold(connection: Connection, chat: int, now: datetime) -> None:
    """Nothing reaches this chat: lines for it wait until it is heard of; their helper is told of
    that at once by whoever calls this."""
    connection.execute(
        update(outbox)
        .where(outbox.c.chat_id == chat, outbox.c.line_id.is_not(None))
        .where(outbox.c.status.in_(_PENDING))
        .values(status=OutStatus.PENDING.value, not_before=HELD_UNTIL, attempts=0, late_at=now)
    )


def release(connection: Connection, chat: int) -> None:
    """This chat was heard of: what waits for it goes out."""
    connection.execute(
        update(outbox).where(outbox.c.chat_id == chat, _HELD).values(not_before=None)
    )


def overdue(connection: Connection, before: datetime, limit: int = 100) -> list[Overdue]:
    """Lines written before a moment, or given up since, that have not arrived and of which nobody
    was told; and those that have arrived after somebody was told. The oldest first."""
    late = and_(
        outbox.c.late_at.is_(None),
        or_(
            and_(outbox.c.status.in_(_PENDING), outbox.c.created_at <= before),
            outbox.c.status == OutStatus.FAILED.value,
        ),
    )
    arrived = and_(outbox.c.late_at.is_not(None), outbox.c.status == OutStatus.SENT.value)
    query = (
        select(
            outbox.c.id,
            outbox.c.line_id,
            outbox.c.status,
            outbox.c.not_before,
            chats.c.channel,
            chats.c.send_after,
            ticket_messages.c.ticket_id,
            ticket_messages.c.payload,
        )
        .join(ticket_messages, ticket_messages.c.id == outbox.c.line_id)
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(_UNDELIVERED, or_(late, arrived))
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [
        Overdue(row.id, row.line_id, row.ticket_id, row.payload, _why(row))
        for row in connection.execute(query)
    ]


def _why(row: Row[*tuple[Any, ...]]) -> LateWhy | None:
    if row.status == OutStatus.SENT.value:
        return None
    if row.status == OutStatus.FAILED.value:
        return "refused"
    if row.not_before == HELD_UNTIL:
        return "blocked"
    if row.send_after == HELD_UNTIL:
        return "window"
    return "page" if row.channel == _WEB else "slow"


def told(connection: Connection, row_id: int, late_at: datetime | None) -> bool:
    """Note that the helper is told: of a late line with the time, of its arrival with None. False
    when another process had already."""
    known = outbox.c.late_at.is_not(None) if late_at is None else outbox.c.late_at.is_(None)
    return bool(
        connection.execute(
            update(outbox).where(outbox.c.id == row_id, known).values(late_at=late_at)
        ).rowcount
    )


def take_given_up(connection: Connection, ticket_id: int) -> list[tuple[int, bytes]]:
    """(line, sealed text) of a ticket's lines that were given up; they count as dealt with now."""
    query = (
        select(outbox.c.id, outbox.c.line_id, ticket_messages.c.payload)
        .join(ticket_messages, ticket_messages.c.id == outbox.c.line_id)
        .where(
            ticket_messages.c.ticket_id == ticket_id,
            ticket_messages.c.payload.is_not(None),
            outbox.c.status == OutStatus.FAILED.value,
        )
        .order_by(outbox.c.id)
    )
    found = list(connection.execute(query))
    ids = [row.id for row in found]
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(line_id=None))
    return [(row.line_id, row.payload) for row in found]
