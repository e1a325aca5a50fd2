"""Moving tickets in one transaction: each move locks the ticket, is written to the event log, and
those it concerns are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.domain import events as ev
from bot.domain.tickets import Rung, Standing, TicketStatus, TicketView
from bot.handoff.ladder import Lookup, Place, find_place
from bot.handoff.moves import AnyMove, Move, VisitOver, apply, may
from bot.services.directory import Directory
from bot.services.plan import Plan
from bot.services.telling import Teller
from bot.store import standings, ticket_events, tickets, visits
from bot.store.crypto import Vault
from bot.store.ticket_events import SYSTEM, Actor, ActorKind, TicketEvent


class Mover:
    """Moves of tickets. `dedupe` names the act that causes them."""

    def __init__(
        self, connection: Connection, vault: Vault, now: datetime, dedupe: str, plan: Plan
    ) -> None:
        self._c = connection
        self._vault = vault
        self.now = now
        self.directory = Directory(connection, plan, now)
        self.time = self.directory.time
        self.tell = Teller(connection, vault, now, dedupe, self.directory)

    # Reading.

    def locked(self, ticket_id: int) -> Standing | None:
        """Where a ticket stands, locked until this transaction ends."""
        return standings.load(self._c, ticket_id, lock=True)

    def view(self, ticket_id: int) -> TicketView | None:
        """The ticket as people see it."""
        return tickets.find(self._c, self._vault, ticket_id)

    def lookup(
        self, ticket: TicketView, *, also: int | None = None, without: int | None = None
    ) -> Lookup:
        """Who could take this ticket now."""
        return self.directory.lookup(
            ticket.locality,
            urgent=ticket.urgent,
            language=ticket.language,
            also=also,
            without=without,
        )

    # Writing.

    def apply(
        self,
        ticket_id: int,
        before: Standing,
        move: AnyMove,
        actor: Actor = SYSTEM,
        **data: object,
    ) -> Standing:
        """Make a move of a ticket that is locked. IllegalMove when it is not allowed."""
        after = apply(before, move, self.time)
        standings.save(self._c, ticket_id, after)
        if before.visit_at is not None and after.visit_at is None and not _visited(move):
            visits.cancel(self._c, ticket_id, self.now)
        self.note(ticket_id, move.kind, after, actor, **_change(before, after), **data)
        return after

    def attempt(
        self, ticket_id: int, move: AnyMove, actor: Actor | None = None, **data: object
    ) -> tuple[Standing, Standing] | None:
        """Make a move where it is allowed: (before, after), None where it is not.

        Without `actor` it is whoever holds the ticket.
        """
        before = self.locked(ticket_id)
        if before is None or not may(before, move, self.time):
            return None
        return before, self.apply(ticket_id, before, move, actor or holder_of(before), **data)

    def note(
        self, ticket_id: int, kind: str, standing: Standing, actor: Actor, **data: object
    ) -> None:
        """Append to the event log."""
        event = TicketEvent(self.now, kind, actor, standing.rung, data)
        ticket_events.add(self._c, self._vault, ticket_id, event)

    # Going somewhere.

    def go(
        self,
        ticket: TicketView,
        before: Standing,
        move: Move,
        place: Place,
        actor: Actor = SYSTEM,
    ) -> Standing:
        """Send a ticket to a place: the citizen, those it leaves and those it reaches are told."""
        skipped = [rung.value for rung in place.skipped]
        after = self.apply(ticket.id, before, move, actor, why=move.why, skipped=skipped)
        name = self.team_name(after.team_id)
        if after.team_id != before.team_id:
            self._leave(ticket, before, move, name)
            self.tell.chat(ticket.chat_id, ev.TicketMoved(ticket.id, name, move.why))
        elif before.status is TicketStatus.WAITING:
            self.tell.chat(ticket.chat_id, ev.TicketOverdue(ticket.id))
        else:
            # Whoever held it is gone, the team is the same: the citizen must know that they wait.
            self.tell.chat(ticket.chat_id, ev.TicketMoved(ticket.id, name, move.why))
        self.arrive(ticket.id, after, call_sheet=place.call_sheet)
        return after

    def arrive(self, ticket_id: int, standing: Standing, *, call_sheet: bool = False) -> None:
        """A ticket waits for a team: show it the card, and the call sheet where nobody reads."""
        self.tell.team(standing, ev.CardDue(ticket_id))
        if call_sheet:
            self.tell.group(standing.team_id, ev.CallSheetDue(ticket_id))
            self.note(ticket_id, "call_sheet", standing, SYSTEM, team_id=standing.team_id)

    def place_again(
        self, ticket: TicketView, before: Standing, start: Rung, without: int | None = None
    ) -> Place:
        """Where a ticket goes that must be placed anew, from the rung `start` up."""
        lookup = self.lookup(ticket, also=before.team_id, without=without)
        return find_place(lookup, start, before.team_id)

    def team_name(self, team_id: int | None) -> str:
        """A team's name, "" for the province's staff."""
        team = self.directory.team(team_id)
        return team.name if team else ""

    def _leave(self, ticket: TicketView, before: Standing, move: Move, name: str) -> None:
        if move.why == "late":
            # Whoever missed it is told, also where there is no group.
            self.tell.team(before, ev.CardChanged(ticket.id, "late", name))
        else:
            self.tell.group(before.team_id, ev.CardChanged(ticket.id, "moved", name))
        if move.why == "silent" and before.due is not None:
            missed = ev.DeadlineMissed(ticket.id, before.due.kind, taken=True)
            self.tell.member(before.member_id, missed)


def _visited(move: AnyMove) -> bool:
    return isinstance(move, VisitOver) and move.done


def holder_of(standing: Standing) -> Actor:
    """Whoever holds a ticket, as the event log names them."""
    if standing.member_id is not None:
        return Actor(ActorKind.MEMBER, standing.member_id)
    if standing.staff_id is not None:
        return Actor(ActorKind.STAFF, standing.staff_id)
    return SYSTEM


def _change(before: Standing, after: Standing) -> dict[str, object]:
    """What a move changed of owner, holder and deadline."""
    found: dict[str, object] = {}
    for name in ("team_id", "member_id", "staff_id"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found |= {f"from_{name}": old, name: new}
    if after.rung is not before.rung:
        found["from_rung"] = before.rung.value
    if after.due is not None and after.due != before.due:
        found |= {"due": after.due.at.isoformat(), "due_kind": after.due.kind.value}
    if before.due is not None:
        found["was_due"] = before.due.at.isoformat()
    return found
