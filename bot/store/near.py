"""Teams near a ticket, and the names of those who had to do with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from sqlalchemy import ColumnElement, Connection, or_, select

from bot.domain.tickets import Rung
from bot.locality.codes import commune_of, parents
from bot.models.schema import members, staff, team_coverage, teams
from bot.store.ticket_queue import within

_NAMES = {
    "member": (members.c.id, members.c.name),
    "staff": (staff.c.id, staff.c.username),
    "team": (teams.c.id, teams.c.name),
}


def near_teams(
    connection: Connection, locality: str, own: int | None, limit: int
) -> list[tuple[int, str, Rung]]:
    """(number, name, rung) of active teams of a place's commune and of what it lies in: `own`
    first, then from the hamlet up, by name."""
    served: ColumnElement[bool] = team_coverage.c.locality_code.in_(
        [locality, *parents(locality), ""]
    )
    area = commune_of(locality) or locality
    if area:
        served = or_(served, within(team_coverage.c.locality_code, area))
    near = select(team_coverage.c.team_id).where(served)
    query = (
        select(teams.c.id, teams.c.name, teams.c.rung)
        .where(teams.c.active, or_(teams.c.id.in_(near), teams.c.id == (own or 0)))
        .order_by(teams.c.name, teams.c.id)
    )
    ladder = list(Rung)
    found = [(r.id, r.name, Rung(r.rung)) for r in connection.execute(query)]
    found.sort(key=lambda each: (each[0] != own, ladder.index(each[2])))
    return found[:limit]


def names(
    connection: Connection, kind: Literal["member", "staff", "team"], ids: Collection[int]
) -> dict[int, str]:
    """The names of members, staff or teams, those removed too."""
    if not ids:
        return {}
    key, name = _NAMES[kind]
    return {row[0]: row[1] for row in connection.execute(select(key, name).where(key.in_(ids)))}
