"""Reaching a person on another of their chats: where what is new goes, and where what waited for a
chat that takes nothing any more is said instead. Once, never twice, and never a group.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.domain import events as ev
from bot.domain.channels import traits
from bot.domain.linking import LinkedChat
from bot.domain.replies import Priority, decode_reply
from bot.services.posting import OUTBOX, post
from bot.store import linking, moving_out, tickets, windows
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey

#: A page counts as open for so long after the person did something on it.
_PAGE_OPEN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the person is reached instead; so many `messages`, on these tickets, were handed there.
    `sure`: it is no page that may be closed."""

    chat_id: int
    channel: str
    messages: int
    about: frozenset[int]
    sure: bool


def here(connection: Connection, chat: int, now: datetime) -> int:
    """Where a citizen is told of their tickets: the chat they were last in, of those that a message
    reaches now; `chat` itself when it is not linked or no other one is better."""
    linked = linking.others(connection, chat)
    if not linked:
        return chat
    own = linking.acted_at(connection, chat)
    found = [(own, chat)] if own and _open(connection, chat, own, now) else []
    for each in linked:
        acted = linking.acted_at(connection, each.chat_id)
        if acted and _open(connection, each.chat_id, acted, now):
            found.append((acted, each.chat_id))
    return max(found)[1] if found else chat


def _open(connection: Connection, chat: int, acted: datetime, now: datetime) -> bool:
    key = moving_out.key_of(connection, chat)
    if key is None or key.is_group or not windows.can_reach(connection, key, now):
        return False
    return not traits(key.channel).page or now - acted < _PAGE_OPEN


def target(connection: Connection, chat: int, now: datetime, *, pages: bool) -> LinkedChat | None:
    """The person's other chat that a message reaches now, the one used last first; a page, which
    may be closed, only when nothing else is left and `pages` allows it."""
    open_now = []
    for each in linking.others(connection, chat):
        key = moving_out.key_of(connection, each.chat_id)
        if key is not None and not key.is_group and windows.can_reach(connection, key, now):
            open_now.append(each)
    sure = [each for each in open_now if not traits(each.channel).page]
    found = sure or (open_now if pages else [])
    return found[0] if found else None


def carry(
    connection: Connection, vault: Vault, chat: int, key: ChatKey, now: datetime, *, pages: bool
) -> Carried | None:
    """Have what matters of what waits for a chat said in another one of the same person; None when
    there is none that a message reaches.

    What matters: what is urgent, lines of helpers, news of the person's own tickets. What was
    carried once already, may have been shown already, or is a helper's work, is left.
    """
    to = None if key.is_group else target(connection, chat, now, pages=pages)
    if to is None:
        return None
    theirs = {chat, *(each.chat_id for each in linking.others(connection, chat))}
    helps = tickets.member_of_account(connection, vault, key) is not None
    ids, replies, about = [], [], set()
    for row in moving_out.waiting(connection, chat):
        own = row.ticket_chat in theirs if row.ticket_id is not None else not helps
        reply = decode_reply(vault.open(row.payload, OUTBOX))
        if own and not reply.carried and (row.ticket_id or row.priority <= Priority.RELAY):
            ids.append(row.id)
            replies.append(reply)
            about |= {row.ticket_id} if row.ticket_id is not None else set()
    if ids:
        moving_out.taken(connection, ids, now)
        event = ev.CarriedHere(chat, key.channel, tuple(replies))
        post(connection, vault, to.chat_id, ev.Envelope(event), f"carried:{ids[0]}", now)
    return Carried(to.chat_id, to.channel, len(ids), frozenset(about), not traits(to.channel).page)
