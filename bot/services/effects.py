"""Doing what a decision asked for, in the decision's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import effects as ef
from bot.domain.tickets import TicketView
from bot.services.amending import correct
from bot.services.helping import Helping
from bot.services.joining import Joining, account_of
from bot.services.runtime import Runtime
from bot.store import alerts, guides, inbox, labels, members, questions, records, tickets
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
        self._desk = Helping(connection, runtime.vault, now, f"e{event_id}", runtime.plan)
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
                    c,
                    self._event,
                    chat.id,
                    chat.key.channel,
                    chat.locality,
                    effect,
                    self._now,
                    chat.area,
                )
            case ef.SetOutcome():
                records.set_outcome(c, chat.id, effect)
            case ef.ReachedStep():
                questions.reached_step(c, chat.id, effect)
            case ef.JudgeQuestion():
                judged = "right" if effect.right else "wrong"
                labels.judge(c, chat.id, effect.question_id, judged)
            case ef.SetTimer():
                records.set_timer(c, chat.id, effect)
            case ef.DropTimers():
                records.drop_timers(c, chat.id, effect.timer, effect.guide_id)
            case ef.ShowedGuide():
                guides.viewed(c, chat.id, effect.guide_id, effect.revision, self._now)
            case ef.WantAlerts():
                alerts.subscribe(c, chat.id, effect.area, effect.place, self._now)
            case ef.StopAlerts():
                alerts.unsubscribe(c, chat.id, self._now)
            case ef.AlertSaid():
                alerts.said(c, effect.alert_id, chat.id, self._now)
            case ef.AlertLater():
                alerts.later(c, effect.alert_id, chat.id, effect.due)
            case ef.SetLocality():
                inbox.set_locality(c, chat.id, effect.commune, effect.area)
            case ef.JoinTeam():
                account = account_of(chat.key)
                Joining(self._runtime).join(c, effect.token, account)
            case ef.SetAway():
                members.set_away(c, chat.key, effect.until, effect.since)
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
                ticket = self._find(effect.ticket_id)
                if ticket is not None:
                    self._desk.close(
                        ticket,
                        in_group=self._chat.key.is_group,
                        outcome=effect.outcome,
                        minutes=effect.minutes,
                    )
            case ef.CancelTicket():
                self._desk.cancel(effect.ticket_id)
            case ef.RelayToHelper():
                self._desk.say_to_helper(effect.ticket_id, effect.text)
            case ef.RelayToCitizen():
                ticket = self._find(effect.ticket_id)
                if ticket is not None:
                    self._desk.say_to_citizen(
                        ticket, effect.text, asks=effect.asks, ours=effect.ours
                    )
            case ef.CorrectTicket():
                correct(self._c, self._runtime.vault, self._desk.mover, self._chat.id, effect)
            case ef.ReopenTicket():
                self._desk.reopen(effect.ticket_id, self._chat.id)
            case ef.TellGone():
                self._desk.tell_gone(effect.ticket_id)
            case ef.RateTicket():
                self._desk.rate(effect.ticket_id, self._chat.id, effect.stars, effect.note)
            case _:
                self._help(effect)

    def _help(self, effect: ef.Effect) -> None:
        """What a helper does with the ticket they hold."""
        desk = self._desk
        ticket = self._find(getattr(effect, "ticket_id", 0))
        if ticket is None:
            return
        match effect:
            case ef.GiveBackTicket():
                desk.remark(ticket, effect.note)
                desk.give_back(ticket.id)
            case ef.PassTicket():
                desk.to_member(ticket.id, effect.member_id)
            case ef.ClimbTicket():
                desk.remark(ticket, effect.note)
                desk.climb(ticket.id)
            case ef.NoteCall():
                desk.note_call(ticket.id, effect.result)
            case ef.SetVisit(at=None):
                desk.call_off_visit(ticket.id)
            case ef.SetVisit(at=datetime() as at):
                desk.set_visit(ticket.id, at)
            case ef.VisitDone():
                desk.visited_now(ticket, effect.minutes)
            case ef.SendStep():
                desk.show_step(ticket, effect.guide_id, effect.choice, effect.step, effect.title)
            case ef.ResendLines():
                desk.resend(ticket)

    def _find(self, ticket_id: int) -> TicketView | None:
        return tickets.find(self._c, self._runtime.vault, ticket_id)

    def _claim(self, effect: ef.ClaimTicket) -> None:
        ticket = self._find(effect.ticket_id)
        if ticket is None or ticket.team_id is None:
            return
        member = effect.member_id
        if member is None:
            member = tickets.add_member(
                self._c, ticket.team_id, effect.name, effect.external_id, self._now
            )
        self._desk.claim(effect.ticket_id, member, in_group=self._chat.key.is_group)

    def _erase(self) -> None:
        cancelled = records.erase_chat(self._c, self._chat.id, self._event, self._now)
        for ticket_id in cancelled:
            self._desk.erased(ticket_id)
        self.erased = True
