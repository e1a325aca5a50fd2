"""A chat takes no messages, for now or for good: what waits is kept, given up, or said in another
chat of the same person, and whoever waits on them is told. Each in a transaction its caller opened;
all return the chats to wake.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.tickets import TicketView
from bot.services.elsewhere import Carried, carry
from bot.services.handoff import Desk
from bot.services.runtime import Runtime
from bot.services.unreached import member_unreached
from bot.store import inbox, linking, outbox, tickets, windows
from bot.store.inbox import ChatKey
from bot.store.outbox import Claim


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What is done about it."""

    runtime: Runtime

    def left(self, connection: Connection, key: ChatKey, dedupe: str) -> set[int]:
        """The platform says that this person has left."""
        chat = inbox.find_chat(connection, key)
        if chat is None or not inbox.reachable(connection, chat):
            return set()
        return self._gone(connection, chat, key, dedupe)

    def unreachable(self, connection: Connection, claim: Claim) -> set[int]:
        """They have blocked us."""
        return self._gone(connection, claim.chat_id, claim.key, f"u{claim.rows[0].id}")

    def _gone(self, connection: Connection, chat: int, key: ChatKey, dedupe: str) -> set[int]:
        carried = self._carry(connection, chat, key, pages=True)
        about = outbox.unreachable(connection, chat, self.runtime.now())
        return self._tell(connection, chat, key, dedupe, about, carried)

    def window_closed(
        self, connection: Connection, claim: Claim, seen: datetime | None
    ) -> set[int]:
        """Nothing more may leave until the person writes. `seen` as in `windows.hold`."""
        now = self.runtime.now()
        held = windows.hold(connection, claim, seen, now)
        if held is None:
            return set()
        carried = self._carry(connection, claim.chat_id, claim.key, pages=False)
        dedupe = f"w{claim.rows[0].id}:{now.timestamp():.0f}"
        return self._tell(connection, claim.chat_id, claim.key, dedupe, held, carried)

    def failing(self, connection: Connection, claim: Claim) -> set[int]:
        """The platform takes nothing: what matters goes to another chat of the person, if there is
        one; the rest goes on as if nothing had been."""
        carried = self._carry(connection, claim.chat_id, claim.key, pages=False)
        if carried is None or not carried.messages:
            return set()
        dedupe = f"e{claim.rows[0].id}"
        return self._tell(connection, claim.chat_id, claim.key, dedupe, set(), carried)

    def _carry(
        self, connection: Connection, chat: int, key: ChatKey, *, pages: bool
    ) -> Carried | None:
        now = self.runtime.now()
        return carry(connection, self.runtime.vault, chat, key, now, pages=pages)

    def _tell(
        self,
        connection: Connection,
        chat: int,
        key: ChatKey,
        dedupe: str,
        about: set[int],
        carried: Carried | None,
    ) -> set[int]:
        """Tell whoever waits on this chat; `about` are the tickets that its messages were on."""
        runtime = self.runtime
        vault, plan, now = runtime.vault, runtime.plan, runtime.now()
        desk = Desk(connection, vault, now, dedupe, plan)
        if key.is_group:
            for ticket_id in about:
                desk.team_unreachable(ticket_id)
            return desk.wake
        concerned = about | carried.about if carried is not None else about
        for ticket in self._tickets(connection, chat, concerned):
            if carried is None or not carried.sure:
                desk.citizen_unreachable(ticket)
            elif carried.messages:
                desk.citizen_elsewhere(ticket, key.channel, carried.channel)
            about.discard(ticket.id)
        member_unreached(desk, connection, vault, key, about, now, billed=plan.billed)
        return desk.wake | ({carried.chat_id} if carried is not None else set())

    def _tickets(
        self, connection: Connection, chat: int, concerned: Set[int]
    ) -> Iterator[TicketView]:
        """The open tickets that nothing is told of any more in this chat: its own, and those opened
        in another one of the person's that had news on their way here, or is closed too."""
        vault = self.runtime.vault
        yield from tickets.of_chat(connection, vault, chat)
        for other in linking.others(connection, chat):
            closed = not inbox.reachable(connection, other.chat_id)
            for ticket in tickets.of_chat(connection, vault, other.chat_id):
                if closed or ticket.id in concerned:
                    yield ticket
