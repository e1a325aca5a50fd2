"""Who gets a ticket, and what follows when its deadline has passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.tickets import Rung, Standing, TicketStatus
from bot.handoff.moves import AnyMove, GiveBack, Move, Nudge, Overdue, Why


@dataclass(frozen=True, slots=True)
class Option:
    """A team of one rung that serves the place.

    `people` could take a ticket now and can be told of it; `speakers` of them speak the citizen's
    language.
    """

    team_id: int
    people: int
    speakers: int = 0


#: The teams that serve the ticket's place on a rung, as they are now, the nearest first.
Lookup = Callable[[Rung], Sequence[Option]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket waits. `skipped` are the rungs on which nobody was there.

    `call_sheet`: nobody here can be told by a message; somebody must call.
    """

    rung: Rung
    team_id: int | None
    skipped: tuple[Rung, ...] = ()
    call_sheet: bool = False


def find_place(lookup: Lookup, start: Rung = Rung.HAMLET, owner: int | None = None) -> Place:
    """The first rung, from `start` up, that has a team with somebody there.

    When there is none, the province's desk has it and somebody must call. A province without a desk
    leaves it with the team of the highest rung that has one, else with `owner`; the staff see it at
    their console either way.
    """
    skipped: list[Rung] = []
    last = owner
    for rung in start.and_above:
        options = lookup(rung)
        there = [option for option in options if option.people]
        if there:
            # The first whom the citizen can talk with, else the first.
            best = max(there, key=lambda option: bool(option.speakers))
            return Place(rung, best.team_id, tuple(skipped))
        if options:
            last = options[0].team_id
        if rung is not Rung.PROVINCE:
            skipped.append(rung)
    return Place(Rung.PROVINCE, last, tuple(skipped), call_sheet=True)


def on_due(standing: Standing, lookup: Lookup) -> tuple[AnyMove, Place | None]:
    """What follows from a deadline that has passed; with the place for a move to one.

    Whoever waits too long for a claim climbs. A holder is told once and given a last delay, then
    the ticket is taken from them: an urgent one climbs at once. The last rung stays due.
    """
    if standing.status is TicketStatus.WAITING:
        above = standing.rung.above
        if above is None:
            place = find_place(lookup, Rung.PROVINCE, standing.team_id)
            return _stay_or_go(standing, place, "late", Overdue())
        place = find_place(lookup, above, standing.team_id)
        return Move(place.rung, place.team_id, "late"), place
    if standing.member_id is None and standing.staff_id is None:
        # Whoever held it was erased from the database.
        return _taken(standing, lookup, standing.rung)
    if standing.missed == 0:
        return Nudge(), None
    start = standing.rung.above if standing.urgent else None
    return _taken(standing, lookup, start or standing.rung)


def _taken(standing: Standing, lookup: Lookup, start: Rung) -> tuple[AnyMove, Place]:
    place = find_place(lookup, start, standing.team_id)
    return _stay_or_go(standing, place, "silent", GiveBack(taken=True))


def _stay_or_go(standing: Standing, place: Place, why: Why, stay: AnyMove) -> tuple[AnyMove, Place]:
    if (place.rung, place.team_id) == (standing.rung, standing.team_id):
        return stay, place
    return Move(place.rung, place.team_id, why), place
