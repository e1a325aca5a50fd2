"""Tickets, teams and members as the rest of the program sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TicketStatus(StrEnum):
    """waiting -> claimed -> closed; a citizen may cancel from either open status."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def open(self) -> bool:
        """Whether anybody still has something to do."""
        return self in (TicketStatus.WAITING, TicketStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as conversations see it. `phone` is shown to the helper who claimed it only."""

    id: int
    chat_id: int
    status: TicketStatus
    urgent: bool
    topic: str
    guide_title: str
    step: int | None
    failed: str
    name: str
    phone: str
    commune: str
    created_at: datetime
    team_id: int | None = None
    claimed_by: int | None = None
    helper: str = ""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A team member and the open tickets in their hands."""

    id: int
    team_id: int
    name: str
    claimed: tuple[TicketView, ...] = ()


class ClaimResult(StrEnum):
    """What came of pressing *Nhận*."""

    WON = "won"
    MINE = "mine"
    TAKEN = "taken"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team: `commune` empty means it serves everywhere; `group` is its Telegram group's id."""

    id: int
    name: str
    commune: str = ""
    group: str = ""
