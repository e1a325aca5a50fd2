"""Reads what members did, and when what happened to tickets."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from bot.domain.tickets import Rung, TicketOutcome, TicketStatus
from bot.domain.work import Deed, Finished, Passage, Taken, Visited, Worker
from bot.models.schema import members, teams, ticket_events, tickets, visits


def workers(connection: Connection, only: Collection[int] | None = None) -> list[Worker]:
    """Every member, those removed too: what they did before stays theirs. `only` these numbers."""
    query = select(
        members.c.id, members.c.key, members.c.name, teams.c.name.label("team"), teams.c.rung
    ).join(teams, teams.c.id == members.c.team_id)
    if only is not None:
        query = query.where(members.c.id.in_(only))
    return [
        Worker(row.id, row.key or "", row.name, row.team, Rung(row.rung))
        for row in connection.execute(query)
    ]


def deeds(
    connection: Connection,
    since: datetime,
    before: datetime,
    only: Collection[int] | None = None,
) -> Iterator[Deed]:
    """What members did from `since` until before `before`; `only` members of these numbers.

    A ticket closed, reopened and closed again counts when it was closed last.
    """
    taken = select(ticket_events.c.actor_id, ticket_events.c.ticket_id).where(
        ticket_events.c.kind == "claimed",
        ticket_events.c.actor_kind == "member",
        ticket_events.c.at >= since,
        ticket_events.c.at < before,
        ticket_events.c.actor_id.is_not(None),
    )
    if only is not None:
        taken = taken.where(ticket_events.c.actor_id.in_(only))
    for row in connection.execute(taken):
        yield Taken(row.actor_id, row.ticket_id)
    finished = select(tickets.c.claimed_by, tickets.c.outcome, tickets.c.rating).where(
        tickets.c.status == TicketStatus.CLOSED.value,
        tickets.c.closed_at >= since,
        tickets.c.closed_at < before,
        tickets.c.claimed_by.is_not(None),
    )
    if only is not None:
        finished = finished.where(tickets.c.claimed_by.in_(only))
    for ended in connection.execute(finished):
        outcome = TicketOutcome(ended.outcome) if ended.outcome else None
        yield Finished(ended.claimed_by, outcome, ended.rating)
    visited = select(visits.c.member_id, visits.c.minutes).where(
        visits.c.done_at >= since, visits.c.done_at < before, visits.c.member_id.is_not(None)
    )
    if only is not None:
        visited = visited.where(visits.c.member_id.in_(only))
    for row in connection.execute(visited):
        yield Visited(row.member_id, row.minutes)


def passages(
    connection: Connection,
    since: datetime,
    before: datetime,
    only: Collection[int] | None = None,
) -> Iterator[Passage]:
    """The tickets opened from `since` until before `before`; cancelled ones are left out. `only`
    those of members of these numbers."""
    query = select(
        tickets.c.locality,
        tickets.c.claimed_by,
        tickets.c.created_at,
        tickets.c.first_reply_at,
        tickets.c.closed_at,
    ).where(
        tickets.c.created_at >= since,
        tickets.c.created_at < before,
        tickets.c.status != TicketStatus.CANCELLED.value,
    )
    if only is not None:
        query = query.where(tickets.c.claimed_by.in_(only))
    for row in connection.execute(query):
        yield Passage(
            row.locality, row.claimed_by, row.created_at, row.first_reply_at, row.closed_at
        )
