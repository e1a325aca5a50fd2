"""What staff do with any ticket of their places: hand it on, move it up, close it, remind.

As `Answering`: inside a transaction its caller opened, `wake` for after the commit. Unlike a
helper, staff need not hold a ticket; the event log names who did it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from bot.domain import events as ev
from bot.domain.tickets import TicketOutcome, TicketStatus, TicketView
from bot.services.answering import Act, Did
from bot.services.handling import Handling
from bot.services.helping import Helping
from bot.store import ticket_events, tickets
from bot.store.ticket_events import Actor, ActorKind

REMINDED = "reminded"
#: Nobody is reminded of one ticket twice within this time.
_AGAIN = timedelta(minutes=10)


class Steering(Handling):
    """Acts of one of the staff on tickets in one transaction."""

    @property
    def connection(self) -> Connection:
        """The open transaction."""
        return self._c

    def to_member(self, ticket_id: int, member_id: int, note: str = "") -> Act:
        """To a member who could take it now; UNABLE when they are away, off duty or full."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            if not desk.to_member(ticket_id, member_id, self._actor):
                return False
            self._remark(desk, ticket, note)
            return True

        return self._on_open(ticket_id, Did.PASSED, do)

    def to_team(self, ticket_id: int, team_id: int, note: str = "") -> Act:
        """To a team, where it waits; UNABLE for its own team or one that is not active."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            if not desk.to_team(ticket_id, team_id, self._actor):
                return False
            self._remark(desk, ticket, note)
            self._tell_gone(desk, ticket)
            return True

        return self._on_open(ticket_id, Did.PASSED, do)

    def up(self, ticket_id: int, note: str = "") -> Act:
        """To the next rung; UNABLE on the last."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            if not desk.climb(ticket_id, self._actor):
                return False
            self._remark(desk, ticket, note)
            self._tell_gone(desk, ticket)
            return True

        return self._on_open(ticket_id, Did.PASSED, do)

    def back(self, ticket_id: int, note: str = "") -> Act:
        """Back to its team, out of whoever's hands; UNABLE when nobody has it."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            if not desk.give_back(ticket_id, self._actor):
                return False
            self._remark(desk, ticket, note)
            self._tell_gone(desk, ticket)
            return True

        return self._on_open(ticket_id, Did.GIVEN_BACK, do)

    def end(self, ticket_id: int, outcome: TicketOutcome, minutes: int | None = None) -> Act:
        """Close it with what came of it, whoever has it."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            if not desk.close(ticket, outcome=outcome, minutes=minutes, actor=self._actor):
                return False
            self._tell_gone(desk, ticket)
            return True

        return self._on_open(ticket_id, Did.CLOSED, do)

    def remind(self, ticket_id: int) -> Act:
        """Tell whoever has to act on it: its holder, else the team. UNABLE when they were reminded
        just now, or nobody of the team can be told by a message."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            if ticket_events.count(self._c, ticket_id, REMINDED, self._now - _AGAIN):
                return False
            standing = desk.mover.locked(ticket_id)
            if standing is None or standing.due is None:
                return False
            tell = desk.mover.tell
            if ticket.status is TicketStatus.CLAIMED:
                tell.member(standing.member_id, ev.DeadlineMissed(ticket_id, standing.due.kind))
            else:
                tell.team(standing, ev.CardDue(ticket_id))
            if not desk.wake:
                return False
            desk.mover.note(ticket_id, REMINDED, standing, self._actor)
            return True

        return self._on_open(ticket_id, Did.REMINDED, do)

    @property
    def _actor(self) -> Actor:
        return Actor(ActorKind.STAFF, self._helper.id)

    def _on_open(self, ticket_id: int, did: Did, do: Callable[[Helping, TicketView], bool]) -> Act:
        ticket = tickets.find(self._c, self._vault, ticket_id, lock=True)
        if ticket is None or not ticket.status.open:
            return Act(Did.GONE)
        desk = self._desk(self._unique())
        return self._act(did, desk) if do(desk, ticket) else Act(Did.UNABLE)

    def _remark(self, desk: Helping, ticket: TicketView, note: str) -> None:
        desk.remark(ticket, note, by=self._helper.name)

    def _tell_gone(self, desk: Helping, ticket: TicketView) -> None:
        """Whoever had it in their hands must know that it is not theirs any more."""
        desk.mover.tell.member(ticket.claimed_by, ev.TicketGone(ticket.id))
