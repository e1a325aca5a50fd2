"""Doing what a decision asked for, in the decision's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import effects as ef
from bot.domain.data_effects import Agreed, Consent, CoverEarlier, DataEffect, TookBack
from bot.domain.events import Envelope, Sender, Text
from bot.domain.tickets import TicketView
from bot.domain.voice_effects import AttachVoice, DropVoice, HoldVoice, SayText, VoiceEffect
from bot.services.amending import correct
from bot.services.helping import Helping
from bot.services.joining import Joining, account_of
from bot.services.linking import Linking
from bot.services.posting import post
from bot.services.runtime import Runtime
from bot.services.voices import Listened
from bot.store import (
    alerts,
    consents,
    erasures,
    guides,
    inbox,
    labels,
    linking,
    members,
    questions,
    records,
    tickets,
    voice,
)
from bot.store.covering import cover_earlier
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
        self._links = Linking(runtime, connection, chat, event_id, now)
        self.erased = False
        #: The voice note that is being answered.
        self.listened: Listened | None = None
        #: Who acted.
        self.sender = Sender()

    @property
    def wake(self) -> set[int]:
        """Chats to wake after the commit."""
        return self._desk.wake | self._links.wake

    def run(self, wanted: Iterable[ef.Effect]) -> None:
        """Apply every effect, in order."""
        if self.listened is not None and self.listened.upload:
            voice.drop_upload(self._c, self._chat.id, self.listened.upload)
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
                consents.take_back(c, chat.id, (Consent.ALERTS,), self._now)
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
            case CoverEarlier() | Agreed() | TookBack():
                self._data(effect)
            case HoldVoice() | DropVoice() | AttachVoice() | SayText():
                self._voice(effect)
            case ef.EraseMe():
                self._erase(effect)
            case (
                ef.MakeLinkCode()
                | ef.MissLinkCode()
                | ef.AskLink()
                | ef.AnswerLink()
                | ef.Unlink()
                | ef.CarryProgress()
                | ef.Acted()
            ):
                self._links.run(effect)
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
                home = self._home(effect.ticket_id)
                correct(self._c, self._runtime.vault, self._desk.mover, home, effect)
            case ef.ReopenTicket():
                self._desk.reopen(effect.ticket_id, self._home(effect.ticket_id))
            case ef.TellGone():
                self._desk.tell_gone(effect.ticket_id)
            case ef.RateTicket():
                home = self._home(effect.ticket_id)
                self._desk.rate(effect.ticket_id, home, effect.stars, effect.note)
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

    def _data(self, effect: DataEffect) -> None:
        c, chat, now = self._c, self._chat.id, self._now
        match effect:
            case CoverEarlier():
                cover_earlier(c, self._runtime.vault, chat, effect, now)
            case Agreed():
                consents.agree(c, chat, effect.what, effect.wording, now)
            case TookBack():
                consents.take_back(c, chat, effect.what, now)

    def _voice(self, effect: VoiceEffect) -> None:
        c, chat, note = self._c, self._chat, self.listened
        match effect:
            case HoldVoice():
                if note is not None and note.format is not None:
                    media, seconds = note.format.media, round(note.heard.seconds)
                    vault = self._runtime.vault
                    voice.hold(c, vault, chat.id, media, note.audio, seconds, self._now)
            case DropVoice():
                voice.drop(c, chat.id)
            case AttachVoice():
                voice.attach(c, chat.id, effect.ticket_id)
            case SayText():
                said = Envelope(Text(effect.text), self.sender)
                post(c, self._runtime.vault, chat.id, said, f"e{self._event}:said", self._now)

    def _find(self, ticket_id: int) -> TicketView | None:
        return tickets.find(self._c, self._runtime.vault, ticket_id)

    def _home(self, ticket_id: int) -> int:
        return linking.ticket_home(self._c, ticket_id, self._chat.id)

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

    def _erase(self, effect: ef.EraseMe) -> None:
        self._links.erase(everywhere=effect.everywhere)
        cancelled = records.erase_chat(self._c, self._chat.id, self._event, self._now)
        for ticket_id in cancelled:
            self._desk.erased(ticket_id)
        erasures.note(self._c, erasures.person_mark(self._runtime.vault, self._chat.key), self._now)
        self.erased = True
