"""What staff see beside a ticket: its whole story, and to whom it can go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.tickets import Colleague, Rung, TicketView
from bot.guides.canned import Canned
from bot.guides.content import Content
from bot.handoff.moves import Why
from bot.services.directory import Directory
from bot.services.runtime import Runtime
from bot.services.workplace import StepChoice, workplace
from bot.store import near, ticket_events
from bot.store.ticket_events import ActorKind, TicketEvent

_TEAMS_MOST = 60
#: Looking who is there takes some queries a team.
_PEOPLE_OF_MOST = 6


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, with names. `due` is the deadline it led to."""

    at: datetime
    kind: str
    by: ActorKind
    who: str
    rung: Rung
    why: Why | str = ""
    to: str = ""
    due: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A team a ticket can be handed to, with those of it who could take it now."""

    id: int
    name: str
    rung: Rung
    people: tuple[Colleague, ...] = ()


@dataclass(frozen=True, slots=True)
class Tableside:
    """What staff can do with an open ticket, and what happened to it."""

    story: tuple[Told, ...]
    places: tuple[Place, ...] = ()
    steps: tuple[StepChoice, ...] = ()
    canned: tuple[Canned, ...] = ()
    missed_calls: int = 0

    def team(self, team_id: int) -> Place | None:
        """A team that is offered."""
        return next((place for place in self.places if place.id == team_id), None)

    def person(self, member_id: int) -> Colleague | None:
        """A member who is offered."""
        people = (person for place in self.places for person in place.people)
        return next((person for person in people if person.id == member_id), None)


def tableside(
    connection: Connection, runtime: Runtime, ticket: TicketView, content: Content
) -> Tableside:
    """Everything beside a ticket."""
    told = story(connection, ticket_events.timeline(connection, runtime.vault, ticket.id))
    if not ticket.status.open:
        return Tableside(told)
    work = workplace(connection, runtime, ticket, content)
    directory = Directory(connection, runtime.plan, runtime.now())
    places = []
    for number, (team_id, name, rung) in enumerate(
        near.near_teams(connection, ticket.locality, ticket.team_id, _TEAMS_MOST)
    ):
        people: tuple[Colleague, ...] = ()
        if number < _PEOPLE_OF_MOST:
            found = directory.colleagues(team_id, urgent=ticket.urgent)
            people = tuple(p for p in found if p.there and p.id != ticket.claimed_by)
        places.append(Place(team_id, name, rung, people))
    return Tableside(told, tuple(places), work.steps, work.canned, work.missed_calls)


def story(connection: Connection, events: Sequence[TicketEvent]) -> tuple[Told, ...]:
    """What happened, with the names of those who did it."""
    of_members = near.names(connection, "member", _numbers(events, "member"))
    of_staff = near.names(connection, "staff", _numbers(events, "staff"))
    of_teams = near.names(connection, "team", _numbers(events, "team"))

    def told(event: TicketEvent) -> Told:
        known = of_members if event.actor.kind is ActorKind.MEMBER else of_staff
        data = event.data
        to = of_members.get(data.get("member_id") or 0, "") if event.kind != "claimed" else ""
        return Told(
            at=event.at,
            kind=event.kind,
            by=event.actor.kind,
            who=known.get(event.actor.id or 0, ""),
            rung=event.rung,
            why=str(data.get("why", "")),
            to=to or of_teams.get(data.get("team_id") or 0, ""),
            due=str(data.get("due", "")),
            outcome=str(data.get("outcome", "")),
        )

    return tuple(map(told, events))


def _numbers(events: Iterable[TicketEvent], kind: str) -> set[int]:
    """The numbers of members, staff or teams that events name."""
    found: set[int] = set()
    for event in events:
        if event.actor.kind.value == kind and event.actor.id is not None:
            found.add(event.actor.id)
        for name in (f"{kind}_id", f"from_{kind}_id"):
            if event.data.get(name):
                found.add(int(event.data[name]))
    return found
