"""The tokens of the Official Account: sealed, and traded for new ones by one process at a time.

A refresh token works once. So: take the row (`begin`), commit, ask Zalo, store the answer (`keep`)
before anybody uses it. A process that dies in between leaves `used_at` behind: the token may be
spent or not. It is tried again, since nothing is lost by that, and what is in doubt can be seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.models.schema import zalo_tokens
from bot.store.crypto import Vault
from bot.store.sql import insert, locked

PURPOSE = "zalo tokens"
_PROBLEM_MOST = 120


@dataclass(frozen=True, slots=True)
class Pair:
    """What Zalo gave, and until when each of the two works."""

    access: str
    refresh: str
    expires_at: datetime
    refresh_until: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """A token to send with; `version` names the pair it is of."""

    token: str
    version: int
    expires_at: datetime
    oa_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the connection is; nothing secret."""

    oa_id: str
    version: int
    expires_at: datetime
    refresh_until: datetime
    stored_at: datetime
    used_at: datetime | None
    next_try_at: datetime | None
    failures: int
    problem: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """The refresh token is ours to use, once. `doubt`: it was sent before, and no answer came."""

    refresh: str
    version: int
    doubt: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: another process is at it (`busy`), or the next try is later, or there is no token
    that works (`problem` says why)."""

    busy: bool = False
    problem: str = ""


def standing(connection: Connection, app_id: str) -> Standing | None:
    """How the connection of an app is; None when it never was connected."""
    t = zalo_tokens.c
    query = select(
        t.oa_id,
        t.version,
        t.expires_at,
        t.refresh_until,
        t.stored_at,
        t.used_at,
        t.next_try_at,
        t.failures,
        t.problem,
        t.lost,
    ).where(t.app_id == app_id)
    row = connection.execute(query).one_or_none()
    return Standing(**row._mapping) if row is not None else None


def access(connection: Connection, vault: Vault, app_id: str) -> Access | None:
    """The newest token to send with, whether it still works or not."""
    query = select(zalo_tokens).where(zalo_tokens.c.app_id == app_id)
    row = connection.execute(query).one_or_none()
    return _access(vault, row) if row is not None else None


def connect(
    connection: Connection, vault: Vault, app_id: str, oa_id: str, pair: Pair, now: datetime
) -> int:
    """Store the pair of an account that was connected (again); returns its version."""
    old = standing(connection, app_id)
    version = old.version + 1 if old else 1
    values: dict[str, object] = {
        **_stored(vault, pair, version, now),
        "oa_id": oa_id or (old.oa_id if old else ""),
    }
    statement = insert(connection, zalo_tokens).values(app_id=app_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["app_id"], set_={**values}))
    return version


def begin(
    connection: Connection,
    vault: Vault,
    app_id: str,
    seen: int,
    owner: str,
    now: datetime,
    until: datetime,
) -> Begun | Access | Wait:
    """Take the refresh token, to be used once this is committed and before `until`.

    `seen` is the version that must be replaced: a newer one that is there already is given back.
    """
    query = select(zalo_tokens).where(zalo_tokens.c.app_id == app_id)
    row = connection.execute(locked(query)).one_or_none()
    if row is None:
        return Wait(problem="not connected")
    if row.version > seen:
        return _access(vault, row)
    if row.busy_until is not None and row.busy_until > now:
        return Wait(busy=True)
    if row.lost:
        return Wait(problem=row.problem)
    if row.next_try_at is not None and row.next_try_at > now:
        return Wait(problem=row.problem)
    connection.execute(
        update(zalo_tokens)
        .where(zalo_tokens.c.app_id == app_id)
        .values(busy_owner=owner, busy_until=until, used_at=row.used_at or now)
    )
    return Begun(_open(vault, row)["refresh"], row.version, row.used_at is not None)


def keep(
    connection: Connection, vault: Vault, app_id: str, version: int, pair: Pair, now: datetime
) -> bool:
    """Store what came for the refresh token of a version. False when a newer pair is there.

    Whoever's turn it is by now: a pair that works is never thrown away.
    """
    done = connection.execute(
        update(zalo_tokens)
        .where(zalo_tokens.c.app_id == app_id, zalo_tokens.c.version == version)
        .values(_stored(vault, pair, version + 1, now))
    )
    return done.rowcount == 1


def failed(
    connection: Connection,
    app_id: str,
    version: int,
    owner: str,
    problem: str,
    next_try_at: datetime,
    *,
    sent: bool,
    lost: bool = False,
) -> None:
    """The trade did not come off. `sent` False: the token was never sent, so it is still good."""
    values: dict[str, object] = {
        "busy_owner": None,
        "busy_until": None,
        "problem": problem[:_PROBLEM_MOST],
        "next_try_at": next_try_at,
        "failures": zalo_tokens.c.failures + 1,
        "lost": lost,
    }
    if not sent:
        values["used_at"] = None
    connection.execute(
        update(zalo_tokens)
        .where(
            zalo_tokens.c.app_id == app_id,
            zalo_tokens.c.version == version,
            zalo_tokens.c.busy_owner == owner,
        )
        .values(values)
    )


def _stored(vault: Vault, pair: Pair, version: int, now: datetime) -> dict[str, object]:
    both = json.dumps({"access": pair.access, "refresh": pair.refresh}).encode()
    return {
        "sealed": vault.seal(both, PURPOSE),
        "version": version,
        "expires_at": pair.expires_at,
        "refresh_until": pair.refresh_until,
        "stored_at": now,
        "busy_owner": None,
        "busy_until": None,
        "used_at": None,
        "next_try_at": None,
        "failures": 0,
        "problem": "",
        "lost": False,
    }


def _open(vault: Vault, row: Row[*tuple[Any, ...]]) -> dict[str, str]:
    both: dict[str, str] = json.loads(vault.open(row.sealed, PURPOSE))
    return both


def _access(vault: Vault, row: Row[*tuple[Any, ...]]) -> Access:
    return Access(_open(vault, row)["access"], row.version, row.expires_at, row.oa_id)
