"""The state machine of a ticket: every move, from which status it is allowed, what it makes of it.

    waiting   claim -> claimed; climb, transfer, overdue -> waiting; close, cancel
    claimed   give back, climb, transfer -> waiting or claimed; talk, visit, nudge -> claimed;
              close, cancel
    closed    reopen -> claimed or waiting, for some days
    cancelled reopen, likewise

A move is a value; its `kind` is what the event log calls it. `apply` gives the new standing, always
with an owner and, while the ticket is open, with a next deadline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.domain.tickets import Deadline, DueKind, Rung, Standing, TicketOutcome, TicketStatus
from bot.errors import CongdansoError
from bot.handoff.rules import Timekeeper

#: Why a ticket goes to another team: its deadline passed, nobody is there, whoever had it kept
#: silent or sent it on, its team is no more.
Why = Literal["late", "nobody", "silent", "by_hand", "removed"]


class IllegalMove(CongdansoError):
    """The ticket is not in a status that allows this; nothing was changed."""


class InvariantBroken(CongdansoError):
    """An open ticket without an owner or a next deadline: a programming error."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody takes it: a member, or one of the staff."""

    member_id: int | None = None
    staff_id: int | None = None
    kind: Literal["claimed"] = "claimed"


@dataclass(frozen=True, slots=True)
class PassTo:
    """Whoever has it hands it to another member, who has agreed or is told."""

    member_id: int
    team_id: int
    rung: Rung
    kind: Literal["transferred"] = "transferred"


@dataclass(frozen=True, slots=True)
class Move:
    """It goes to a team, up the ladder or elsewhere, and waits there."""

    rung: Rung
    team_id: int | None
    why: Why
    kind: Literal["moved"] = "moved"


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Whoever has it gives it back to the team; `taken`: it was taken from them."""

    taken: bool = False
    kind: Literal["given_back"] = "given_back"


@dataclass(frozen=True, slots=True)
class Nudge:
    """Its holder missed a deadline, is told, and has a last delay."""

    kind: Literal["nudged"] = "nudged"


@dataclass(frozen=True, slots=True)
class Overdue:
    """Nobody took it in time, and there is nobody above: the same desk is told again."""

    kind: Literal["overdue"] = "overdue"


@dataclass(frozen=True, slots=True)
class HelperSaid:
    """The holder wrote to the citizen, or called: something was heard."""

    kind: Literal["helper_said"] = "helper_said"


@dataclass(frozen=True, slots=True)
class CitizenSaid:
    """The citizen wrote on an open ticket."""

    kind: Literal["citizen_said"] = "citizen_said"


@dataclass(frozen=True, slots=True)
class VisitSet:
    """A visit at the citizen's home was agreed, or moved to another time."""

    at: datetime
    kind: Literal["visit_set"] = "visit_set"


