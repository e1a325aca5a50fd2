"""Staff accounts, their sessions, and failed logins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from bot.models.schema import login_failures, staff, staff_sessions
from bot.store.sql import insert

_LOGIN_LOCK = 20_260_703


@dataclass(frozen=True, slots=True)
class Account:
    """A staff member as a login sees one."""

    id: int
    username: str
    password_hash: str
    role: str
    removed: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A living session with whose it is."""

    staff_id: int
    username: str
    role: str
    csrf: str


# Accounts ---------------------------------------------------------------------------------------


def accounts(connection: Connection) -> list[Account]:
    """Every account, removed ones too (their names stay taken)."""
    rows = connection.execute(select(staff).order_by(staff.c.id))
    return [
        Account(r.id, r.username, r.password_hash, r.role, r.removed_at is not None) for r in rows
    ]


def add(
    connection: Connection, username: str, password_hash: str, role: str, now: datetime
) -> int | None:
    """Make an account; None when the name is taken."""
    statement = insert(connection, staff).values(
        username=username, password_hash=password_hash, role=role, created_at=now
    )
    statement = statement.on_conflict_do_nothing(index_elements=["username"])
    return connection.execute(statement.returning(staff.c.id)).scalar()


def remove(connection: Connection, staff_id: int, now: datetime) -> None:
    """End an account and every session of it; tickets keep the name of who helped."""
    connection.execute(update(staff).where(staff.c.id == staff_id).values(removed_at=now))
    connection.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id))


# Sessions ---------------------------------------------------------------------------------------


def open_session(
    connection: Connection, token_hash: str, staff_id: int, csrf: str, expires_at: datetime
) -> None:
    """Begin a session; only the hash of its token is kept."""
    connection.execute(
        insert(connection, staff_sessions).values(
            token_hash=token_hash, staff_id=staff_id, csrf=csrf, expires_at=expires_at
        )
    )


def session(connection: Connection, token_hash: str, now: datetime) -> Session | None:
    """The session, unless it ended or its owner was removed."""
    row = connection.execute(
        select(staff.c.id, staff.c.username, staff.c.role, staff_sessions.c.csrf)
        .join(staff, staff.c.id == staff_sessions.c.staff_id)
        .where(
            staff_sessions.c.token_hash == token_hash,
            staff_sessions.c.expires_at > now,
            staff.c.removed_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else Session(*row)


def end_session(connection: Connection, token_hash: str) -> None:
    """Log out."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == token_hash))


# Failed logins ----------------------------------------------------------------------------------


def one_login_at_a_time(connection: Connection) -> None:
    """Until this transaction ends nobody else counts failures (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOGIN_LOCK)))


def failures(connection: Connection, key: str, since: datetime) -> tuple[int, datetime | None]:
    """(how many there are since then, when the oldest of them was)."""
    row = connection.execute(
        select(func.count(), func.min(login_failures.c.at)).where(
            login_failures.c.key == key, login_failures.c.at > since
        )
    ).one()
    return row[0], row[1]


def add_failures(connection: Connection, keys: Sequence[str], now: datetime) -> list[int]:
    """Count a failure for every key; returns the rows, so that a success can take them back."""
    rows = [{"key": key, "at": now} for key in keys]
    statement = insert(connection, login_failures).values(rows).returning(login_failures.c.id)
    return list(connection.execute(statement).scalars())


def forgive(connection: Connection, key: str, rows: Sequence[int]) -> None:
    """The password was right: forget the failures of a key, and these rows."""
    connection.execute(delete(login_failures).where(login_failures.c.key == key))
    connection.execute(delete(login_failures).where(login_failures.c.id.in_(rows)))
