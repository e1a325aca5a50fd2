"""One-time links with which members join. Kept by their hash: the database cannot tell a link."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from bot.models.schema import join_links, members
from bot.store import accounts, ways
from bot.store.accounts import Person
from bot.store.inbox import ChatKey
from bot.store.sql import insert, locked


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it was given to a member. `used_by` names the account, as in "telegram:501"."""

    member: Person
    expires_at: datetime
    used_by: str = ""


def token_hash(token: str) -> str:
    """What a token is kept by."""
    return hashlib.sha256(token.encode()).hexdigest()


def put(connection: Connection, links: Iterable[tuple[str, int]], expires_at: datetime) -> None:
    """Keep (token, member) pairs. A member's other links stay good: they may be under way."""
    rows = [
        {"token_hash": token_hash(token), "member_id": member, "expires_at": expires_at}
        for token, member in links
    ]
    if rows:
        connection.execute(insert(connection, join_links), rows)


def find(connection: Connection, token: str, *, lock: bool = False) -> Link | None:
    """A link by its token; `lock` keeps others from using it until this transaction ends.

    None when it was never given, its time is long over, or the member was removed.
    """
    query = select(join_links).where(join_links.c.token_hash == token_hash(token))
    row = connection.execute(locked(query) if lock else query).one_or_none()
    member = accounts.person(connection, row.member_id) if row is not None else None
    if row is None or member is None:
        return None
    return Link(member, row.expires_at, row.used_by or "")


def use(connection: Connection, token: str, by: str, now: datetime) -> bool:
    """Mark a link used; False when it was before."""
    return bool(
        connection.execute(
            update(join_links)
            .where(join_links.c.token_hash == token_hash(token), join_links.c.used_at.is_(None))
            .values(used_at=now, used_by=by)
        ).rowcount
    )


def join_account(connection: Connection, member: Person, key: ChatKey) -> None:
    """Tie a member to an account, with what the account did for the team before."""
    accounts.absorb(connection, member.id, member.team_id, key)
    connection.execute(
        update(members)
        .where(members.c.id == member.id)
        .values(**ways.columns(key), reach_failed_at=None)
    )


def purge(connection: Connection, before: datetime) -> int:
    """Forget links whose time was over before a moment."""
    return connection.execute(delete(join_links).where(join_links.c.expires_at < before)).rowcount
