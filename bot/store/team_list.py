"""Teams and members as the console lists them. Phones are opened only where they are asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, or_, select, tuple_, update

from bot.domain.tickets import Rung, TicketStatus
from bot.models.schema import members, team_coverage, teams, tickets
from bot.store.crypto import Vault
from bot.store.members import JOINED, PHONE, TEAM_PHONE
from bot.store.ticket_queue import within


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; `scope` holds the places of whoever looks, empty for everywhere."""

    scope: tuple[str, ...] = ()
    area: str = ""
    rung: str = ""
    name: str = ""
    active: bool | None = True
    id: int = 0


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team in the list; `members` were not removed, `joined` of them can be reached."""

    id: int
    name: str
    rung: Rung
    commune: str
    active: bool
    has_group: bool
    hours: str
    key: str
    has_phone: bool
    members: int = 0
    joined: int = 0


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member in a team's list. `languages` are codes, `hours` as stored ("": the team's)."""

    id: int
    team_id: int
    name: str
    key: str
    role: str
    languages: tuple[str, ...]
    hours: str
    max_open: int
    held: int
    joined: bool
    on_telegram: bool
    has_phone: bool
    away_from: datetime | None
    away_until: datetime | None
    unreachable: bool
    removed_at: datetime | None

    def away(self, now: datetime) -> bool:
        """Whether they said that they are away now."""
        since = self.away_from or now
        return self.away_until is not None and since <= now < self.away_until


def teams_of(
    connection: Connection, wanted: Wanted, limit: int, after: tuple[str, int] | None = None
) -> list[TeamRow]:
    """Teams by name, behind `after` (a name and a number)."""
    query = select(teams)
    for condition in _conditions(wanted):
        query = query.where(condition)
    if after is not None:
        query = query.where(tuple_(teams.c.name, teams.c.id) > tuple_(*after))
    query = query.order_by(teams.c.name, teams.c.id).limit(limit)
    rows = list(connection.execute(query))
    people = {
        row.team_id: (row.members, row.joined)
        for row in connection.execute(
            select(
                members.c.team_id,
                func.count().label("members"),
                func.sum(case((JOINED, 1), else_=0)).label("joined"),
            )
            .where(members.c.removed_at.is_(None), members.c.team_id.in_([r.id for r in rows]))
            .group_by(members.c.team_id)
        )
    }
    return [_team(row, *people.get(row.id, (0, 0))) for row in rows]


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    for codes in (wanted.scope, (wanted.area,) if wanted.area else ()):
        if codes:
            served = select(team_coverage.c.team_id).where(
                or_(*(within(team_coverage.c.locality_code, code) for code in codes))
            )
            found.append(teams.c.id.in_(served))
    if wanted.rung:
        found.append(teams.c.rung == wanted.rung)
    if wanted.active is not None:
        found.append(teams.c.active.is_(wanted.active))
    if wanted.name:
        found.append(teams.c.name.ilike(f"%{_plain(wanted.name)}%", escape="\\"))
    if wanted.id:
        found.append(teams.c.id == wanted.id)
    return found


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _team(row: Row[Any], members: int, joined: int) -> TeamRow:
    return TeamRow(
        row.id,
        row.name,
        Rung(row.rung),
        row.commune,
        bool(row.active),
        bool(row.telegram_group),
        row.hours,
        row.key or "",
        row.phone is not None,
        members,
        joined,
    )


def team(connection: Connection, wanted: Wanted) -> TeamRow | None:
    """The one team of `wanted.id`; None when it is not there or of another place."""
    found = teams_of(connection, wanted, 1)
    return found[0] if found else None


def sealed_phone(connection: Connection, vault: Vault, team_id: int) -> str:
    """The desk's number; "" for none."""
    sealed = connection.execute(select(teams.c.phone).where(teams.c.id == team_id)).scalar()
    return vault.open(sealed, TEAM_PHONE).decode() if sealed else ""


def group_of(connection: Connection, team_id: int) -> str:
    """The id of a team's Telegram group; "" for none."""
    query = select(teams.c.telegram_group).where(teams.c.id == team_id)
    return connection.execute(query).scalar() or ""


_HELD = (
    select(func.count())
    .where(tickets.c.claimed_by == members.c.id, tickets.c.status == TicketStatus.CLAIMED.value)
    .correlate(members)
    .scalar_subquery()
)
_MEMBERS = select(members, _HELD.label("held"), JOINED.label("is_joined"))


def members_of(connection: Connection, team_id: int) -> list[MemberRow]:
    """A team's members who were not removed: leads first, then by name."""
    query = _MEMBERS.where(members.c.team_id == team_id, members.c.removed_at.is_(None)).order_by(
        case((members.c.role == "member", 1), else_=0), members.c.name, members.c.id
    )
    return [_member(row) for row in connection.execute(query)]


def member(connection: Connection, member_id: int) -> MemberRow | None:
    """A member who was not removed."""
    query = _MEMBERS.where(members.c.id == member_id, members.c.removed_at.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else _member(row)


def member_ids(connection: Connection, scope: tuple[str, ...]) -> set[int]:
    """The numbers of the members of teams of these places, those removed too."""
    served = select(team_coverage.c.team_id).where(
        or_(*(within(team_coverage.c.locality_code, code) for code in scope))
    )
    return set(
        connection.execute(select(members.c.id).where(members.c.team_id.in_(served))).scalars()
    )


def phones_of(connection: Connection, vault: Vault, team_id: int) -> dict[int, str]:
    """The numbers of a team's members, opened."""
    query = select(members.c.id, members.c.phone).where(
        members.c.team_id == team_id, members.c.removed_at.is_(None), members.c.phone.is_not(None)
    )
    return {r.id: vault.open(r.phone, PHONE).decode() for r in connection.execute(query)}


def holder_of_phone(connection: Connection, digest: str, but: int = 0) -> str:
    """The name of the member with a number; "" when nobody else has it."""
    query = select(members.c.name).where(
        members.c.phone_hash == digest, members.c.removed_at.is_(None), members.c.id != but
    )
    return connection.execute(query.limit(1)).scalar() or ""


def set_key(connection: Connection, team_id: int, key: str) -> None:
    """The key by which rosters know a team."""
    connection.execute(update(teams).where(teams.c.id == team_id).values(key=key))


def set_active(connection: Connection, team_id: int, active: bool) -> None:
    """Whether a team takes tickets."""
    connection.execute(update(teams).where(teams.c.id == team_id).values(active=active))


def _member(row: Row[Any]) -> MemberRow:
    return MemberRow(
        row.id,
        row.team_id,
        row.name,
        row.key or "",
        row.role,
        tuple(json.loads(row.languages)),
        row.hours or "",
        row.max_open,
        row.held,
        bool(row.is_joined),
        bool(row.telegram_id),
        row.phone is not None,
        row.away_from,
        row.away_until,
        row.reach_failed_at is not None,
        row.removed_at,
    )
