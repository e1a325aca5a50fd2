"""Tickets from every side. Each function runs inside a transaction its caller opened.

`wake` has the chats to wake once that transaction is committed. Conversations (through effects),
the helpers' page, the staff console and the ladder use these same functions, so a claim is a claim
wherever it is pressed, and whatever happens to a ticket stands in its event log.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from bot.domain import events as ev
from bot.domain.effects import OpenTicket
from bot.domain.tickets import (
    ClaimResult,
    Standing,
    TicketOutcome,
    TicketStatus,
    TicketView,
)
from bot.handoff.ladder import find_place
from bot.handoff.moves import (
    Cancel,
    CitizenSaid,
    Claim,
    Close,
    HelperSaid,
    Unreachable,
    opened,
)
from bot.handoff.words import choose_words
from bot.safety.masking import Masked, asks_for_secret, mask
from bot.services.moving import Mover, holder_of
from bot.services.plan import Plan
from bot.store import ticket_contact, tickets, trust_words, visits
from bot.store.crypto import Vault
from bot.store.ticket_events import CITIZEN, SYSTEM, Actor, ActorKind


class Said(NamedTuple):
    """What was noticed in a helper's line: something was covered; it asks for a secret."""

    masked: bool
    asked: bool


class Desk:
    """Operations on tickets in one transaction. `dedupe` names the act that causes them."""

    def __init__(
        self, connection: Connection, vault: Vault, now: datetime, dedupe: str, plan: Plan
    ) -> None:
        self._c = connection
        self._vault = vault
        self._now = now
        self._plan = plan
        self.mover = Mover(connection, vault, now, dedupe, plan)
        self._tell = self.mover.tell

    @property
    def wake(self) -> set[int]:
        """Chats to wake after the commit."""
        return self._tell.wake

    # The citizen.

    def open(self, ticket_id: int, chat: int, effect: OpenTicket) -> None:
        """A citizen asks for a person: the ticket goes to the first rung on which somebody is."""
        wanted = effect.team_id
        lookup = self.mover.directory.lookup(
            effect.locality, urgent=effect.urgent, language=effect.language, also=wanted
        )
        place = find_place(lookup, owner=wanted)
        standing = opened(effect.urgent, place.rung, place.team_id, self.mover.time)
        words = choose_words(
            self._plan.words,
            trust_words.in_use(self._c, self._vault, effect.locality),
            secrets.choice,
        )
        tickets.open_ticket(
            self._c, self._vault, ticket_id, chat, effect, self._now, standing, words
        )
        skipped = [rung.value for rung in place.skipped]
        self.mover.note(ticket_id, "opened", standing, CITIZEN, **_opened(standing, skipped))
        if wanted is not None and place.team_id != wanted:
            # The citizen has just been told the other team's name.
            name = self.mover.team_name(place.team_id)
            self._tell.chat(chat, ev.TicketMoved(ticket_id, name, "nobody"))
        self.mover.arrive(ticket_id, standing, call_sheet=place.call_sheet)

    def say_to_helper(self, ticket_id: int, text: str) -> None:
        """A citizen's line, to the helper's own chat; to the group when that is not open."""
        line = mask(text).text
        tickets.add_line(self._c, self._vault, ticket_id, "citizen", "", line, self._now)
        self.mover.attempt(ticket_id, CitizenSaid(), CITIZEN)
        self._tell.holder(ticket_id, ev.CitizenSaid(ticket_id, line))

    def cancel(self, ticket_id: int) -> None:
        """The citizen does not need it any more."""
        if self.mover.attempt(ticket_id, Cancel(), CITIZEN):
            self._tell_cancelled(ticket_id)

    def erased(self, ticket_id: int) -> None:
        """The citizen erased everything, and with it cancelled this ticket."""
        standing = self.mover.locked(ticket_id)
        if standing is not None:
            self.mover.note(ticket_id, "cancelled", standing, CITIZEN)
        self._tell_cancelled(ticket_id)

    def _tell_cancelled(self, ticket_id: int) -> None:
        self._to_group(ticket_id, ev.CardChanged(ticket_id, "cancelled", ""))
        self._tell.holder(ticket_id, ev.TicketGone(ticket_id))

    def tell_gone(self, ticket_id: int) -> None:
        """What a helper wrote came to nobody."""
        self._tell.holder(ticket_id, ev.TicketGone(ticket_id))

    def rate(self, ticket_id: int, chat: int, stars: int | None, note: str = "") -> None:
        """The rating of the ticket's own citizen; a sentence on it is masked here."""
        standing = self.mover.locked(ticket_id)
        text = mask(note).text
        if standing and ticket_contact.rate(self._c, self._vault, ticket_id, chat, stars, text):
            self.mover.note(ticket_id, "rated", standing, CITIZEN, stars=stars, note=bool(text))

    # The helper.

    def claim(self, ticket_id: int, member_id: int, *, in_group: bool = False) -> ClaimResult:
        """A member takes a ticket; on WON the citizen, the group and the member are told."""
        standing = self.mover.locked(ticket_id)
        result = tickets.claim(self._c, ticket_id, member_id, self._now)
        if result is ClaimResult.WON and standing is not None:
            self._claimed(ticket_id, standing, Claim(member_id=member_id), in_group)
            self._tell.holder(ticket_id, ev.ClaimConfirmed(ticket_id))
        return result

    def claim_for_staff(self, ticket_id: int, staff_id: int) -> ClaimResult:
        """Somebody of the staff takes a ticket."""
        standing = self.mover.locked(ticket_id)
        result = tickets.claim_for_staff(self._c, ticket_id, staff_id, self._now)
        if result is ClaimResult.WON and standing is not None:
            self._claimed(ticket_id, standing, Claim(staff_id=staff_id), False)
        return result

    def _claimed(self, ticket_id: int, before: Standing, move: Claim, in_group: bool) -> None:
        by_member = move.member_id is not None
        actor = Actor(
            ActorKind.MEMBER if by_member else ActorKind.STAFF, move.member_id or move.staff_id
        )
        self.mover.apply(ticket_id, before, move, actor)
        ticket = self.mover.view(ticket_id)
        if ticket is None:
            return
        self._tell.chat(ticket.chat_id, ev.TicketClaimed(ticket_id, ticket.helper))
        if not in_group:
            self._to_group(ticket_id, ev.CardChanged(ticket_id, "claimed", ticket.helper))

    def say_to_citizen(
        self, ticket: TicketView, text: str, *, asks: bool = False, ours: bool = False
    ) -> Said:
        """A helper's line, masked here whatever the caller did.

        `asks`: as typed it asks for a secret (looked at here too); then the citizen is warned with
        it, and the team's lead told. `ours`: one of the canned replies, passed on as it is.
        """
        masked = Masked(text, frozenset()) if ours else mask(text)
        asks = not ours and (asks or asks_for_secret(text))
        line = tickets.add_line(
            self._c, self._vault, ticket.id, "helper", ticket.helper, masked.text, self._now
        )
        # A line that comes after the ticket was closed reaches the citizen all the same.
        self.mover.attempt(ticket.id, HelperSaid())
        said = ev.HelperSaid(ticket.id, ticket.helper, masked.text, line, asks, ours)
        self._tell.chat(ticket.chat_id, said)
        if asks:
            self._alert(ticket)
        return Said(bool(masked.kinds), asks)

    def _alert(self, ticket: TicketView) -> None:
        """Somebody above the helper must know that a message asked for a secret."""
        standing = self.mover.locked(ticket.id)
        if standing is None:
            return
        self.mover.note(ticket.id, "secret_asked", standing, holder_of(standing))
        tickets.add_line(self._c, self._vault, ticket.id, "system", "", "secret_asked", self._now)
        for lead in self.mover.directory.leads(ticket.locality, standing, ticket.claimed_by):
            self._tell.member(lead, ev.SecretAsked(ticket.id, ticket.helper))

    def close(
        self,
        ticket: TicketView,
        *,
        in_group: bool = False,
        outcome: TicketOutcome = TicketOutcome.SOLVED,
        minutes: int | None = None,
        actor: Actor | None = None,
    ) -> bool:
        """The helper says it is done; False when it had ended already. `actor`: not the holder.

        Solved at home, or with the minutes of a visit, there was one, whether agreed before or not.
        """
        standing = self.mover.locked(ticket.id)
        if standing is None or not standing.status.open:
            return False
        if outcome is TicketOutcome.SOLVED_AT_HOME or minutes is not None:
            if not visits.ahead(self._c, ticket.id):
                visits.add(self._c, ticket.id, standing.member_id, self._now, self._now)
            visits.done(self._c, ticket.id, self._now, minutes)
        if not self.mover.attempt(ticket.id, Close(outcome), actor, outcome=outcome.value):
            return False
        self._tell.chat(ticket.chat_id, ev.TicketClosed(ticket.id, ticket.helper))
        if not in_group:
            self._to_group(ticket.id, ev.CardChanged(ticket.id, "closed", ticket.helper))
        return True

    # What the channels find out.

    def citizen_unreachable(self, ticket: TicketView) -> None:
        """The citizen blocked the bot or left."""
        self._tell.holder(ticket.id, ev.PeerUnreachable(ticket.id))
        tickets.add_line(self._c, self._vault, ticket.id, "system", "", "unreachable", self._now)
        self.mover.attempt(ticket.id, Unreachable(), SYSTEM)

    def citizen_elsewhere(self, ticket: TicketView, channel: str, other: str) -> None:
        """The citizen is not reached on one channel, and is told on another one of theirs."""
        self._tell.holder(ticket.id, ev.PeerElsewhere(ticket.id, channel, other))
        tickets.add_line(self._c, self._vault, ticket.id, "system", "", "elsewhere", self._now)

    def team_unreachable(self, ticket_id: int) -> None:
        """The team's group is closed to the bot: nobody there has seen the card."""
        ticket = self.mover.view(ticket_id)
        if ticket is not None and ticket.status is TicketStatus.WAITING:
            self._tell.chat(ticket.chat_id, ev.PeerUnreachable(ticket_id))

    def helper_unreachable(self, ticket: TicketView) -> None:
        """The helper's own chat is closed: say so in the group and to the citizen."""
        self._to_group(ticket.id, ev.HelperUnreachable(ticket.id, ticket.helper))
        self._tell.chat(ticket.chat_id, ev.PeerUnreachable(ticket.id))

    def tell_again(self, ticket: TicketView, member_id: int) -> None:
        """What a member was not reached with, on their other account: the card, or all of it."""
        waits = ticket.status is TicketStatus.WAITING
        self._tell.member(member_id, (ev.CardDue if waits else ev.ClaimConfirmed)(ticket.id))

    def _to_group(self, ticket_id: int, event: ev.InternalEvent) -> None:
        standing = self.mover.locked(ticket_id)
        if standing is not None:
            self._tell.group(standing.team_id, event)


def _opened(standing: Standing, skipped: list[str]) -> dict[str, object]:
    due = standing.due
    return {
        "team_id": standing.team_id,
        "skipped": skipped,
        "due": due.at.isoformat() if due else "",
        "due_kind": due.kind.value if due else "",
    }
