"""One-time links with which staff set their own password. Kept by their hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from bot.models.schema import staff, staff_invites
from bot.store.sql import insert


@dataclass(frozen=True, slots=True)
class Invite:
    """A link with whose it is."""

    staff_id: int
    username: str
    role: str
    expires_at: datetime
    used: bool


def put(
    connection: Connection, token_hash: str, staff_id: int, now: datetime, expires_at: datetime
) -> None:
    """Keep a link; the ones somebody had before are not good any more."""
    forget(connection, staff_id)
    values = {
        "token_hash": token_hash,
        "staff_id": staff_id,
        "made_at": now,
        "expires_at": expires_at,
    }
    connection.execute(insert(connection, staff_invites).values(values))


def find(connection: Connection, token_hash: str) -> Invite | None:
    """A link; None when it was never made, was replaced, or its account was removed."""
    i = staff_invites.c
    query = (
        select(i.staff_id, staff.c.username, staff.c.role, i.expires_at, i.used_at)
        .join(staff, staff.c.id == i.staff_id)
        .where(i.token_hash == token_hash, staff.c.removed_at.is_(None))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Invite(row.staff_id, row.username, row.role, row.expires_at, row.used_at is not None)


def use(connection: Connection, token_hash: str, now: datetime) -> bool:
    """Mark a link used; False when it was before, or its time is over."""
    i = staff_invites.c
    statement = update(staff_invites).where(
        i.token_hash == token_hash, i.used_at.is_(None), i.expires_at > now
    )
    return bool(connection.execute(statement.values(used_at=now)).rowcount)


def waiting(connection: Connection, now: datetime) -> dict[int, datetime]:
    """Until when each account has a link that was not used yet."""
    i = staff_invites.c
    query = select(i.staff_id, i.expires_at).where(i.used_at.is_(None), i.expires_at > now)
    return {row[0]: row[1] for row in connection.execute(query)}


def forget(connection: Connection, staff_id: int) -> None:
    """No link of somebody is good any more."""
    connection.execute(delete(staff_invites).where(staff_invites.c.staff_id == staff_id))


def forget_open(connection: Connection, staff_id: int) -> None:
    """No link of somebody is good any more; that one was used is remembered."""
    i = staff_invites.c
    connection.execute(delete(staff_invites).where(i.staff_id == staff_id, i.used_at.is_(None)))


def purge(connection: Connection, before: datetime) -> int:
    """Forget links whose time was over before a moment."""
    statement = delete(staff_invites).where(staff_invites.c.expires_at < before)
    return connection.execute(statement).rowcount
