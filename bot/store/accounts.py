"""Members as people with accounts: who has joined, being one person, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from bot.models.schema import join_links, members, teams, tickets, visits
from bot.store import ways
from bot.store.inbox import ChatKey
from bot.store.members import JOINED


@dataclass(frozen=True, slots=True)
class Person:
    """A member with what joining looks at."""

    id: int
    team_id: int
    name: str
    team: str
    key: str
    telegram_id: str
    zalo_id: str
    joined_web: bool


def person(connection: Connection, member_id: int) -> Person | None:
    """A member who was not removed."""
    return _person(connection, members.c.id == member_id)


def person_of_key(connection: Connection, key: str) -> Person | None:
    """The member of a roster's key."""
    return _person(connection, members.c.key == key)


def person_of_account(connection: Connection, key: ChatKey, team_id: int) -> Person | None:
    """The member of a team with an account."""
    return _person(connection, ways.is_theirs(key) & (members.c.team_id == team_id))


def _person(connection: Connection, which: Any) -> Person | None:
    row = connection.execute(_people().where(which)).first()
    return None if row is None else _as_person(row)


def _people() -> Select[Any]:
    return (
        select(members, teams.c.name.label("team_name"))
        .join(teams, teams.c.id == members.c.team_id)
        .where(members.c.removed_at.is_(None))
    )


def _as_person(row: Row[Any]) -> Person:
    return Person(
        row.id,
        row.team_id,
        row.name,
        row.team_name,
        row.key or "",
        row.telegram_id or "",
        row.zalo_id or "",
        row.web_joined_at is not None,
    )


def not_joined(connection: Connection) -> tuple[Person, ...]:
    """Members of active teams who have no account and never opened their page, team by team."""
    query = (
        _people().where(~JOINED, teams.c.active).order_by(teams.c.name, teams.c.id, members.c.id)
    )
    return tuple(_as_person(row) for row in connection.execute(query))


def join_web(connection: Connection, member_id: int, now: datetime) -> None:
    """They opened their page: they are there."""
    connection.execute(
        update(members)
        .where(members.c.id == member_id)
        .values(web_joined_at=func.coalesce(members.c.web_joined_at, now), reach_failed_at=None)
    )


def absorb(connection: Connection, member_id: int, team_id: int, key: ChatKey) -> None:
    """Somebody took tickets in the group before their roster came: they are one person now."""
    other = connection.execute(
        select(members.c.id).where(
            members.c.team_id == team_id,
            ways.is_theirs(key),
            members.c.id != member_id,
        )
    ).scalar()
    if other is None:
        return
    for table, column in ((tickets, tickets.c.claimed_by), (visits, visits.c.member_id)):
        connection.execute(update(table).where(column == other).values({column.name: member_id}))
    connection.execute(delete(join_links).where(join_links.c.member_id == other))
    connection.execute(
        update(members)
        .where(members.c.id == other)
        .values(
            **dict.fromkeys(ways.columns(key)),
            removed_at=func.coalesce(members.c.removed_at, members.c.created_at),
        )
    )


def remove(connection: Connection, member_id: int, now: datetime) -> None:
    """They are of the team no more: name and work done stay for the records, nothing else."""
    connection.execute(
        update(members)
        .where(members.c.id == member_id, members.c.removed_at.is_(None))
        .values(
            removed_at=now,
            phone=None,
            phone_hash=None,
            telegram_id=None,
            zalo_id=None,
            web_joined_at=None,
            away_from=None,
            away_until=None,
            reach_failed_at=None,
        )
    )
    connection.execute(delete(join_links).where(join_links.c.member_id == member_id))
