"""Staff accounts and failed logins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from bot.models.schema import login_failures, staff, staff_invites, staff_sessions
from bot.store.sql import insert

_LOGIN_LOCK = 20_260_703
_CHANGE_LOCK = 20_261_122
_BETWEEN = "\n"


@dataclass(frozen=True, slots=True)
class Account:
    """A staff member as a login sees one. Without a password they have a link to set one."""

    id: int
    username: str
    password_hash: str
    role: str
    removed: bool
    scope: tuple[str, ...] = ()
    created_at: datetime | None = None

    @property
    def usable(self) -> bool:
        """Whether somebody can log in with it."""
        return bool(self.password_hash) and not self.removed


def codes(kept: str) -> tuple[str, ...]:
    """The codes of a scope as the database keeps it."""
    return tuple(kept.split(_BETWEEN)) if kept else ()


# Accounts ---------------------------------------------------------------------------------------


def accounts(connection: Connection) -> list[Account]:
    """Every account, removed ones too (their names stay taken)."""
    rows = connection.execute(select(staff).order_by(staff.c.id))
    return [
        Account(
            r.id,
            r.username,
            r.password_hash,
            r.role,
            r.removed_at is not None,
            codes(r.scope),
            r.created_at,
        )
        for r in rows
    ]


def one_change_at_a_time(connection: Connection) -> None:
    """Until this transaction ends nobody else changes accounts: two admins who remove each other
    at the same moment must not both succeed (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CHANGE_LOCK)))


def add(
    connection: Connection,
    username: str,
    password_hash: str,
    role: str,
    now: datetime,
    scope: Sequence[str] = (),
) -> int | None:
    """Make an account; None when the name is taken."""
    statement = insert(connection, staff).values(
        username=username,
        password_hash=password_hash,
        role=role,
        created_at=now,
        scope=_BETWEEN.join(scope),
    )
    statement = statement.on_conflict_do_nothing(index_elements=["username"])
    return connection.execute(statement.returning(staff.c.id)).scalar()


def change(connection: Connection, staff_id: int, role: str, scope: Sequence[str]) -> None:
    """Another role, other places."""
    values = {"role": role, "scope": _BETWEEN.join(scope)}
    connection.execute(update(staff).where(staff.c.id == staff_id).values(values))


def set_password(connection: Connection, staff_id: int, password_hash: str) -> None:
    """Another password; "" for none until they set one themselves."""
    values = {"password_hash": password_hash}
    connection.execute(update(staff).where(staff.c.id == staff_id).values(values))


def remove(connection: Connection, staff_id: int, now: datetime) -> None:
    """End an account, its sessions and links; tickets keep the name of who helped."""
    connection.execute(update(staff).where(staff.c.id == staff_id).values(removed_at=now))
    for table in (staff_sessions, staff_invites):
        connection.execute(delete(table).where(table.c.staff_id == staff_id))


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
