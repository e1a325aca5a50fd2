"""Sessions of staff. Only the hash of a cookie is kept: the database lets nobody in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from bot.models.schema import staff, staff_sessions
from bot.store.sql import insert
from bot.store.staff import codes

#: Characters of a token's hash that name a session on a page.
_HANDLE = 16


@dataclass(frozen=True, slots=True)
class Session:
    """A living session with whose it is."""

    staff_id: int
    username: str
    role: str
    scope: tuple[str, ...]
    csrf: str
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Device:
    """A session as its owner sees it; `handle` names it and lets nobody in."""

    handle: str
    started_at: datetime
    used_at: datetime
    expires_at: datetime


def handle_of(token_hash: str) -> str:
    """What a session is called on a page."""
    return token_hash[:_HANDLE]


def begin(
    connection: Connection,
    token_hash: str,
    staff_id: int,
    csrf: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Begin a session."""
    values = {
        "token_hash": token_hash,
        "staff_id": staff_id,
        "csrf": csrf,
        "expires_at": expires_at,
        "started_at": now,
        "used_at": now,
    }
    connection.execute(insert(connection, staff_sessions).values(values))


def find(
    connection: Connection, token_hash: str, now: datetime, idle_since: datetime
) -> Session | None:
    """The session, unless it ended, was not used since a moment, or its owner was removed."""
    s = staff_sessions.c
    query = (
        select(staff.c.id, staff.c.username, staff.c.role, staff.c.scope, s.csrf, s.used_at)
        .join(staff, staff.c.id == s.staff_id)
        .where(
            s.token_hash == token_hash,
            s.expires_at > now,
            s.used_at > idle_since,
            staff.c.removed_at.is_(None),
        )
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Session(row.id, row.username, row.role, codes(row.scope), row.csrf, row.used_at)


def used(connection: Connection, token_hash: str, now: datetime) -> None:
    """Somebody is there."""
    statement = update(staff_sessions).where(staff_sessions.c.token_hash == token_hash)
    connection.execute(statement.values(used_at=now))


def devices(
    connection: Connection, staff_id: int, now: datetime, idle_since: datetime
) -> list[Device]:
    """The living sessions of somebody, the last used first."""
    s = staff_sessions.c
    query = (
        select(s.token_hash, s.started_at, s.used_at, s.expires_at)
        .where(s.staff_id == staff_id, s.expires_at > now, s.used_at > idle_since)
        .order_by(s.used_at.desc(), s.token_hash)
    )
    return [Device(handle_of(row[0]), *row[1:]) for row in connection.execute(query)]


def seen(connection: Connection) -> dict[int, datetime]:
    """When each account with a session was last there."""
    s = staff_sessions.c
    query = select(s.staff_id, func.max(s.used_at)).group_by(s.staff_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def end(connection: Connection, token_hash: str) -> None:
    """Log out."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == token_hash))


def end_of(connection: Connection, staff_id: int, *, only: str = "", but: str = "") -> int:
    """End sessions of somebody: the one of a handle, all but the one of a handle, or all."""
    s = staff_sessions.c
    statement = delete(staff_sessions).where(s.staff_id == staff_id)
    if only:
        statement = statement.where(func.substr(s.token_hash, 1, _HANDLE) == only)
    if but:
        statement = statement.where(func.substr(s.token_hash, 1, _HANDLE) != but)
    return connection.execute(statement).rowcount