@dataclass(frozen=True, slots=True)
class VisitOver:
    """The visit took place (`done`) or was called off."""

    done: bool
    kind: Literal["visit_over"] = "visit_over"


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing reaches the citizen any more. The ticket stays: they may have left a number."""

    kind: Literal["unreachable"] = "unreachable"


@dataclass(frozen=True, slots=True)
class Close:
    """Done, or nothing more can be done."""

    outcome: TicketOutcome
    kind: Literal["closed"] = "closed"


@dataclass(frozen=True, slots=True)
class Cancel:
    """The citizen does not need it any more."""

    kind: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True)
class Reopen:
    """The citizen says that it is not done. `member_id`: who had it takes it again."""

    member_id: int | None = None
    kind: Literal["reopened"] = "reopened"


AnyMove = (
    Claim
    | PassTo
    | Move
    | GiveBack
    | Nudge
    | Overdue
    | HelperSaid
    | CitizenSaid
    | VisitSet
    | VisitOver
    | Unreachable
    | Close
    | Cancel
    | Reopen
)

_W, _C = TicketStatus.WAITING, TicketStatus.CLAIMED
_ENDED = (TicketStatus.CLOSED, TicketStatus.CANCELLED)

#: From which statuses each move is allowed.
ALLOWED: dict[type[AnyMove], tuple[TicketStatus, ...]] = {
    Claim: (_W,),
    PassTo: (_W, _C),
    Move: (_W, _C),
    GiveBack: (_C,),
    Nudge: (_C,),
    Overdue: (_W,),
    HelperSaid: (_C,),
    CitizenSaid: (_W, _C),
    VisitSet: (_C,),
    VisitOver: (_C,),
    Unreachable: (_W, _C),
    Close: (_W, _C),
    Cancel: (_W, _C),
    Reopen: _ENDED,
}


def opened(urgent: bool, rung: Rung, team_id: int | None, time: Timekeeper) -> Standing:
    """A new ticket that waits for a team."""
    due = time.due(DueKind.CLAIM, rung, team_id, urgent=urgent)
    return checked(Standing(_W, urgent, rung, team_id, due))


def may(standing: Standing, move: AnyMove, time: Timekeeper) -> bool:
    """Whether `apply` would take this move."""
    if standing.status not in ALLOWED[type(move)]:
        return False
    match move:
        case Claim():
            return (move.member_id is None) is not (move.staff_id is None)
        case VisitOver():
            return standing.visit_at is not None
        case VisitSet():
            return move.at > time.now
        case Reopen():
            ended = standing.closed_at
            return ended is not None and time.now - ended <= time.rules.reopen
    return True


def apply(standing: Standing, move: AnyMove, time: Timekeeper) -> Standing:
    """The standing after a move. IllegalMove when it is not allowed now."""
    if not may(standing, move, time):
        raise IllegalMove(f"a {standing.status} ticket cannot be {move.kind}")
    return checked(_apply(standing, move, time))


def _apply(old: Standing, move: AnyMove, time: Timekeeper) -> Standing:
    match move:
        case Claim():
            taken = _held(old, move.member_id, move.staff_id, time)
            return replace(taken, due=_for_holder(taken, time))
        case PassTo():
            moved = replace(old, rung=move.rung, team_id=move.team_id)
            taken = _held(moved, move.member_id, None, time)
            return replace(taken, due=_due(taken, DueKind.FIRST_REPLY, time))
        case Move():
            return _waiting(replace(old, rung=move.rung, team_id=move.team_id), time)
        case GiveBack():
            return _waiting(old, time)
        case Nudge():
            kind = old.due.kind if old.due else DueKind.RESOLVE
            due = time.nudged(kind, old.rung, old.team_id, urgent=old.urgent)
            return replace(old, missed=old.missed + 1, due=due)
        case Overdue():
            return replace(old, missed=old.missed + 1, due=_due(old, DueKind.CLAIM, time))
        case Close():
            return _ended(old, TicketStatus.CLOSED, move.outcome, time)
        case Cancel():
            return _ended(old, TicketStatus.CANCELLED, None, time)
        case Reopen():
            return _reopened(old, move, time)
    return _talk(old, move, time)


def _talk(old: Standing, move: AnyMove, time: Timekeeper) -> Standing:
    """The moves that change neither status nor place."""
    match move:
        case HelperSaid():
            return _heard(replace(old, first_reply_at=old.first_reply_at or time.now), time)
        case CitizenSaid():
            return _asked(replace(old, unreachable_at=None), time)
        case VisitSet():
            first = old.first_reply_at or time.now
            return _heard(replace(old, visit_at=move.at, first_reply_at=first), time)
        case VisitOver():
            return _heard(replace(old, visit_at=None), time)
    return replace(old, unreachable_at=old.unreachable_at or time.now)


def _held(old: Standing, member_id: int | None, staff_id: int | None, time: Timekeeper) -> Standing:
    return replace(
        old,
        status=_C,
        member_id=member_id,
        staff_id=staff_id,
        claimed_at=time.now,
        visit_at=None,
        missed=0,
    )


def _for_holder(taken: Standing, time: Timekeeper) -> Deadline:
    """A new holder speaks first; to whoever spoke with a helper before it is the next reply."""
    return _due(taken, DueKind.REPLY if taken.first_reply_at else DueKind.FIRST_REPLY, time)


def _waiting(old: Standing, time: Timekeeper) -> Standing:
    free = replace(old, status=_W, member_id=None, staff_id=None, visit_at=None, missed=0)
    return replace(free, due=_due(free, DueKind.CLAIM, time))


def _heard(old: Standing, time: Timekeeper) -> Standing:
    """Something was heard of the helper: until the visit, or until it is done."""
    visit = time.visit(old.visit_at) if old.visit_at is not None else None
    if visit is not None and visit.at > time.now:
        return replace(old, missed=0, due=visit)
    return replace(old, missed=0, due=_due(old, DueKind.RESOLVE, time))


def _asked(old: Standing, time: Timekeeper) -> Standing:
    """The citizen waits for an answer, from the first of several lines on."""
    if old.due is None or old.due.kind not in (DueKind.RESOLVE, DueKind.VISIT):
        return old
    due = _due(old, DueKind.REPLY, time)
    return replace(old, due=due if due.at < old.due.at else old.due)


def _ended(
    old: Standing, status: TicketStatus, outcome: TicketOutcome | None, time: Timekeeper
) -> Standing:
    return replace(old, status=status, outcome=outcome, closed_at=time.now, visit_at=None, due=None)


def _reopened(old: Standing, move: Reopen, time: Timekeeper) -> Standing:
    open_again = replace(old, closed_at=None, outcome=None)
    if move.member_id is None:
        return _waiting(open_again, time)
    taken = _held(open_again, move.member_id, None, time)
    return replace(taken, due=_due(taken, DueKind.REPLY, time))


def _due(standing: Standing, kind: DueKind, time: Timekeeper) -> Deadline:
    return time.due(kind, standing.rung, standing.team_id, urgent=standing.urgent)


# The invariant ----------------------------------------------------------------------------------


def check_invariant(standing: Standing) -> tuple[str, ...]:
    """What is wrong with a standing; empty when nothing is.

    An open ticket has a deadline and an owner: a team, or on the last rung the province's staff,
    who see every ticket at their console. A claimed one has exactly one holder.
    """
    wrong: list[str] = []
    if standing.status.open:
        if standing.due is None:
            wrong.append("open without a deadline")
        if standing.team_id is None and standing.rung is not Rung.PROVINCE:
            wrong.append("open without an owner")
    elif standing.due is not None:
        wrong.append("ended with a deadline")
    holders = (standing.member_id is not None) + (standing.staff_id is not None)
    if standing.status is _C and (holders != 1 or standing.claimed_at is None):
        wrong.append(f"claimed by {holders}")
    if standing.status is _W and holders:
        wrong.append("waiting with a holder")
    if standing.status in _ENDED and standing.closed_at is None:
        wrong.append("ended at no time")
    return tuple(wrong)


def checked(standing: Standing) -> Standing:
    """The same standing. InvariantBroken when something is wrong with it."""
    wrong = check_invariant(standing)
    if wrong:
        raise InvariantBroken("; ".join(wrong))
    return standing


def refreshed(standing: Standing, time: Timekeeper) -> Standing:
    """The same with a deadline no later than one that begins now: for a clock that was set back."""
    due = standing.due
    if due is None or due.kind is DueKind.VISIT:
        return standing
    fresh = _due(standing, due.kind, time)
    return replace(standing, due=fresh) if fresh.at < due.at else standing
