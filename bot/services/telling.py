"""Telling the people around a ticket, each in their own chat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.domain import events as ev
from bot.domain.channels import TELEGRAM
from bot.domain.tickets import Standing
from bot.services.directory import Directory
from bot.services.elsewhere import here
from bot.services.posting import post
from bot.store import inbox, reach, ways
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey

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
        """Tell a citizen of their ticket, opened in this chat, where they were last; nobody when it
        was erased."""
        if chat:
            self._post(here(self._c, chat, self._now), event)

    def _post(self, chat: int, event: ev.InternalEvent) -> None:
        if isinstance(event, ev.PeerUnreachable) and not inbox.reachable(self._c, chat):
            # Both sides are gone: telling each of the other would go round for ever.
            return
        self._count += 1
        name = f"{self._dedupe}:{self._count}"
        post(self._c, self._vault, chat, ev.Envelope(event), name, self._now)
        self.wake.add(chat)

    def holder(self, ticket_id: int, event: ev.InternalEvent) -> None:
        """Tell the member who holds a ticket, in their own chat."""
        self._person(reach.holder(self._c, ticket_id), event)

    def member(self, member_id: int | None, event: ev.InternalEvent) -> None:
        """Tell a member in their own chat."""
        if member_id is not None:
            self._person(reach.member(self._c, member_id), event)

    def group(self, team_id: int | None, event: ev.InternalEvent) -> bool:
        """Tell a team's group; False when it has none."""
        team = self._directory.team(team_id)
        if team is None or not team.group:
            return False
        self._to(ChatKey(TELEGRAM, team.group, is_group=True), event)
        return True

    def team(self, standing: Standing, event: ev.InternalEvent) -> None:
        """Tell the group of the team that has a ticket, and each of those who could take it and
        do not read the group."""
        team, urgent = standing.team_id, standing.urgent
        grouped = self.group(team, event)
        people = self._directory.people(team, standing.rung, urgent=urgent)
        for one in reach.accounts(self._c, people[:_MEMBERS_MOST], outside=grouped):
            self._person(one, event)

    def _person(self, keys: tuple[ChatKey, ...], event: ev.InternalEvent) -> None:
        """Tell a member once, however many accounts they have joined with."""
        key = ways.best(self._c, keys, self._now, billed=self._directory.billed)
        if key is not None:
            self._to(key, event)

    def _to(self, key: ChatKey, event: ev.InternalEvent) -> None:
        self._post(inbox.chat_id(self._c, key, self._now), event)
