"""The append-only log of what happened to tickets.

The database refuses to change or delete a row; only its `data` can be erased.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from bot.domain.tickets import Rung
from bot.models.schema import ticket_events
from bot.store.crypto import Vault

DATA = "ticket.event"


class ActorKind(StrEnum):
    """Who did it."""

    CITIZEN = "citizen"
    MEMBER = "member"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it; `id` is a member's or a staff account's, None for the ticket's own citizen."""

    kind: ActorKind
    id: int | None = None


CITIZEN = Actor(ActorKind.CITIZEN)
SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One thing that happened. `data` is empty once it was erased."""

    at: datetime
    kind: str
    actor: Actor
    rung: Rung
    data: Mapping[str, Any] = field(default_factory=dict)


_ADD = ticket_events.insert()


def add(connection: Connection, vault: Vault, ticket_id: int, event: TicketEvent) -> None:
    """Append an event. What people wrote does not belong in `data`: it stands in the thread."""
    payload = json.dumps(event.data, ensure_ascii=False).encode() if event.data else None
    connection.execute(
        _ADD,
        {
            "ticket_id": ticket_id,
            "at": event.at,
            "kind": event.kind,
            "actor_kind": event.actor.kind.value,
            "actor_id": event.actor.id,
            "rung": event.rung.value,
            "data": None if payload is None else vault.seal(payload, DATA),
        },
    )


_TIMELINE = (
    select(ticket_events)
    .where(ticket_events.c.ticket_id == bindparam("b_id"))
    .order_by(ticket_events.c.id)
)


def timeline(connection: Connection, vault: Vault, ticket_id: int) -> tuple[TicketEvent, ...]:
    """Everything that happened to a ticket, in order."""
    return tuple(
        TicketEvent(
            row.at,
            row.kind,
            Actor(ActorKind(row.actor_kind), row.actor_id),
            Rung(row.rung),
            json.loads(vault.open(row.data, DATA)) if row.data else {},
        )
        for row in connection.execute(_TIMELINE, {"b_id": ticket_id})
    )


def count(connection: Connection, ticket_id: int, kind: str, since: datetime | None = None) -> int:
    """How often something happened to a ticket, since a moment if one is given."""
    query = (
        select(func.count())
        .select_from(ticket_events)
        .where(ticket_events.c.ticket_id == ticket_id, ticket_events.c.kind == kind)
    )
    if since is not None:
        query = query.where(ticket_events.c.at > since)
    return connection.execute(query).scalar() or 0


def erase(connection: Connection, ticket_ids: Iterable[int]) -> int:
    """Erase the data of these tickets' events; that they happened stays. Returns how many."""
    return connection.execute(
        update(ticket_events)
        .where(ticket_events.c.ticket_id.in_(list(ticket_ids)), ticket_events.c.data.is_not(None))
        .values(data=None)
    ).rowcount
