"""Where tickets stand: reading and writing it, what is due, and how long things took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from bot.domain.tickets import (
    Deadline,
    DueKind,
    Rung,
    Standing,
    TicketOutcome,
    TicketStatus,
)
from bot.models.schema import tickets
from bot.store.sql import locked

OPEN = (TicketStatus.WAITING.value, TicketStatus.CLAIMED.value)

_COLUMNS = (
    tickets.c.id,
    tickets.c.status,
    tickets.c.urgent,
    tickets.c.rung,
    tickets.c.team_id,
    tickets.c.due_at,
    tickets.c.due_kind,
    tickets.c.claimed_by,
    tickets.c.claimed_by_staff,
    tickets.c.missed,
    tickets.c.claimed_at,
    tickets.c.first_reply_at,
    tickets.c.visit_at,
    tickets.c.closed_at,
    tickets.c.outcome,
    tickets.c.unreachable_at,
)
_ONE = select(*_COLUMNS).where(tickets.c.id == bindparam("b_id"))
_ONE_LOCKED = locked(_ONE)


def load(connection: Connection, ticket_id: int, *, lock: bool = False) -> Standing | None:
    """Where a ticket stands; `lock` keeps others from changing it until this transaction ends."""
    row = connection.execute(_ONE_LOCKED if lock else _ONE, {"b_id": ticket_id}).one_or_none()
    return None if row is None else _standing(row)


def _standing(row: Row[Any]) -> Standing:
    return Standing(
        status=TicketStatus(row.status),
        urgent=bool(row.urgent),
        rung=Rung(row.rung),
        team_id=row.team_id,
        due=deadline(row),
        member_id=row.claimed_by,
        staff_id=row.claimed_by_staff,
        missed=row.missed,
        claimed_at=row.claimed_at,
        first_reply_at=row.first_reply_at,
        visit_at=row.visit_at,
        closed_at=row.closed_at,
        outcome=TicketOutcome(row.outcome) if row.outcome else None,
        unreachable_at=row.unreachable_at,
    )


def deadline(row: Row[Any]) -> Deadline | None:
    """The deadline in a row of `tickets`."""
    return None if row.due_at is None else Deadline(DueKind(row.due_kind), row.due_at)


def values(standing: Standing) -> dict[str, object]:
    """The columns of `tickets` that say this."""
    due = standing.due
    return {
        "status": standing.status.value,
        "urgent": int(standing.urgent),
        "rung": standing.rung.value,
        "team_id": standing.team_id,
        "due_at": due.at if due else None,
        "due_kind": due.kind.value if due else None,
        "claimed_by": standing.member_id,
        "claimed_by_staff": standing.staff_id,
        "missed": standing.missed,
        "claimed_at": standing.claimed_at,
        "first_reply_at": standing.first_reply_at,
        "visit_at": standing.visit_at,
        "closed_at": standing.closed_at,
        "outcome": standing.outcome.value if standing.outcome else None,
        "unreachable_at": standing.unreachable_at,
    }


_SAVE = update(tickets).where(tickets.c.id == bindparam("b_id"))


def save(connection: Connection, ticket_id: int, standing: Standing) -> None:
    """Write where a ticket stands; the caller has it locked since `load`."""
    connection.execute(_SAVE, {"b_id": ticket_id, **values(standing)})


# What is due ------------------------------------------------------------------------------------


def due(
    connection: Connection,
    now: datetime,
    limit: int = 200,
    after: tuple[datetime, int] | None = None,
) -> list[tuple[datetime, int]]:
    """(deadline, id) of the open tickets whose deadline has passed, the oldest first.

    `after` continues behind the last of an earlier answer.
    """
    query = select(tickets.c.due_at, tickets.c.id).where(
        tickets.c.due_at <= now, tickets.c.status.in_(OPEN)
    )
    if after is not None:
        at, ticket_id = after
        query = query.where(
            (tickets.c.due_at > at) | ((tickets.c.due_at == at) & (tickets.c.id > ticket_id))
        )
    rows = connection.execute(query.order_by(tickets.c.due_at, tickets.c.id).limit(limit))
    return [(row.due_at, row.id) for row in rows]


def open_ids(connection: Connection, after: int = 0, limit: int = 200) -> list[int]:
    """Ids of open tickets in their order, behind `after`."""
    query = (
        select(tickets.c.id)
        .where(tickets.c.status.in_(OPEN), tickets.c.id > after)
        .order_by(tickets.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def held_by(connection: Connection, member_id: int) -> list[int]:
    """Ids of the tickets in a member's hands."""
    query = select(tickets.c.id).where(
        tickets.c.claimed_by == member_id, tickets.c.status == TicketStatus.CLAIMED.value
    )
    return list(connection.execute(query.order_by(tickets.c.id)).scalars())


def waiting_at(connection: Connection, team_id: int) -> list[int]:
    """Ids of the tickets that wait for a team."""
    query = select(tickets.c.id).where(
        tickets.c.team_id == team_id, tickets.c.status == TicketStatus.WAITING.value
    )
    return list(connection.execute(query.order_by(tickets.c.id)).scalars())


def overdue_count(connection: Connection, now: datetime) -> int:
    """How many open tickets are past their deadline, for metrics."""
    query = (
        select(func.count())
        .select_from(tickets)
        .where(tickets.c.due_at <= now, tickets.c.status.in_(OPEN))
    )
    return connection.execute(query).scalar() or 0


# Records ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Course:
    """When what happened to one ticket. `team_id` and `member_id` are the last that had it."""

    ticket_id: int
    locality: str
    commune: str
    team_id: int | None
    member_id: int | None
    rung: Rung
    urgent: bool
    created_at: datetime
    claimed_at: datetime | None
    first_reply_at: datetime | None
    closed_at: datetime | None
    outcome: TicketOutcome | None
    rating: int | None


def courses(connection: Connection, since: datetime, before: datetime) -> Iterator[Course]:
    """The tickets opened from `since` until before `before`, in their order."""
    query = (
        select(tickets)
        .where(tickets.c.created_at >= since, tickets.c.created_at < before)
        .order_by(tickets.c.id)
    )
    for row in connection.execute(query):
        yield Course(
            ticket_id=row.id,
            locality=row.locality,
            commune=row.commune,
            team_id=row.team_id,
            member_id=row.claimed_by,
            rung=Rung(row.rung),
            urgent=bool(row.urgent),
            created_at=row.created_at,
            claimed_at=row.claimed_at,
            first_reply_at=row.first_reply_at,
            closed_at=row.closed_at if row.status == TicketStatus.CLOSED.value else None,
            outcome=TicketOutcome(row.outcome) if row.outcome else None,
            rating=row.rating,
        )
