"""What a member's page shows beside the ticket itself: whom it can be handed to, steps and canned
replies to send, calls, what happened so far; the member's own summary; the call sheet of a desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.dialogue.helper_show import guide_of
from bot.domain.tickets import Colleague, OwnWork, TicketStatus, TicketView
from bot.guides.canned import Canned
from bot.guides.content import Content
from bot.services.contributions import own_work
from bot.services.directory import Directory
from bot.services.helping import NO_ANSWER
from bot.services.runtime import Runtime
from bot.store import members, reach, ticket_events, tickets
from bot.store.members import Helper
from bot.store.ticket_events import TicketEvent

#: Who sits at a desk, or answers for a team: they see the call sheet.
DESK_ROLES = frozenset({"lead", "commune_desk", "province_desk"})


@dataclass(frozen=True, slots=True)
class StepChoice:
    """A step that can be sent: "<guide>:<number from 0>" and its words."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Workplace:
    """What can be done with a ticket in hand."""

    colleagues: tuple[Colleague, ...]
    steps: tuple[StepChoice, ...]
    canned: tuple[Canned, ...]
    missed_calls: int
    timeline: tuple[TicketEvent, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """A member's own page."""

    work: OwnWork | None
    role: str
    away_from: datetime | None
    away_until: datetime | None


@dataclass(frozen=True, slots=True)
class CallTeam:
    """A team on the call sheet: the number of its desk, and who can be called."""

    name: str
    phone: str
    people: tuple[Helper, ...]


@dataclass(frozen=True, slots=True)
class CallSheet:
    """Tickets that wait at a desk, each with the teams near it, the nearest first."""

    name: str
    tickets: tuple[tuple[TicketView, tuple[CallTeam, ...]], ...]


def workplace(
    connection: Connection, runtime: Runtime, ticket: TicketView, content: Content
) -> Workplace:
    """What is on the page of whoever holds a ticket."""
    directory = Directory(connection, runtime.plan, runtime.now())
    people: tuple[Colleague, ...] = ()
    if ticket.team_id is not None:
        people = directory.colleagues(ticket.team_id, urgent=ticket.urgent)
    return Workplace(
        tuple(person for person in people if person.there and person.id != ticket.claimed_by),
        _steps(content, ticket),
        tuple(_filled(content)),
        ticket_events.count(connection, ticket.id, NO_ANSWER),
        ticket_events.timeline(connection, runtime.vault, ticket.id),
    )


def _steps(content: Content, ticket: TicketView) -> tuple[StepChoice, ...]:
    """The steps of the ticket's own guide."""
    own = guide_of(content, ticket)
    if own is None:
        return ()
    guide, choice = own
    fill = content.phrases.fill
    return tuple(
        StepChoice(f"{guide.id}:{number}", f"Bước {number + 1}: {fill(step.title)}")
        for number, step in enumerate(guide.for_choice(choice).steps)
    )


def _filled(content: Content) -> Sequence[Canned]:
    fill = content.phrases.fill
    return [Canned(each.id, each.title, fill(each.text)) for each in content.canned]


def own_page(connection: Connection, runtime: Runtime, member_id: int) -> Own:
    """What a member did this month, and when they are away."""
    member = tickets.member(connection, runtime.vault, member_id)
    work = own_work(connection, member, runtime.now()) if member else None
    return Own(work, reach.role(connection, member_id), *members.away(connection, member_id))


def call_sheet(connection: Connection, runtime: Runtime, team_id: int) -> CallSheet:
    """Whom the desk of a team can call about each ticket that waits there."""
    now, vault = runtime.now(), runtime.vault
    team = tickets.team(connection, team_id)
    waiting = [
        ticket
        for ticket in tickets.of_team(connection, vault, team_id)
        if ticket.status is TicketStatus.WAITING
    ]
    waiting.sort(key=lambda each: (each.due.at if each.due else each.created_at, each.id))
    known: dict[int, CallTeam] = {}

    def called(number: int) -> CallTeam:
        if number not in known:
            found = reach.team(connection, number)
            known[number] = CallTeam(
                found.name if found else "",
                members.desk_phone(connection, vault, number),
                members.to_call(connection, vault, number, now),
            )
        return known[number]

    rows = [
        (ticket, tuple(called(number) for number in _near(connection, ticket, team_id)))
        for ticket in waiting
    ]
    return CallSheet(team.name if team else "", tuple(rows))


def _near(connection: Connection, ticket: TicketView, team_id: int) -> tuple[int, ...]:
    """The teams of the ticket's place up to this one, the nearest first."""
    found: list[int] = []
    for rung in ticket.rung.up_to_here:
        found += members.desk_of(connection, ticket.locality, rung)
    return tuple(dict.fromkeys([*found, team_id]))
