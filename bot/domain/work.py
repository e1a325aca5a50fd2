"""What members did, as records of it are read: for stipends and for how long things took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.tickets import Rung, TicketOutcome


@dataclass(frozen=True, slots=True)
class Worker:
    """A member as lists name them. `key` is the roster's, "" for members of no roster."""

    id: int
    key: str
    name: str
    team: str
    rung: Rung


@dataclass(frozen=True, slots=True)
class Taken:
    """A member took a ticket."""

    member_id: int
    ticket_id: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A ticket was closed in a member's hands."""

    member_id: int
    outcome: TicketOutcome | None
    rating: int | None


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit took place; `minutes` is what the member said it took, None for nothing said."""

    member_id: int
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Passage:
    """When what happened to one ticket. `locality` is a code of bot.locality, "" when unknown."""

    locality: str
    member_id: int | None
    created_at: datetime
    first_reply_at: datetime | None
    closed_at: datetime | None


Deed = Taken | Finished | Visited
