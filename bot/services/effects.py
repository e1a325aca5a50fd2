"""Doing what a decision asked for, in the decision's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import effects as ef
from bot.services.handoff import Desk
from bot.services.runtime import Runtime
from bot.store import guides, inbox, records, tickets
from bot.store.inbox import ChatRow


class EffectRunner:
    """Applies effects of one event of one chat; `wake` lists the chats that were told something."""

    def __init__(
        self,
        runtime: Runtime,
        connection: Connection,
        chat: ChatRow,
        event_id: int,
        now: datetime,
    ) -> None:
        self._runtime = runtime
        self._c = connection
        self._chat = chat
        self._event = event_id
        self._now = now
        self._desk = Desk(connection, runtime.vault, now, f"e{event_id}")
        self.erased = False

    @property
    def wake(self) -> set[int]:
        """Chats to wake after the commit."""
        return self._desk.wake

    def run(self, wanted: Iterable[ef.Effect]) -> None:
        """Apply every effect, in order."""
        for effect in wanted:
            self._one(effect)

    def _one(self, effect: ef.Effect) -> None:
        c, chat = self._c, self._chat
        match effect:
            case ef.LogQuestion():
                records.log_question(
                    c, self._event, chat.id, chat.key.channel, chat.locality, effect, self._now
                )
            case ef.SetOutcome():
                records.set_outcome(c, chat.id, effect)
            case ef.SetTimer():
                records.set_timer(c, chat.id, effect)
            case ef.DropTimers():
                records.drop_timers(c, chat.id, effect.timer, effect.guide_id)
            case ef.ShowedGuide():
                guides.viewed(c, chat.id, effect.guide_id, effect.revision, self._now)
            case ef.SetLocality():
                inbox.set_locality(c, chat.id, effect.commune)
            case ef.EraseMe():
                self._erase()
            case _:
                self._ticket(effect)

    def _ticket(self, effect: ef.Effect) -> None:
        match effect:
            case ef.OpenTicket():
                self._desk.open(self._event, self._chat.id, effect)
            case ef.ClaimTicket():
                self._claim(effect)
            case ef.CloseTicket():
                ticket = tickets.find(self._c, self._runtime.vault, effect.ticket_id)
                if ticket is not None:
                    self._desk.close(ticket, in_group=self._chat.key.is_group)
            case ef.CancelTicket():
                self._desk.cancel(effect.ticket_id)
            case ef.RelayToHelper():
                self._desk.say_to_helper(effect.ticket_id, effect.text)
            case ef.RelayToCitizen():
                ticket = tickets.find(self._c, self._runtime.vault, effect.ticket_id)
                if ticket is not None:
                    self._desk.say_to_citizen(ticket, effect.text)
            case ef.RateTicket():
                if effect.stars is not None:
                    tickets.rate(self._c, effect.ticket_id, self._chat.id, effect.stars)

    def _claim(self, effect: ef.ClaimTicket) -> None:
        ticket = tickets.find(self._c, self._runtime.vault, effect.ticket_id)
        if ticket is None or ticket.team_id is None:
            return
        member = tickets.add_member(
            self._c, ticket.team_id, effect.name, effect.external_id, self._now
        )
        self._desk.claim(effect.ticket_id, member, in_group=self._chat.key.is_group)

    def _erase(self) -> None:
        cancelled = records.erase_chat(self._c, self._chat.id, self._event, self._now)
        for ticket_id in cancelled:
            self._desk.tell_cancelled(ticket_id)
        self.erased = True
