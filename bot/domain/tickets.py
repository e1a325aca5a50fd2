"""Tickets, teams and members as the rest of the program sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
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


class Rung(StrEnum):
    """Who looks after a ticket: the hamlet's team, then the commune's, then the province's desk."""

    HAMLET = "hamlet"
    COMMUNE = "commune"
    PROVINCE = "province"

    @property
    def above(self) -> Rung | None:
        """The next rung of the ladder; None above the last."""
        rungs = list(Rung)
        place = rungs.index(self) + 1
        return rungs[place] if place < len(rungs) else None

    @property
    def up_to_here(self) -> tuple[Rung, ...]:
        """Every rung up to this one, the nearest to the citizen first."""
        rungs = list(Rung)
        return tuple(rungs[: rungs.index(self) + 1])

    @property
    def and_above(self) -> tuple[Rung, ...]:
        """This rung and every later one."""
        rungs = list(Rung)
        return tuple(rungs[rungs.index(self) :])


class DueKind(StrEnum):
    """What has to have happened by a ticket's deadline."""

    #: Somebody takes it.
    CLAIM = "claim"
    #: Whoever took it says something.
    FIRST_REPLY = "first_reply"
    #: The citizen's last message is answered.
    REPLY = "reply"
    #: It is done, or something is heard of it.
    RESOLVE = "resolve"
    #: The visit has taken place.
    VISIT = "visit"


class TicketOutcome(StrEnum):
    """What came of a ticket that was closed."""

    SOLVED = "solved"
    SOLVED_AT_HOME = "solved_at_home"
    NOT_REACHABLE = "not_reachable"
    WRONG_NUMBER = "wrong_number"
    REFERRED_POLICE = "referred_police"
    REFERRED_BANK = "referred_bank"
    REFERRED_COMMUNE = "referred_commune"


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when (UTC) something has to have happened."""

    kind: DueKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ticket stands: all that decides what may be done with it, and nothing private.

    `missed` counts the deadlines missed in a row by whoever has it now.
    """

    status: TicketStatus
    urgent: bool
    rung: Rung
    team_id: int | None
    due: Deadline | None
    member_id: int | None = None
    staff_id: int | None = None
    missed: int = 0
    claimed_at: datetime | None = None
    first_reply_at: datetime | None = None
    visit_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: TicketOutcome | None = None
    unreachable_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as conversations see it. `phone` is shown to the helper who claimed it only.

    `words` are the three that citizen and helper say first ("" for tickets older than those).
    `call_when` is when the citizen wishes to be called, `whom` the role of the person it is asked
    for, both in words and as private as the phone.
    """

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
    rung: Rung = Rung.HAMLET
    due: Deadline | None = None
    locality: str = ""
    words: str = ""
    language: str = "vi"
    for_other: bool = False
    call_requested: bool = False
    visit_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: TicketOutcome | None = None
    unreachable_at: datetime | None = None
    team_name: str = ""
    claimed_at: datetime | None = None
    call_when: str = ""
    whom: str = ""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A team member and the open tickets in their hands.

    `also` has the number and team of their other memberships: one person may be in two teams.
    """

    id: int
    team_id: int
    name: str
    claimed: tuple[TicketView, ...] = ()
    also: tuple[tuple[int, int], ...] = ()

    def holds(self, ticket: TicketView) -> bool:
        """Whether a ticket is in their hands, in whichever of their teams."""
        if ticket.status is not TicketStatus.CLAIMED or ticket.claimed_by is None:
            return False
        return ticket.claimed_by == self.id or any(ticket.claimed_by == n for n, _ in self.also)

    def in_team(self, team_id: int | None) -> int | None:
        """Their number in a team; None when they are not in it."""
        if team_id == self.team_id:
            return self.id
        return next((number for number, team in self.also if team == team_id), None)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a ticket may be handed to; `there`: they could take it now."""

    id: int
    name: str
    there: bool


@dataclass(frozen=True, slots=True)
class OwnWork:
    """A member's own summary of this month so far; `reply` is the median until the first reply."""

    open: int
    taken: int
    closed: int
    visits: int
    minutes: int
    rating: float | None
    reply: timedelta | None


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
