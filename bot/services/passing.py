"""What a helper does with a ticket besides talking: hand it on, give it back, agree on a visit; and
what a citizen does with one that was closed. In one transaction, as `Desk`.
"""

from __future__ import annotations

from datetime import datetime

from bot.domain import events as ev
from bot.domain.tickets import Standing, TicketStatus, TicketView
from bot.handoff.ladder import Place, find_place
from bot.handoff.moves import (
    GiveBack,
    Move,
    PassTo,
    Reopen,
    VisitOver,
    VisitSet,
    Why,
    may,
)
from bot.services.handoff import Desk
from bot.services.moving import holder_of
from bot.store import reach, standings, visits
from bot.store.ticket_events import CITIZEN, SYSTEM, Actor


class Passing(Desk):
    """More operations on tickets in one transaction. Each answers whether it was done: it is not
    when the ticket is in another status by now, or in other hands."""

    # Handing on.

    def to_member(self, ticket_id: int, member_id: int, actor: Actor | None = None) -> bool:
        """*Chuyển* to somebody who could take it now; nobody is given work while away or full."""
        team = self.mover.directory.team(reach.team_of(self._c, member_id))
        ticket, before = self._both(ticket_id)
        if ticket is None or before is None or team is None:
            return False
        move = PassTo(member_id, team.id, team.rung)
        people = self.mover.directory.people(team.id, team.rung, urgent=before.urgent)
        if member_id not in people or not may(before, move, self.mover.time):
            return False
        self.mover.apply(ticket_id, before, move, actor or holder_of(before))
        self._passed(ticket, before, member_id)
        return True

    def _passed(self, ticket: TicketView, before: Standing, member_id: int) -> None:
        if before.member_id not in (None, member_id):
            self._tell.member(before.member_id, ev.TicketGone(ticket.id))
        after = self.mover.view(ticket.id)
        helper = after.helper if after else ""
        self._tell.chat(ticket.chat_id, ev.TicketClaimed(ticket.id, helper))
        self._tell.holder(ticket.id, ev.ClaimConfirmed(ticket.id))
        for team in {before.team_id, after.team_id if after else None}:
            self._tell.group(team, ev.CardChanged(ticket.id, "claimed", helper))

    def to_team(self, ticket_id: int, team_id: int, actor: Actor | None = None) -> bool:
        """*Chuyển* to a team, where it waits to be taken."""
        team = self.mover.directory.team(team_id)
        ticket, before = self._both(ticket_id)
        if ticket is None or before is None or team is None or not team.active:
            return False
        if team_id == before.team_id:
            return False
        return self._go(ticket, before, Place(team.rung, team_id), "by_hand", actor)

    def climb(self, ticket_id: int, actor: Actor | None = None) -> bool:
        """Up the ladder by hand: this is more than the team can do."""
        ticket, before = self._both(ticket_id)
        above = before.rung.above if before else None
        if ticket is None or before is None or above is None:
            return False
        place = self.mover.place_again(ticket, before, above)
        return self._go(ticket, before, place, "by_hand", actor)

    def give_back(self, ticket_id: int, actor: Actor | None = None) -> bool:
        """*Trả lại*: it waits for the team again, or climbs when nobody else is there."""
        ticket, before = self._both(ticket_id)
        if ticket is None or before is None or before.status is not TicketStatus.CLAIMED:
            return False
        place = self.mover.place_again(ticket, before, before.rung, without=before.member_id)
        if (place.rung, place.team_id) != (before.rung, before.team_id):
            return self._go(ticket, before, place, "by_hand", actor)
        after = self.mover.apply(ticket_id, before, GiveBack(), actor or holder_of(before))
        self._tell.chat(ticket.chat_id, ev.TicketMoved(ticket_id, ticket.team_name, "by_hand"))
        self._tell.group(before.team_id, ev.CardChanged(ticket_id, "given_back", ticket.helper))
        self.mover.arrive(ticket_id, after, call_sheet=place.call_sheet)
        return True

    def member_gone(self, member_id: int) -> int:
        """A member was removed: every ticket they hold goes on. Returns how many."""
        held = standings.held_by(self._c, member_id)
        return sum(self._away(each, member_id, "removed") for each in held)

    def team_gone(self, team_id: int) -> int:
        """A team is no longer active: what waits for it goes on. Returns how many."""
        waiting = standings.waiting_at(self._c, team_id)
        return sum(self._away(each, None, "removed") for each in waiting)

    def _away(self, ticket_id: int, without: int | None, why: Why) -> bool:
        ticket, before = self._both(ticket_id)
        if ticket is None or before is None or not before.status.open:
            return False
        lookup = self.mover.lookup(ticket, without=without)
        place = find_place(lookup, before.rung, before.team_id)
        return self._go(ticket, before, place, why, SYSTEM)

    def _go(
        self,
        ticket: TicketView,
        before: Standing,
        place: Place,
        why: Why,
        actor: Actor | None,
    ) -> bool:
        move = Move(place.rung, place.team_id, why)
        if not may(before, move, self.mover.time):
            return False
        self.mover.go(ticket, before, move, place, actor or holder_of(before))
        return True

    # Visits.

    def set_visit(self, ticket_id: int, at: datetime) -> bool:
        """*Hẹn tới nhà* at a time that lies ahead; both are reminded. One agreed before is off."""
        moved = self.mover.attempt(ticket_id, VisitSet(at), at=at.isoformat())
        if moved is None:
            return False
        visits.add(self._c, ticket_id, moved[1].member_id, at, self._now)
        self._visit_news(ticket_id, "changed" if moved[0].visit_at else "set", at)
        return True

    def call_off_visit(self, ticket_id: int, actor: Actor | None = None) -> bool:
        """The visit is off; citizen and helper are told."""
        moved = self.mover.attempt(ticket_id, VisitOver(done=False), actor, done=False)
        at = moved[0].visit_at if moved else None
        if at is None:
            return False
        self._visit_news(ticket_id, "off", at)
        return True

    def visited(self, ticket_id: int, minutes: int | None = None) -> bool:
        """The visit took place, and took this long."""
        moved = self.mover.attempt(ticket_id, VisitOver(done=True), done=True, minutes=minutes)
        if moved is None:
            return False
        visits.done(self._c, ticket_id, self._now, minutes)
        return True

    def remind_visit(self, visit: visits.Visit) -> bool:
        """Tell both that a visit is near; once."""
        if not visits.reminded(self._c, visit.id, self._now):
            return False
        standing = self.mover.locked(visit.ticket_id)
        if standing is not None:
            self.mover.note(visit.ticket_id, "visit_reminded", standing, SYSTEM)
        self._visit_news(visit.ticket_id, "soon", visit.at)
        return True

    def _visit_news(self, ticket_id: int, news: ev.VisitWhat, at: datetime) -> None:
        ticket = self.mover.view(ticket_id)
        if ticket is None:
            return
        event = ev.VisitNews(ticket_id, news, at, ticket.helper)
        self._tell.chat(ticket.chat_id, event)
        self._tell.holder(ticket_id, event)

    # After it was closed.

    def reopen(self, ticket_id: int, chat: int) -> bool:
        """The ticket's own citizen says that it is not done: to whoever helped, if they are there.

        Only for some days after it ended (content/handoff.yml).
        """
        ticket, before = self._both(ticket_id)
        if ticket is None or before is None or ticket.chat_id != chat:
            return False
        holder = self._still_there(before)
        if not may(before, Reopen(holder), self.mover.time):
            return False
        after = self.mover.apply(ticket_id, before, Reopen(holder), CITIZEN)
        if holder is None:
            place = self.mover.place_again(ticket, after, before.rung)
            self._reopened_elsewhere(ticket, after, place)
            return True
        self._tell.chat(chat, ev.TicketClaimed(ticket_id, ticket.helper))
        self._tell.holder(ticket_id, ev.TicketReopened(ticket_id))
        self._tell.group(after.team_id, ev.CardChanged(ticket_id, "reopened", ticket.helper))
        return True

    def _still_there(self, before: Standing) -> int | None:
        if before.member_id is None or before.team_id is None:
            return None
        people = self.mover.directory.people(before.team_id, before.rung, urgent=before.urgent)
        return before.member_id if before.member_id in people else None

    def _reopened_elsewhere(self, ticket: TicketView, after: Standing, place: Place) -> None:
        if (place.rung, place.team_id) == (after.rung, after.team_id):
            self.mover.arrive(ticket.id, after, call_sheet=place.call_sheet)
        else:
            self._go(ticket, after, place, "nobody", SYSTEM)

    def _both(self, ticket_id: int) -> tuple[TicketView | None, Standing | None]:
        standing = self.mover.locked(ticket_id)
        return (self.mover.view(ticket_id) if standing else None), standing
