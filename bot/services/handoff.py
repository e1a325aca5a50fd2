"""Tickets from every side. Each function runs inside a transaction its caller opened.

All return the chats to wake once that transaction is committed. Conversations (through effects),
the helpers' page and the staff console use these same functions, so a claim is a claim wherever
it is pressed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.domain import events as ev
from bot.domain.effects import OpenTicket
from bot.domain.tickets import ClaimResult, TicketStatus, TicketView
from bot.safety.masking import mask
from bot.services.posting import post
from bot.store import inbox, tickets
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey

TELEGRAM = "telegram"


class Desk:
    """Operations on tickets in one transaction. `dedupe` names the act that causes them."""

    def __init__(self, connection: Connection, vault: Vault, now: datetime, dedupe: str) -> None:
        self._c = connection
        self._vault = vault
        self._now = now
        self._dedupe = dedupe
        self._count = 0
        self.wake: set[int] = set()

    # What people do.

    def open(self, ticket_id: int, chat: int, effect: OpenTicket) -> None:
        """A citizen asks for a person."""
        tickets.open_ticket(self._c, self._vault, ticket_id, chat, effect, self._now)
        self._to_group(ticket_id, ev.CardDue(ticket_id))

    def claim(self, ticket_id: int, member_id: int, *, in_group: bool = False) -> ClaimResult:
        """A member takes a ticket; on WON the citizen, the group and the member are told."""
        result = tickets.claim(self._c, ticket_id, member_id, self._now)
        ticket = self._find(ticket_id)
        if result is ClaimResult.WON and ticket is not None:
            self._tell_citizen(ticket, ev.TicketClaimed(ticket_id, ticket.helper))
            self._to_helper(ticket_id, ev.ClaimConfirmed(ticket_id))
            if not in_group:
                self._to_group(ticket_id, ev.CardChanged(ticket_id, "claimed", ticket.helper))
        return result

    def claim_for_staff(self, ticket_id: int, staff_id: int) -> ClaimResult:
        """Somebody of the staff takes a ticket."""
        result = tickets.claim_for_staff(self._c, ticket_id, staff_id, self._now)
        ticket = self._find(ticket_id)
        if result is ClaimResult.WON and ticket is not None:
            self._tell_citizen(ticket, ev.TicketClaimed(ticket_id, ticket.helper))
            self._to_group(ticket_id, ev.CardChanged(ticket_id, "claimed", ticket.helper))
        return result

    def say_to_citizen(self, ticket: TicketView, text: str) -> bool:
        """A helper's line, masked here whatever the caller did. True when something was covered."""
        masked = mask(text)
        tickets.add_line(
            self._c, self._vault, ticket.id, "helper", ticket.helper, masked.text, self._now
        )
        self._tell_citizen(ticket, ev.HelperSaid(ticket.id, ticket.helper, masked.text))
        return bool(masked.kinds)

    def say_to_helper(self, ticket_id: int, text: str) -> None:
        """A citizen's line, to the helper's own chat; to the group when that is not open."""
        line = mask(text).text
        tickets.add_line(self._c, self._vault, ticket_id, "citizen", "", line, self._now)
        self._to_helper(ticket_id, ev.CitizenSaid(ticket_id, line))

    def close(self, ticket: TicketView, *, in_group: bool = False) -> bool:
        """The helper says it is done."""
        if not tickets.end(self._c, ticket.id, TicketStatus.CLOSED, self._now):
            return False
        self._tell_citizen(ticket, ev.TicketClosed(ticket.id, ticket.helper))
        if not in_group:
            self._to_group(ticket.id, ev.CardChanged(ticket.id, "closed", ticket.helper))
        return True

    def cancel(self, ticket_id: int) -> None:
        """The citizen does not need it any more."""
        if tickets.end(self._c, ticket_id, TicketStatus.CANCELLED, self._now):
            self.tell_cancelled(ticket_id)

    def tell_cancelled(self, ticket_id: int) -> None:
        """Group and helper learn that the citizen cancelled or erased."""
        self._to_group(ticket_id, ev.CardChanged(ticket_id, "cancelled", ""))
        self._to_helper(ticket_id, ev.TicketGone(ticket_id))

    def citizen_unreachable(self, ticket: TicketView) -> None:
        """The citizen blocked the bot or left."""
        line = ev.PeerUnreachable(ticket.id)
        self._to_helper(ticket.id, line)
        tickets.add_line(self._c, self._vault, ticket.id, "system", "", "unreachable", self._now)

    def team_unreachable(self, ticket_id: int) -> None:
        """The team's group is closed to the bot: nobody there has seen the card."""
        ticket = self._find(ticket_id)
        if ticket is not None and ticket.status is TicketStatus.WAITING:
            self._tell_citizen(ticket, ev.PeerUnreachable(ticket_id))

    def helper_unreachable(self, ticket: TicketView) -> None:
        """The helper's own chat is closed: say so in the group and to the citizen."""
        self._to_group(ticket.id, ev.HelperUnreachable(ticket.id, ticket.helper))
        self._tell_citizen(ticket, ev.PeerUnreachable(ticket.id))

    # How they are told.

    def _find(self, ticket_id: int) -> TicketView | None:
        return tickets.find(self._c, self._vault, ticket_id)

    def _tell_citizen(self, ticket: TicketView, event: ev.InternalEvent) -> None:
        if ticket.chat_id:
            self._post(ticket.chat_id, event)

    def _to_helper(self, ticket_id: int, event: ev.InternalEvent) -> None:
        telegram_id, _ = tickets.holder_telegram(self._c, ticket_id)
        if telegram_id:
            self._post_to(ChatKey(TELEGRAM, telegram_id), event)

    def _to_group(self, ticket_id: int, event: ev.InternalEvent) -> None:
        group = tickets.team_group(self._c, ticket_id)
        if group:
            self._post_to(ChatKey(TELEGRAM, group, is_group=True), event)

    def _post(self, chat: int, event: ev.InternalEvent) -> None:
        if isinstance(event, ev.PeerUnreachable) and not inbox.reachable(self._c, chat):
            # Both sides are gone: telling each of the other would go round for ever.
            return
        post(self._c, self._vault, chat, ev.Envelope(event), self._next(), self._now)
        self.wake.add(chat)

    def _post_to(self, key: ChatKey, event: ev.InternalEvent) -> None:
        self._post(inbox.chat_id(self._c, key, self._now), event)

    def _next(self) -> str:
        self._count += 1
        return f"{self._dedupe}:{self._count}"
