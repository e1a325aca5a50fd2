"""Telling the people around a ticket, each in their own chat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.domain import events as ev
from bot.domain.tickets import Standing
from bot.services.directory import Directory
from bot.services.posting import post
from bot.store import inbox, reach
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey

TELEGRAM = "telegram"
#: A team without a group is told one by one; more than this many are not all woken for a ticket.
_MEMBERS_MOST = 10


class Teller:
    """Posts events in one transaction. `dedupe` names the act that causes them, `wake` lists the
    chats to wake once it is committed."""

    def __init__(
        self,
        connection: Connection,
        vault: Vault,
        now: datetime,
        dedupe: str,
        directory: Directory,
    ) -> None:
        self._directory = directory
        self._c = connection
        self._vault = vault
        self._now = now
        self._dedupe = dedupe
        self._count = 0
        self.wake: set[int] = set()

    def chat(self, chat: int | None, event: ev.InternalEvent) -> None:
        """Tell a chat of known number; nobody when it was erased."""
        if not chat:
            return
        if isinstance(event, ev.PeerUnreachable) and not inbox.reachable(self._c, chat):
            # Both sides are gone: telling each of the other would go round for ever.
            return
        self._count += 1
        name = f"{self._dedupe}:{self._count}"
        post(self._c, self._vault, chat, ev.Envelope(event), name, self._now)
        self.wake.add(chat)

    def holder(self, ticket_id: int, event: ev.InternalEvent) -> None:
        """Tell the member who holds a ticket, in their own chat."""
        self._account(reach.holder(self._c, ticket_id), event)

    def member(self, member_id: int | None, event: ev.InternalEvent) -> None:
        """Tell a member in their own chat."""
        if member_id is not None:
            self._account(reach.member(self._c, member_id), event)

    def group(self, team_id: int | None, event: ev.InternalEvent) -> bool:
        """Tell a team's group; False when it has none."""
        team = self._directory.team(team_id)
        if team is None or not team.group:
            return False
        self._to(ChatKey(TELEGRAM, team.group, is_group=True), event)
        return True

    def team(self, standing: Standing, event: ev.InternalEvent) -> None:
        """Tell the group of the team that has a ticket, or, where it has none, each of those who
        could take it."""
        team, urgent = standing.team_id, standing.urgent
        if not self.group(team, event):
            people = self._directory.people(team, standing.rung, urgent=urgent)
            for account in reach.accounts(self._c, people[:_MEMBERS_MOST]):
                self._account(account, event)

    def _account(self, account: str, event: ev.InternalEvent) -> None:
        if account:
            self._to(ChatKey(TELEGRAM, account), event)

    def _to(self, key: ChatKey, event: ev.InternalEvent) -> None:
        self.chat(inbox.chat_id(self._c, key, self._now), event)
