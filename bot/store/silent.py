"""People who have not been heard of for so long that nothing of them may be kept any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, select, update

from bot.models.schema import chats, linked_chats, members, tickets
from bot.store import linking, records

_CHUNK = 50
_OPEN = ("waiting", "claimed")
#: Larger than the number of any event: all of them are before it.
_EVERY_EVENT = 2**62
#: How the number of a chat begins that is nobody's any more. No platform's number begins so.
GONE = "gone:"

_mine = linked_chats.alias("mine")
_theirs = linked_chats.alias("theirs")
_elsewhere = chats.alias("elsewhere")


def purge_silent(connection: Connection, before: datetime, now: datetime) -> int:
    """Erase a portion of the people who were last heard of before a moment; returns how many.

    Not those with a request that is open, not members of teams, and not whoever was heard of since
    in another chat that is linked with this one. Of the chat a number stays, which counts refer to.
    """
    asks = exists().where(tickets.c.chat_id == chats.c.id, tickets.c.status.in_(_OPEN))
    helps = exists().where(
        members.c.removed_at.is_(None),
        (members.c.telegram_id == chats.c.external_id) | (members.c.zalo_id == chats.c.external_id),
    )
    lately = (
        exists()
        .where(_mine.c.chat_id == chats.c.id, _theirs.c.person_id == _mine.c.person_id)
        .where(_elsewhere.c.id == _theirs.c.chat_id, _elsewhere.c.seen_at >= before)
    )
    query = (
        select(chats.c.id)
        .where(chats.c.seen_at < before, chats.c.is_group.is_(False))
        .where(chats.c.external_id.not_like(f"{GONE}%"), ~asks, ~helps, ~lately)
        .order_by(chats.c.id)
        .limit(_CHUNK)
    )
    found = list(connection.execute(query).scalars())
    for chat in found:
        linking.forget(connection, chat, now)
        records.erase_chat(connection, chat, _EVERY_EVENT, now)
        connection.execute(
            update(chats)
            .where(chats.c.id == chat)
            .values(
                external_id=f"{GONE}{chat}",
                state=None,
                state_version=chats.c.state_version + 1,
                guide_id=None,
            )
        )
    return len(found)


def purge_members(connection: Connection, before: datetime) -> int:
    """Forget who removed members were; returns how many. That somebody helped stays, for counts."""
    statement = (
        update(members)
        .where(members.c.removed_at < before, members.c.name != "")
        .values(name="", telegram_id=None, zalo_id=None, phone=None, phone_hash=None, key=None)
    )
    return connection.execute(statement).rowcount
