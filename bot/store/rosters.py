"""Rosters in the database: what is stored, changes that wait, making them one by one.

An import is whole or nothing: its changes are written beside the tables first, in small
transactions, and only when all of them are there is it `ready`. From then on they will all be made,
by this process or by the next that looks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Row, Table, delete, func, select, update

from bot.domain.channels import TELEGRAM
from bot.domain.tickets import Rung
from bot.models.schema import (
    hamlets,
    members,
    roster_imports,
    roster_rows,
    team_coverage,
    teams,
)
from bot.rosters.changes import CloseTeam, PutHamlet, PutMember, PutTeam
from bot.rosters.form import Role
from bot.rosters.roster import Hamlet, Member, Stored, StoredMember, StoredTeam, Team
from bot.store import accounts
from bot.store import members as people
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey
from bot.store.members import PHONE, TEAM_PHONE
from bot.store.sql import insert

CHANGE = "roster.change"
_PHONE_HASH = "phone hash"


# What is stored ---------------------------------------------------------------------------------


def stored(connection: Connection, vault: Vault) -> Stored:
    """Every team and member, with their phones opened."""
    served: dict[int, list[str]] = {}
    for row in connection.execute(select(team_coverage).order_by(team_coverage.c.locality_code)):
        served.setdefault(row.team_id, []).append(row.locality_code)
    places = connection.execute(select(hamlets).order_by(hamlets.c.code))
    return Stored(
        tuple(
            StoredTeam(r.id, _team(r, vault, tuple(served.get(r.id, ()))), bool(r.active))
            for r in connection.execute(select(teams).order_by(teams.c.id))
        ),
        tuple(
            _member(r, vault) for r in connection.execute(select(members).order_by(members.c.id))
        ),
        {r.code: Hamlet(r.code, r.commune_code, r.name) for r in places},
    )


def _team(row: Row[Any], vault: Vault, codes: tuple[str, ...]) -> Team:
    return Team(
        row.key or "",
        row.name,
        Rung(row.rung),
        codes,
        row.commune,
        _opened(vault, row.phone, TEAM_PHONE),
        row.telegram_group or "",
        row.hours,
    )


def _member(row: Row[Any], vault: Vault) -> StoredMember:
    joined = row.telegram_id or row.zalo_id or row.web_joined_at
    return StoredMember(
        row.id,
        row.team_id,
        Member(
            row.key or "",
            row.name,
            Role(row.role),
            _opened(vault, row.phone, PHONE),
            tuple(json.loads(row.languages)),
            row.hours or "",
            row.max_open,
        ),
        removed=row.removed_at is not None,
        joined=bool(joined),
    )


def _opened(vault: Vault, sealed: bytes | None, purpose: str) -> str:
    return vault.open(sealed, purpose).decode() if sealed else ""


def _sealed(vault: Vault, text: str, purpose: str) -> bytes | None:
    return vault.seal(text.encode(), purpose) if text else None


def phone_hash(vault: Vault, phone: str) -> str | None:
    """What a number is found by; without the data key it tells nothing of the number."""
    if not phone:
        return None
    return hmac.digest(_hash_key(vault), phone.encode(), hashlib.sha256).hex()


@lru_cache(maxsize=4)
def _hash_key(vault: Vault) -> bytes:
    return vault.derive(_PHONE_HASH)


# Changes that wait ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Import:
    """An import that is not done: `left` of `total` changes are still to be made."""

    id: int
    started_at: datetime
    alive_at: datetime
    ready: bool
    total: int
    left: int


def unfinished(connection: Connection) -> Import | None:
    """The import under way or left half way; there is at most one."""
    row = connection.execute(
        select(roster_imports).where(roster_imports.c.done_at.is_(None)).limit(1)
    ).one_or_none()
    if row is None:
        return None
    left = connection.execute(
        select(func.count()).where(roster_rows.c.import_id == row.id)
    ).scalar_one()
    ready = row.ready_at is not None
    return Import(row.id, row.started_at, row.alive_at, ready, row.total, left)


def begin(connection: Connection, now: datetime) -> int:
    """A new import; what another left before it was ready is forgotten."""
    connection.execute(delete(roster_imports).where(roster_imports.c.done_at.is_(None)))
    statement = insert(connection, roster_imports).values(started_at=now, alive_at=now, total=0)
    return int(connection.execute(statement.returning(roster_imports.c.id)).scalar_one())


def put(
    connection: Connection,
    vault: Vault,
    import_id: int,
    first: int,
    payloads: Sequence[bytes],
    now: datetime,
) -> bool:
    """Keep changes from place `first` on; False when another import took this one's place."""
    if not alive(connection, import_id, now):
        return False
    rows = [
        {
            "import_id": import_id,
            "position": first + at,
            "payload": vault.seal(payload, CHANGE),
        }
        for at, payload in enumerate(payloads)
    ]
    connection.execute(insert(connection, roster_rows), rows)
    return True


