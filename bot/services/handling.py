"""What a member does on their page with a ticket they hold, besides answering and closing it.

As `Answering`: inside a transaction its caller opened, `wake` for after the commit. An act sent
twice is done once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from bot.dialogue.helper_show import guide_of, step_line
from bot.domain.tickets import TicketOutcome, TicketStatus, TicketView
from bot.guides.content import Content
from bot.services.answering import Act, Answering, Did
from bot.services.helping import Helping
from bot.store import tickets
from bot.store.acts import done_before


class Handling(Answering):
    """One member's further acts in one transaction."""

    def finish(self, ticket_id: int, outcome: TicketOutcome, minutes: int | None) -> Act:
        """*Xong* with what came of it."""
        return self._holding(
            ticket_id,
            Did.CLOSED,
            lambda desk, ticket: desk.close(ticket, outcome=outcome, minutes=minutes),
        )

    def finish_all(self, ticket_ids: Sequence[int], outcome: TicketOutcome) -> tuple[Act, ...]:
        """*Xong* for several at once; one that cannot be closed stops no other."""
        return tuple(self.finish(ticket_id, outcome, None) for ticket_id in ticket_ids)

    def give_back(self, ticket_id: int, note: str) -> Act:
        """*Trả lại*."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            desk.remark(ticket, note)
            return desk.give_back(ticket.id)

        return self._holding(ticket_id, Did.GIVEN_BACK, do)

    def climb(self, ticket_id: int, note: str) -> Act:
        """*Chuyển* up the ladder."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            if ticket.rung.above is None:
                return False
            desk.remark(ticket, note)
            return desk.climb(ticket.id)

        return self._holding(ticket_id, Did.PASSED, do)

    def pass_to(self, ticket_id: int, member_id: int) -> Act:
        """*Chuyển* to a colleague; UNABLE when they could not take it now."""
        return self._holding(
            ticket_id, Did.PASSED, lambda desk, ticket: desk.to_member(ticket.id, member_id)
        )

    def call(self, ticket_id: int, result: Literal["tried", "spoke", "no_answer"]) -> Act:
        """*Gọi lại*, as it went. The same twice in a minute is one call."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            desk.note_call(ticket.id, result)
            return True

        return self._holding(ticket_id, Did.CALLED, do)

    def set_visit(self, ticket_id: int, at: datetime) -> Act:
        """*Hẹn tới nhà*."""

        def do(desk: Helping, ticket: TicketView) -> bool:
            return ticket.visit_at == at or desk.set_visit(ticket.id, at)

        return self._holding(ticket_id, Did.VISIT_SET, do)

    def drop_visit(self, ticket_id: int) -> Act:
        """The visit is off."""
        return self._holding(
            ticket_id,
            Did.VISIT_OFF,
            lambda desk, ticket: ticket.visit_at is None or desk.call_off_visit(ticket.id),
        )

    def resend(self, ticket_id: int) -> Act:
        """Send again what was given up."""
        return self._holding(ticket_id, Did.SENT, lambda desk, ticket: desk.resend(ticket) >= 0)

    def canned(self, ticket_id: int, content: Content, name: str, nonce: str) -> Act:
        """A canned reply; one form's once."""
        reply = next((each for each in content.canned if each.id == name), None)
        if reply is None:
            return Act(Did.UNABLE)
        text = reply.text

        def do(desk: Helping, ticket: TicketView) -> bool:
            desk.say_to_citizen(ticket, text, ours=True)
            return True

        return self._once(ticket_id, f"{nonce}:mau:{name}", do)

    def step(self, ticket_id: int, content: Content, guide_id: str, step: int, nonce: str) -> Act:
        """A step (from 0) of a guide, for the citizen; one form's once."""
        ticket = tickets.find(self._c, self._vault, ticket_id)
        own = guide_of(content, ticket) if ticket else None
        choice = own[1] if own and own[0].id == guide_id else ""
        guide = content.guides.get(guide_id)
        if guide is None or not 0 <= step < len(guide.for_choice(choice).steps):
            return Act(Did.UNABLE)
        line = step_line(content.phrases, guide, choice, step)

        def do(desk: Helping, ticket: TicketView) -> bool:
            desk.show_step(ticket, guide_id, choice, step, line)
            return True

        return self._once(ticket_id, f"{nonce}:{guide_id}:{step}", do)

    def _once(self, ticket_id: int, name: str, do: Callable[[Helping, TicketView], bool]) -> Act:
        short = hashlib.sha256(name.encode()).hexdigest()[:24]
        act = f"page:{self._who()}:{ticket_id}:{short}"
        if done_before(self._c, f"{act}:1"):
            return Act(Did.SENT)
        return self._holding(ticket_id, Did.SENT, do, act)

    def _holding(
        self,
        ticket_id: int,
        did: Did,
        do: Callable[[Helping, TicketView], bool],
        act: str = "",
    ) -> Act:
        """Do it if the ticket is in our hands."""
        ticket = tickets.find(self._c, self._vault, ticket_id, lock=True)
        if ticket is None or not ticket.status.open:
            return Act(Did.GONE)
        if ticket.status is not TicketStatus.CLAIMED or not self._helper.holds(ticket):
            return Act(Did.TAKEN, ticket.helper)
        desk = self._desk(act or self._unique())
        return self._act(did, desk) if do(desk, ticket) else Act(Did.UNABLE)
