"""Facts for what a team's member does: tickets by number, colleagues, what waits, what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from bot.dialogue.helper_needs import needs_of
from bot.domain import events as ev
from bot.domain.state import State
from bot.domain.tickets import Colleague, MemberView, OwnWork, TicketStatus, TicketView
from bot.services.contributions import own_work
from bot.services.directory import Directory
from bot.services.helping import NO_ANSWER
from bot.services.runtime import Runtime
from bot.store import ticket_events, tickets

_RECENT = 5
_WAITING_MOST = 30


@dataclass(frozen=True, slots=True)
class Known:
    """What was found; empty where it is not needed."""

    recent: tuple[str, ...] = ()
    missed_calls: int = 0
    named: Mapping[int, TicketView] = field(default_factory=dict)
    colleagues: tuple[Colleague, ...] = ()
    waiting: tuple[TicketView, ...] = ()
    work: OwnWork | None = None


class HelperFacts:
    """Reads for one event of one chat, in its transaction."""

    def __init__(
        self,
        runtime: Runtime,
        connection: Connection,
        group: bool,
        member: MemberView | None,
        now: datetime,
    ) -> None:
        self._runtime = runtime
        self._c = connection
        self._group = group
        self._member = member
        self._now = now

    def load(self, state: State, event: ev.Event, subject: TicketView | None) -> Known:
        """What is needed to decide on an event."""
        member = self._member
        if member is None:
            return Known()
        needs = needs_of(state, event)
        named = {n: t for n in needs.numbers if (t := self._named(member, n)) is not None}
        about = subject or next(iter(named.values()), None)
        recent: tuple[str, ...] = ()
        missed = 0
        if not self._group and about is not None:
            recent = self._recent(about, event)
            missed = ticket_events.count(self._c, about.id, NO_ANSWER)
        colleagues: tuple[Colleague, ...] = ()
        if needs.colleagues:
            colleagues = self._colleagues(member, about or next(iter(member.claimed), None))
        return Known(
            recent=recent,
            missed_calls=missed,
            named=named,
            colleagues=colleagues,
            waiting=self._waiting(member) if needs.waiting else (),
            work=own_work(self._c, member, self._now) if needs.work else None,
        )

    def _named(self, member: MemberView, number: int) -> TicketView | None:
        """A ticket that this member may act on, locked: one they hold, or of a team of theirs."""
        ticket = tickets.find(self._c, self._runtime.vault, number, lock=True)
        if ticket is None:
            return None
        theirs = member.holds(ticket) or member.in_team(ticket.team_id) is not None
        return ticket if theirs else None

    def _recent(self, ticket: TicketView, event: ev.Event) -> tuple[str, ...]:
        """The last lines of the citizen, and what those who had it before said of it."""
        member = self._member
        if member is None or not (isinstance(event, ev.ClaimConfirmed) or member.holds(ticket)):
            return ()
        lines = tickets.thread(self._c, self._runtime.vault, ticket.id, _RECENT)
        return tuple(
            line.text
            for line in lines
            if line.author == "citizen" or (line.author == "system" and line.name)
        )

    def _colleagues(self, member: MemberView, ticket: TicketView | None) -> tuple[Colleague, ...]:
        if ticket is None or ticket.team_id is None:
            return ()
        directory = Directory(self._c, self._runtime.plan, self._now)
        return directory.colleagues(ticket.team_id, urgent=ticket.urgent)

    def _waiting(self, member: MemberView) -> tuple[TicketView, ...]:
        """What waits for the member's teams, the next deadline first."""
        found: list[TicketView] = []
        for team_id in dict.fromkeys((member.team_id, *(team for _, team in member.also))):
            found += tickets.of_team(self._c, self._runtime.vault, team_id, _WAITING_MOST)
        waiting = [t for t in found if t.status is TicketStatus.WAITING]
        return tuple(sorted(waiting, key=lambda t: (t.due.at if t.due else t.created_at, t.id)))
