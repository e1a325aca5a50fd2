"""Loading what a decision may look at, in the decision's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.dialogue.cut_secrets import still_open
from bot.dialogue.facts import Facts
from bot.dialogue.helper_acts import PRESSES
from bot.dialogue.helper_needs import ticket_number
from bot.domain import events as ev
from bot.domain.alerts import AlertView
from bot.domain.channels import traits
from bot.domain.joining import JoinView, typed_token
from bot.domain.kept import Kept
from bot.domain.pictures import SeenPicture
from bot.domain.state import State
from bot.domain.tickets import MemberView, TicketView
from bot.guides.model import Guide
from bot.guides.phrases import Command
from bot.locality.atlas import Atlas
from bot.locality.codes import code_of_payload
from bot.safety.checked import Checked
from bot.safety.masking import Masked
from bot.safety.qr.banks import Banks
from bot.safety.split import Joined, goes_on
from bot.services.helper_facts import HelperFacts
from bot.services.joining import Joining, account_of
from bot.services.linking import LinkFacts
from bot.services.links import desk_url
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime
from bot.services.voices import Listened
from bot.store import alerts, guides, linking, mine, outbox, tickets, voice
from bot.store.inbox import ChatKey, ChatRow, InboxRow
from nlu.engine import Parse


@dataclass(frozen=True, slots=True)
class Understood:
    """What enriching an event found out before the transaction."""

    masked: Masked | None = None
    parse: Parse | None = None
    checked: Checked | None = None
    seen: SeenPicture | None = None
    heard: Listened | None = None


class FactLoader:
    """Reads the facts for one event of one chat."""

    def __init__(self, runtime: Runtime, publisher: Publisher, banks: Banks) -> None:
        self._runtime = runtime
        self._publisher = publisher
        self._banks = banks
        self._links = LinkFacts(runtime)

    def load(
        self,
        connection: Connection,
        chat: ChatRow,
        row: InboxRow,
        envelope: ev.Envelope,
        state: State,
        understood: Understood,
        now: datetime,
    ) -> Facts:
        """The facts of this moment."""
        member = self._member(connection, chat, envelope)
        subject = self._subject(connection, chat, envelope, member)
        helper = HelperFacts(self._runtime, connection, chat.key.is_group, member, now)
        helped = helper.load(state, envelope.event, subject)
        if isinstance(envelope.event, ev.GuideRecalled):
            # It was posted together with the recall, which this process may not know of yet.
            self._publisher.learn(guides.recalls(connection))
        since = now - self._runtime.plan.rules.reopen
        linked = () if chat.key.is_group else linking.others(connection, chat.id)
        known = self._known(connection, [chat.id, *(each.chat_id for each in linked)], since)
        phrases = self._publisher.content.phrases
        open_ends = state.tail if still_open(state, now) else ()
        joined = self._joined(envelope.event, open_ends)
        return Facts(
            now=now,
            event_id=row.id,
            content=self._publisher.content,
            sender=envelope.sender,
            group=chat.key.is_group,
            masked=joined.masked if joined is not None else understood.masked,
            parse=understood.parse,
            checked=None if chat.key.is_group else understood.checked,
            held=self._held(connection, state),
            recalled=self._publisher.recalls,
            tickets=tuple(ticket for ticket in known if ticket.status.open),
            ended=tuple(ticket for ticket in known if not ticket.status.open),
            member=member,
            subject=subject,
            recent=helped.recent,
            missed_calls=helped.missed_calls,
            named=helped.named,
            colleagues=helped.colleagues,
            waiting=helped.waiting,
            work=helped.work,
            teams=tickets.all_teams(connection) if state.draft is not None else (),
            places=self._places(envelope.event, state, any(t.status.open for t in known)),
            join=self._join(connection, chat, envelope.event),
            desk_url=desk_url(self._runtime, member, now) if member is not None else "",
            followup_days=self._runtime.settings.followup_days,
            stays_on_page=traits(chat.key.channel).page,
            numbered=traits(chat.key.channel).numbered,
            seen=understood.seen,
            heard=understood.heard.heard if understood.heard else None,
            note=voice.held(connection, chat.id) if state.voice is not None else None,
            banks=self._banks,
            place=chat.locality or "",
            alert=self._alert(connection, chat, envelope.event, now),
            linked=linked,
            link=self._links.load(connection, chat, envelope.event, state, phrases, now),
            open_ends=open_ends,
            kept=self._kept(connection, chat, envelope.event),
            retention_days=self._runtime.settings.retention_days,
            joined=joined,
        )

    def _kept(self, connection: Connection, chat: ChatRow, event: ev.Event) -> Kept | None:
        """All that is stored about this person, when they ask for it."""
        phrases = self._publisher.content.phrases
        typed = isinstance(event, ev.Text) and phrases.command(event.text) is Command.MINE
        tapped = isinstance(event, ev.Press) and event.choice == "mine"
        if chat.key.is_group or not (typed or tapped):
            return None
        return mine.everything(connection, self._runtime.vault, chat.id)

    def _known(
        self, connection: Connection, chats: Sequence[int], since: datetime
    ) -> tuple[TicketView, ...]:
        """The tickets of these chats, all of one person, that are open or ended lately; oldest
        first."""
        vault = self._runtime.vault
        known = [
            ticket
            for chat in chats
            for ticket in tickets.recent_of_chat(connection, vault, chat, since)
        ]
        return tuple(sorted(known, key=lambda ticket: ticket.id))

    def _joined(self, event: ev.Event, open_ends: tuple[str, ...]) -> Joined | None:
        """A text together with the open end of the one before it."""
        if not open_ends or not isinstance(event, ev.Text):
            return None
        # "bổ sung: 345 678": a command that is said first is no part of it.
        begun = self._publisher.content.phrases.begun(event.text)
        rest = begun[1].lstrip(" :,.-–;") if begun is not None else event.text
        joined = goes_on(open_ends, rest)
        if joined is None or begun is None:
            return joined
        lead = event.text[: -len(rest)] if event.text.endswith(rest) else ""
        return replace(joined, masked=replace(joined.masked, text=lead + joined.masked.text))

    def _places(self, event: ev.Event, state: State, tickets_open: bool) -> Atlas:
        """What is known of places, where a place may be asked for or named."""
        typed = event.text if isinstance(event, ev.Text) else ""
        named = isinstance(event, ev.Start) or code_of_payload(typed) is not None
        asked = named or state.draft is not None or tickets_open
        return self._publisher.places.atlas if asked else Atlas()

    def _join(self, connection: Connection, chat: ChatRow, event: ev.Event) -> JoinView | None:
        """What the link to join with that was opened here can do, held for its use."""
        typed = event.payload if isinstance(event, ev.Start) else ""
        token = typed_token(event.text if isinstance(event, ev.Text) else typed)
        if token is None or chat.key.is_group:
            return None
        return Joining(self._runtime).look(connection, token, account_of(chat.key))

    @staticmethod
    def _alert(
        connection: Connection, chat: ChatRow, event: ev.Event, now: datetime
    ) -> AlertView | None:
        """The alert that is due, unless it has ended or this person wants none any more."""
        if not isinstance(event, ev.AlertDue):
            return None
        return alerts.for_chat(connection, event.alert_id, chat.id, now)

    def _member(
        self, connection: Connection, chat: ChatRow, envelope: ev.Envelope
    ) -> MemberView | None:
        if not traits(chat.key.channel).accounts:
            return None
        vault = self._runtime.vault
        if not chat.key.is_group:
            return tickets.member_of_account(connection, vault, chat.key)
        if not envelope.sender.id:
            return None
        team = tickets.team_of_group(connection, chat.key.external_id)
        if team is None:
            return None
        sender = ChatKey(chat.key.channel, envelope.sender.id)
        return tickets.member_of_account(connection, vault, sender, team.id)

    def _subject(
        self,
        connection: Connection,
        chat: ChatRow,
        envelope: ev.Envelope,
        member: MemberView | None,
    ) -> TicketView | None:
        ticket_id = self._ticket_id(connection, chat, envelope.event, member)
        if ticket_id is None:
            return None
        acts = isinstance(envelope.event, ev.Press)
        ticket = tickets.find(connection, self._runtime.vault, ticket_id, lock=acts)
        if ticket is None or not self._may_act(connection, chat, envelope.event, ticket, member):
            return None
        return ticket

    @staticmethod
    def _ticket_id(
        connection: Connection, chat: ChatRow, event: ev.Event, member: MemberView | None
    ) -> int | None:
        named = getattr(event, "ticket_id", None)
        if isinstance(named, int):
            return named
        if isinstance(event, ev.Press):
            action, _, rest = event.choice.partition(":")
            return ticket_number(rest) or None if action in PRESSES else None
        if isinstance(event, ev.Text) and event.reply_to and (member or chat.key.is_group):
            return outbox.ticket_of(connection, chat.id, event.reply_to)
        if isinstance(event, ev.Start) and member is not None and member.claimed:
            return member.claimed[-1].id
        return None

    @staticmethod
    def _may_act(
        connection: Connection,
        chat: ChatRow,
        event: ev.Event,
        ticket: TicketView,
        member: MemberView | None,
    ) -> bool:
        """A group acts on its own team's tickets, a member on the ones they hold."""
        if isinstance(event, ev.InternalEvent):
            return True
        if chat.key.is_group:
            team = tickets.team_of_group(connection, chat.key.external_id)
            return team is not None and ticket.team_id == team.id
        return member is not None and (
            member.holds(ticket)
            or member.in_team(ticket.team_id) is not None
            or not isinstance(event, ev.Press)
        )

    def _held(self, connection: Connection, state: State) -> dict[tuple[str, str], Guide]:
        """The other revisions that walks began with; recalled ones are nobody's any more."""
        current = self._publisher.content.guides
        held: dict[tuple[str, str], Guide] = {}
        for session in state.walks:
            guide = current.get(session.guide_id)
            if guide is not None and guide.revision == session.revision:
                continue
            stored = guides.revision(connection, session.guide_id, session.revision)
            if stored is not None:
                whole = Guide.from_json(stored)
                held[session.guide_id, session.revision] = self._publisher.as_served(whole)
        return held
