"""Visits at citizens' homes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.domain.tickets import TicketStatus
from bot.models.schema import tickets, visits
from bot.store.sql import insert


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that is agreed and has neither taken place nor been called off."""

    id: int
    ticket_id: int
    member_id: int | None
    at: datetime


_AHEAD = (visits.c.done_at.is_(None), visits.c.cancelled_at.is_(None))


def add(
    connection: Connection, ticket_id: int, member_id: int | None, at: datetime, now: datetime
) -> None:
    """Note a visit; one that was agreed before is off."""
    cancel(connection, ticket_id, now)
    connection.execute(
        insert(connection, visits).values(
            ticket_id=ticket_id, member_id=member_id, at=at, made_at=now
        )
    )


def cancel(connection: Connection, ticket_id: int, now: datetime) -> None:
    """Call off whatever visit lies ahead for a ticket."""
    connection.execute(
        update(visits).where(visits.c.ticket_id == ticket_id, *_AHEAD).values(cancelled_at=now)
    )


def ahead(connection: Connection, ticket_id: int) -> bool:
    """Whether a visit of a ticket is agreed and still to come, or to be reported."""
    query = select(visits.c.id).where(visits.c.ticket_id == ticket_id, *_AHEAD)
    return connection.execute(query).first() is not None


def done(connection: Connection, ticket_id: int, now: datetime, minutes: int | None) -> None:
    """The visit took place."""
    connection.execute(
        update(visits)
        .where(visits.c.ticket_id == ticket_id, *_AHEAD)
        .values(done_at=now, minutes=minutes)
    )


def to_remind(connection: Connection, before: datetime, limit: int = 100) -> list[Visit]:
    """Visits up to `before` of which nobody was reminded yet, the next first."""
    query = (
        select(visits.c.id, visits.c.ticket_id, visits.c.member_id, visits.c.at)
        .join(tickets, tickets.c.id == visits.c.ticket_id)
        .where(visits.c.at <= before, visits.c.reminded_at.is_(None), *_AHEAD)
        .where(tickets.c.status == TicketStatus.CLAIMED.value)
        .order_by(visits.c.at)
        .limit(limit)
    )
    return [Visit(r.id, r.ticket_id, r.member_id, r.at) for r in connection.execute(query)]


def reminded(connection: Connection, visit_id: int, now: datetime) -> bool:
    """Mark a visit; False when another process had already."""
    return bool(
        connection.execute(
            update(visits)
            .where(visits.c.id == visit_id, visits.c.reminded_at.is_(None), *_AHEAD)
            .values(reminded_at=now)
        ).rowcount
    )
