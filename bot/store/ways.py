"""The accounts by which a team's member is told something: which they have, which one to use.

A member has at most one account on Telegram and one on Zalo (`zalo_id` names its channel too, as in
"zalo_bot:6ede…", since a person has another id for every bot and Official Account).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from bot.domain.channels import TELEGRAM, ZALO_OA
from bot.models.schema import chats, members
from bot.store import windows
from bot.store.inbox import ChatKey


def account(key: ChatKey) -> str:
    """A private chat's account, as in "telegram:501"."""
    return f"{key.channel}:{key.external_id}"


def key_of(name: str) -> ChatKey:
    """The private chat of an account."""
    channel, _, external_id = name.partition(":")
    return ChatKey(channel, external_id)


def columns(key: ChatKey) -> dict[str, str]:
    """What a member with this account has in its column."""
    if key.channel == TELEGRAM:
        return {"telegram_id": key.external_id}
    return {"zalo_id": account(key)}


def is_theirs(key: ChatKey) -> ColumnElement[bool]:
    """Whether a member has this account."""
    ((name, value),) = columns(key).items()
    return members.c[name] == value


def keys(telegram_id: str | None, zalo_id: str | None) -> tuple[ChatKey, ...]:
    """The private chats of a member's accounts."""
    found = (ChatKey(TELEGRAM, telegram_id),) if telegram_id else ()
    return (*found, key_of(zalo_id)) if zalo_id else found


def best(
    connection: Connection, ways: Iterable[ChatKey], now: datetime, *, billed: bool = False
) -> ChatKey | None:
    """Where to tell a member: of the chats that a message reaches now, the one used last; one that
    no message reaches only when there is no other. `billed` as in `windows.can_reach`."""
    every = tuple(ways)
    if len(every) < 2:
        return every[0] if every else None
    open_now = [key for key in every if windows.can_reach(connection, key, now, billed=billed)]
    return max(open_now or every, key=lambda key: _seen(connection, key))


def _seen(connection: Connection, key: ChatKey) -> float:
    query = select(chats.c.seen_at).where(
        chats.c.channel == key.channel, chats.c.external_id == key.external_id
    )
    seen: datetime | None = connection.execute(query).scalar()
    return seen.timestamp() if seen else 0.0


def holders(connection: Connection, key: ChatKey) -> tuple[Any, ...]:
    """The members with an account, one in each of their teams."""
    query = select(members).where(is_theirs(key), members.c.removed_at.is_(None))
    return tuple(connection.execute(query))


def has_other(
    connection: Connection, row: Any, key: ChatKey, now: datetime, *, billed: bool = False
) -> bool:
    """Whether messages reach a member by another account than this one."""
    return any(
        windows.can_reach(connection, other, now, billed=billed)
        for other in keys(row.telegram_id, row.zalo_id)
        if other != key
    )


def silent(connection: Connection, row: Any, now: datetime, *, billed: bool = False) -> bool:
    """Whether a member can only be told on Zalo's Official Account, and it is closed for now:
    whoever wants to be told there must have written not too long ago."""
    zalo = row.zalo_id or ""
    if row.telegram_id or row.web_joined_at or not zalo.startswith(f"{ZALO_OA}:"):
        return False
    return not windows.can_reach(connection, key_of(zalo), now, billed=billed)