def alive(connection: Connection, import_id: int, now: datetime) -> bool:
    """Say that somebody works at it; False when it is no more."""
    return bool(
        connection.execute(
            update(roster_imports)
            .where(roster_imports.c.id == import_id, roster_imports.c.done_at.is_(None))
            .values(alive_at=now)
        ).rowcount
    )


def ready(connection: Connection, import_id: int, total: int, now: datetime) -> bool:
    """All changes are there: from here on they are made. False when it is no more."""
    return bool(
        connection.execute(
            update(roster_imports)
            .where(roster_imports.c.id == import_id, roster_imports.c.done_at.is_(None))
            .values(ready_at=now, alive_at=now, total=total)
        ).rowcount
    )


def next_changes(
    connection: Connection, vault: Vault, import_id: int, limit: int
) -> list[tuple[int, bytes]]:
    """(place, change) of the next changes to make."""
    query = (
        select(roster_rows.c.position, roster_rows.c.payload)
        .where(roster_rows.c.import_id == import_id)
        .order_by(roster_rows.c.position)
        .limit(limit)
    )
    return [(r.position, vault.open(r.payload, CHANGE)) for r in connection.execute(query)]


def made(connection: Connection, import_id: int, up_to: int, now: datetime) -> None:
    """The changes up to a place are made."""
    connection.execute(
        delete(roster_rows).where(
            roster_rows.c.import_id == import_id, roster_rows.c.position <= up_to
        )
    )
    alive(connection, import_id, now)


def done(connection: Connection, import_id: int, now: datetime) -> None:
    """Every change is made."""
    connection.execute(
        update(roster_imports).where(roster_imports.c.id == import_id).values(done_at=now)
    )


def lock_import(connection: Connection, import_id: int) -> bool:
    """Keep others from making this import's changes until this transaction ends; False when it is
    done or no more."""
    query = select(roster_imports.c.id).where(
        roster_imports.c.id == import_id, roster_imports.c.done_at.is_(None)
    )
    return connection.execute(query.with_for_update()).scalar() is not None


# Making changes ---------------------------------------------------------------------------------


def put_hamlets(connection: Connection, changes: Sequence[PutHamlet]) -> None:
    """Hamlets are there and are called this."""
    statement = insert(connection, hamlets)
    new = {name: statement.excluded[name] for name in ("commune_code", "name")}
    rows = [
        {"code": each.hamlet.code, "commune_code": each.hamlet.commune, "name": each.hamlet.name}
        for each in changes
    ]
    statement = statement.on_conflict_do_update(index_elements=["code"], set_=new)
    connection.execute(statement, rows)


