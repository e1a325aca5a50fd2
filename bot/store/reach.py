"""Where the people around a ticket can be told something; bot.store.ways says on which account."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from bot.domain.tickets import Rung
from bot.models.schema import members, teams, tickets
from bot.store import ways
from bot.store.inbox import ChatKey

_HOLDER = (
    select(members.c.telegram_id, members.c.zalo_id)
    .join(tickets, tickets.c.claimed_by == members.c.id)
    .where(tickets.c.id == bindparam("b_id"))
)
_TEAM = select(teams).where(teams.c.id == bindparam("b_team"))


@dataclass(frozen=True, slots=True)
class Team:
    """What the ladder looks at. `rostered`: all its members are known."""

    id: int
    name: str
    rung: Rung
    group: str
    hours: str
    rostered: bool
    active: bool


def team(connection: Connection, team_id: int) -> Team | None:
    """A team; None when there is none of this id."""
    row = connection.execute(_TEAM, {"b_team": team_id}).one_or_none()
    if row is None:
        return None
    group, rostered = row.telegram_group or "", row.key is not None
    return Team(row.id, row.name, Rung(row.rung), group, row.hours, rostered, row.active)


def holder(connection: Connection, ticket_id: int) -> tuple[ChatKey, ...]:
    """The private chats of the member who holds a ticket; none when there is nobody."""
    row = connection.execute(_HOLDER, {"b_id": ticket_id}).one_or_none()
    return ways.keys(row.telegram_id, row.zalo_id) if row else ()


def member(connection: Connection, member_id: int) -> tuple[ChatKey, ...]:
    """The private chats of a member who was not removed."""
    query = select(members.c.telegram_id, members.c.zalo_id).where(
        members.c.id == member_id, members.c.removed_at.is_(None)
    )
    row = connection.execute(query).one_or_none()
    return ways.keys(row.telegram_id, row.zalo_id) if row else ()


def team_of(connection: Connection, member_id: int) -> int | None:
    """The team of a member who was not removed."""
    query = select(members.c.team_id).where(
        members.c.id == member_id, members.c.removed_at.is_(None)
    )
    return connection.execute(query).scalar()


def accounts(
    connection: Connection, member_ids: tuple[int, ...], *, outside: bool = False
) -> tuple[tuple[ChatKey, ...], ...]:
    """The private chats of each of these members; those without are left out. `outside`: only
    members without Telegram, who read no group there."""
    query = select(members.c.telegram_id, members.c.zalo_id).where(members.c.id.in_(member_ids))
    if outside:
        query = query.where(members.c.telegram_id.is_(None))
    rows = connection.execute(query.order_by(members.c.id))
    every = (ways.keys(row.telegram_id, row.zalo_id) for row in rows)
    return tuple(each for each in every if each)


_LEADS = ("lead", "commune_desk", "province_desk")


def leads(connection: Connection, team_id: int) -> tuple[int, ...]:
    """Members who answer for a team: its lead, or who sits at its desk."""
    query = select(members.c.id).where(
        members.c.team_id == team_id, members.c.role.in_(_LEADS), members.c.removed_at.is_(None)
    )
    return tuple(connection.execute(query.order_by(members.c.id)).scalars())


def role(connection: Connection, member_id: int) -> str:
    """A member's role; "" when there is no such member."""
    query = select(members.c.role).where(members.c.id == member_id, members.c.removed_at.is_(None))
    return connection.execute(query).scalar() or ""


def names(connection: Connection, team_id: int) -> tuple[tuple[int, str], ...]:
    """(number, name) of a team's members who were not removed."""
    query = select(members.c.id, members.c.name).where(
        members.c.team_id == team_id, members.c.removed_at.is_(None)
    )
    return tuple((row.id, row.name) for row in connection.execute(query.order_by(members.c.id)))
