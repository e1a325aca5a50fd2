"""Rosters uploaded at the console: sealed, until they are imported or a day has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from bot.models.schema import roster_files
from bot.store.crypto import Vault
from bot.store.sql import insert

FILE = "roster.file"
#: An uploaded file is kept for so long to be looked at; then its phones are erased.
KEEP = timedelta(days=1)
NAME_MOST = 160
_PROBLEM_MOST = 300


@dataclass(frozen=True, slots=True)
class RosterFile:
    """An uploaded file. `state`: read, importing, imported or failed; `there`: its bytes are."""

    id: int
    at: datetime
    who: str
    name: str
    digest: str
    remove_missing: bool
    state: str
    problem: str
    done: int
    total: int
    there: bool


def put(
    connection: Connection,
    vault: Vault,
    data: bytes,
    *,
    digest: str,
    who: str,
    name: str,
    remove_missing: bool,
    now: datetime,
) -> int:
    """Keep a file; returns its number."""
    statement = insert(connection, roster_files).values(
        at=now,
        who=who,
        name=name[:NAME_MOST],
        digest=digest,
        remove_missing=remove_missing,
        payload=vault.seal(data, FILE),
        state="read",
        problem="",
        done=0,
        total=0,
    )
    return int(connection.execute(statement.returning(roster_files.c.id)).scalar_one())


_WITHOUT_BYTES: Select[Any] = select(
    *(column for column in roster_files.c if column.name != "payload"),
    roster_files.c.payload.is_not(None).label("there"),
)


def find(connection: Connection, number: int) -> RosterFile | None:
    """One file."""
    query = _WITHOUT_BYTES.where(roster_files.c.id == number)
    row = connection.execute(query).one_or_none()
    return None if row is None else _file(row)


def latest(connection: Connection, limit: int = 10) -> list[RosterFile]:
    """The last files, newest first."""
    query = _WITHOUT_BYTES.order_by(roster_files.c.id.desc()).limit(limit)
    return [_file(row) for row in connection.execute(query)]


def data(connection: Connection, vault: Vault, number: int) -> bytes | None:
    """The bytes of a file; None when they are gone."""
    query = select(roster_files.c.payload).where(roster_files.c.id == number)
    sealed = connection.execute(query).scalar()
    return vault.open(sealed, FILE) if sealed else None


def begin(connection: Connection, number: int, digest: str) -> bool:
    """The file of this digest is being imported from now on; False when it is not to be."""
    return bool(
        connection.execute(
            update(roster_files)
            .where(
                roster_files.c.id == number,
                roster_files.c.digest == digest,
                roster_files.c.state == "read",
            )
            .values(state="importing")
        ).rowcount
    )


def progress(connection: Connection, number: int, done: int, total: int) -> None:
    """How far it is."""
    connection.execute(
        update(roster_files).where(roster_files.c.id == number).values(done=done, total=total)
    )


def end(connection: Connection, number: int, problem: str = "") -> None:
    """It is imported, or could not be; its bytes are not needed any more."""
    state = "failed" if problem else "imported"
    connection.execute(
        update(roster_files)
        .where(roster_files.c.id == number)
        .values(state=state, problem=problem[:_PROBLEM_MOST], payload=None)
    )


def forget(connection: Connection, before: datetime) -> int:
    """Erase the bytes of files uploaded before a moment."""
    return connection.execute(
        update(roster_files)
        .where(roster_files.c.at < before, roster_files.c.payload.is_not(None))
        .values(payload=None)
    ).rowcount


def _file(row: Row[Any]) -> RosterFile:
    return RosterFile(
        row.id,
        row.at,
        row.who,
        row.name,
        row.digest,
        bool(row.remove_missing),
        row.state,
        row.problem,
        row.done,
        row.total,
        bool(row.there),
    )
