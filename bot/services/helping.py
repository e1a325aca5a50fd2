"""What a helper does for a citizen besides talking and handing on: calling, showing a step, sending
again what did not arrive. In one transaction, as `Desk`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from bot.domain import events as ev
from bot.domain.tickets import TicketStatus, TicketView
from bot.handoff.moves import HelperSaid
from bot.safety.masking import mask
from bot.services.moving import holder_of
from bot.services.passing import Passing
from bot.store import relay_lines, ticket_events, tickets, visits

NO_ANSWER = "no_answer"
#: What the event log calls them.
_CALLS = {"tried": "call_tried", "spoke": "called", "no_answer": NO_ANSWER}
#: A button pressed twice is one call.
_SAME_CALL = timedelta(minutes=1)


class Helping(Passing):
    """Still more operations on tickets in one transaction."""

    def note_call(self, ticket_id: int, result: Literal["tried", "spoke", "no_answer"]) -> bool:
        """The helper looked at the number, spoke with the citizen, or nobody answered. With either
        of the last two they were active; a citizen who did not answer is told that they were
        called. False when it is not in anybody's hands, or was noted just now."""
        kind = _CALLS[result]
        ticket, before = self._both(ticket_id)
        if ticket is None or before is None or before.status is not TicketStatus.CLAIMED:
            return False
        if ticket_events.count(self._c, ticket_id, kind, self._now - _SAME_CALL):
            return False
        moved = self.mover.attempt(ticket_id, HelperSaid()) if result != "tried" else None
        self.mover.note(ticket_id, kind, moved[1] if moved else before, holder_of(before))
        if result == "no_answer":
            self._tell.chat(ticket.chat_id, ev.CallMissed(ticket_id, ticket.helper))
        return True

    def show_step(
        self, ticket: TicketView, guide_id: str, choice: str, step: int, title: str
    ) -> None:
        """Put a step of a guide into the citizen's chat as from the helper."""
        line = self._line(ticket, title)
        self.mover.attempt(ticket.id, HelperSaid())
        shown = ev.HelperShowed(ticket.id, ticket.helper, guide_id, choice, step, line)
        self._tell.chat(ticket.chat_id, shown)

    def resend(self, ticket: TicketView) -> int:
        """Send the lines again that were given up; returns how many."""
        given_up = relay_lines.take_given_up(self._c, ticket.id)
        for line, payload in given_up:
            text = self._vault.open(payload, tickets.LINE).decode()
            self._tell.chat(ticket.chat_id, ev.HelperSaid(ticket.id, ticket.helper, text, line))
        return len(given_up)

    def remark(self, ticket: TicketView, text: str, by: str = "") -> None:
        """A word on why a ticket is handed on, for whoever comes next. It is masked here. `by`:
        not the ticket's holder."""
        if text.strip():
            name = by or ticket.helper
            note = f"{name}: {mask(text).text}"
            tickets.add_line(self._c, self._vault, ticket.id, "system", name, note, self._now)

    def visited_now(self, ticket: TicketView, minutes: int | None) -> bool:
        """A visit took place, agreed before or not, and the ticket goes on."""
        if ticket.visit_at is not None:
            return self.visited(ticket.id, minutes)
        moved = self.mover.attempt(ticket.id, HelperSaid(), visited=True, minutes=minutes)
        if moved is None:
            return False
        visits.add(self._c, ticket.id, ticket.claimed_by, self._now, self._now)
        visits.done(self._c, ticket.id, self._now, minutes)
        return True

    def _line(self, ticket: TicketView, text: str) -> int:
        return tickets.add_line(
            self._c, self._vault, ticket.id, "helper", ticket.helper, text, self._now
        )
