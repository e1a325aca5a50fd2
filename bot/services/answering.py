"""Taking, answering and closing a ticket on a page: the console's and the helpers' alike.

Each function runs inside a transaction its caller opened; `wake` of what it returns is for after
the commit.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from bot.domain.tickets import ClaimResult, TicketStatus, TicketView
from bot.safety.masking import asks_for_secret, mask
from bot.services.handoff import Desk, Said
from bot.services.helping import Helping
from bot.services.plan import Plan
from bot.store import tickets
from bot.store.acts import done_before
from bot.store.crypto import Vault


class Did(StrEnum):
    """What came of an act."""

    CLAIMED = "claimed"
    SENT = "sent"
    MASKED = "masked"
    ASKED = "asked"
    CLOSED = "closed"
    TAKEN = "taken"
    GONE = "gone"
    NO_CHAT = "no_chat"
    GIVEN_BACK = "given_back"
    PASSED = "passed"
    CALLED = "called"
    VISIT_SET = "visit_set"
    VISIT_OFF = "visit_off"
    REMINDED = "reminded"
    #: It cannot be done as things are now; nothing was changed.
    UNABLE = "unable"


@dataclass(frozen=True, slots=True)
class Act:
    """`by` is whoever has the ticket, when it was TAKEN."""

    did: Did
    by: str = ""
    wake: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Helper:
    """Who acts: a team's member, or somebody of the staff. `name` is what tickets show of them."""

    id: int
    name: str
    staff: bool

    def holds(self, ticket: TicketView) -> bool:
        """Whether the ticket is in this person's hands."""
        if ticket.status is not TicketStatus.CLAIMED:
            return False
        if self.staff:
            # Staff names are unique, and a ticket has one holder of either kind.
            return ticket.claimed_by is None and ticket.helper == self.name
        return ticket.claimed_by == self.id


class Answering:
    """One person's acts on one ticket in one transaction."""

    def __init__(
        self, connection: Connection, vault: Vault, now: datetime, helper: Helper, plan: Plan
    ) -> None:
        self._c = connection
        self._vault = vault
        self._now = now
        self._helper = helper
        self._plan = plan

    def claim(self, ticket_id: int) -> Act:
        """*Nhận*: exactly one person gets it; everybody else is told who."""
        desk = self._desk(self._unique())
        return self._claim(desk, ticket_id) or self._act(Did.CLAIMED, desk)

    def reply(self, ticket_id: int, text: str, nonce: str) -> Act:
        """Send a text to the citizen, taking the ticket first when nobody has it.

        The same text with the same nonce (a form sent twice) is sent once and looks the same to
        the sender. Another text is another message even with an old nonce: a form can be shown
        again by the browser's *back*.
        """
        ticket = tickets.find(self._c, self._vault, ticket_id, lock=True)
        if ticket is None:
            return Act(Did.GONE)
        act = f"page:{self._who()}:{ticket_id}:{nonce}:{_short(text)}"
        if done_before(self._c, f"{act}:1"):
            return Act(_said(Said(bool(mask(text).kinds), asks_for_secret(text))))
        if ticket.status.open and not ticket.chat_id:
            return Act(Did.NO_CHAT)
        desk = self._desk(act)
        lost = self._claim(desk, ticket_id)
        if lost is not None:
            return lost
        said = desk.say_to_citizen(self._now_held(ticket_id), text)
        return self._act(_said(said), desk)

    def close(self, ticket_id: int) -> Act:
        """*Xong*: only by whoever holds it."""
        ticket = tickets.find(self._c, self._vault, ticket_id, lock=True)
        if ticket is None or not ticket.status.open:
            return Act(Did.GONE)
        if not self._helper.holds(ticket):
            return Act(Did.TAKEN, ticket.helper)
        desk = self._desk(self._unique())
        desk.close(ticket)
        return self._act(Did.CLOSED, desk)

    def _claim(self, desk: Desk, ticket_id: int) -> Act | None:
        """None when the ticket is in our hands now."""
        take = desk.claim_for_staff if self._helper.staff else desk.claim
        match take(ticket_id, self._helper.id):
            case ClaimResult.TAKEN:
                return Act(Did.TAKEN, self._now_held(ticket_id).helper)
            case ClaimResult.GONE:
                return Act(Did.GONE)
        return None

    def _now_held(self, ticket_id: int) -> TicketView:
        ticket = tickets.find(self._c, self._vault, ticket_id)
        assert ticket is not None, "a ticket that was just claimed exists"
        return ticket

    def _desk(self, act: str) -> Helping:
        return Helping(self._c, self._vault, self._now, act, self._plan)

    def _unique(self) -> str:
        return f"page:{secrets.token_hex(8)}"

    def _who(self) -> str:
        return f"{'s' if self._helper.staff else 'm'}{self._helper.id}"

    @staticmethod
    def _act(did: Did, desk: Desk) -> Act:
        return Act(did, wake=frozenset(desk.wake))


def _said(said: Said) -> Did:
    if said.asked:
        return Did.ASKED
    return Did.MASKED if said.masked else Did.SENT


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