def put_teams(
    connection: Connection, vault: Vault, changes: Sequence[PutTeam], now: datetime
) -> None:
    """New teams are there like this. Made again they are the same teams: their keys tell."""
    given = [each.team for each in changes]
    keys = [team.key for team in given]
    _free_groups(connection, given)
    rows = [{"created_at": now, **_team_values(vault, team)} for team in given]
    connection.execute(_upsert(connection, teams, rows[0]), rows)
    found = connection.execute(select(teams.c.key, teams.c.id).where(teams.c.key.in_(keys)))
    ids: dict[str, int] = {row.key: row.id for row in found}
    people.set_coverages(connection, {ids[team.key]: team.coverage for team in given})


def put_team(connection: Connection, vault: Vault, change: PutTeam) -> None:
    """A team becomes like this."""
    _free_groups(connection, [change.team])
    values = _team_values(vault, change.team)
    connection.execute(update(teams).where(teams.c.id == change.id).values(values))
    people.set_coverages(connection, {change.id or 0: change.team.coverage})


def _free_groups(connection: Connection, given: Sequence[Team]) -> None:
    """Whoever has one of these groups now gets another with the same import."""
    groups = [team.group for team in given if team.group]
    if groups:
        holders = teams.c.telegram_group.in_(groups)
        connection.execute(update(teams).where(holders).values(telegram_group=None))


def _team_values(vault: Vault, team: Team) -> dict[str, object]:
    return {
        "key": team.key,
        "name": team.name,
        "rung": team.rung.value,
        "commune": team.commune,
        "phone": _sealed(vault, team.phone, TEAM_PHONE),
        "telegram_group": team.group or None,
        "hours": team.hours,
        "active": True,
    }


def close_team(connection: Connection, change: CloseTeam) -> None:
    """A team takes nothing any more."""
    connection.execute(update(teams).where(teams.c.id == change.id).values(active=False))


def put_members(
    connection: Connection, vault: Vault, changes: Sequence[PutMember], now: datetime
) -> None:
    """New members are there like this. Made again they are the same: their keys tell."""
    keys = {each.team_key for each in changes}
    found = connection.execute(select(teams.c.key, teams.c.id).where(teams.c.key.in_(keys)))
    ids: dict[str, int] = {row.key: row.id for row in found}
    rows = [
        {"created_at": now, **_member_values(vault, each.member, ids[each.team_key])}
        for each in changes
    ]
    connection.execute(_upsert(connection, members, rows[0]), rows)


def put_member(connection: Connection, vault: Vault, change: PutMember) -> None:
    """A member becomes like this; accounts and absence are their own business."""
    query = select(teams.c.id).where(teams.c.key == change.team_key)
    team_id = connection.execute(query).scalar_one()
    if change.moved and change.id is not None:
        mine = select(members.c.telegram_id).where(members.c.id == change.id)
        account = connection.execute(mine).scalar()
        if account:
            accounts.absorb(connection, change.id, team_id, ChatKey(TELEGRAM, account))
    values = _member_values(vault, change.member, team_id)
    connection.execute(update(members).where(members.c.id == change.id).values(values))


def _member_values(vault: Vault, member: Member, team_id: int) -> dict[str, object]:
    return {
        "team_id": team_id,
        "key": member.key,
        "name": member.name,
        "role": member.role.value,
        "phone": _sealed(vault, member.phone, PHONE),
        "phone_hash": phone_hash(vault, member.phone),
        "languages": json.dumps(member.languages),
        "hours": member.hours or None,
        "max_open": member.max_open,
        "removed_at": None,
    }


def _upsert(connection: Connection, table: Table, row: dict[str, object]) -> Insert:
    """Rows by their key: made, or changed but for when they were made."""
    statement = insert(connection, table)
    new = {name: statement.excluded[name] for name in row if name not in ("key", "created_at")}
    return statement.on_conflict_do_update(index_elements=["key"], set_=new)


def purge_imports(connection: Connection, before: datetime) -> int:
    """Forget imports that were done long ago."""
    return connection.execute(
        delete(roster_imports).where(roster_imports.c.done_at < before)
    ).rowcount
