"""Which chats are one person's, the codes that join them, and wrong tries.

A chat belongs to at most one person. A person has two chats or more: whoever is left alone is no
longer one. Lock order: chat, then person, then code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from bot.domain.linking import CHATS_MOST, VALID, WRONG_WITHIN, LinkedChat
from bot.models.schema import (
    OutStatus,
    chats,
    link_codes,
    link_tries,
    linked_chats,
    outbox,
    people,
    tickets,
)
from bot.store.prepared import Prepared
from bot.store.sql import insert, locked

#: What a helper sees of a line that was on its way to a chat that is not the citizen's any more.
_UNLINKED = "unlinked"
#: A code is known for this long after its time, so that who types it late is told what it was.
_CODES_KEPT = timedelta(hours=1)

_mine = linked_chats.alias("mine")
_theirs = linked_chats.alias("theirs")
# Read with every message, so built once: for a chat that is not linked it is one look at an index.
_OTHERS = Prepared(
    select(_theirs.c.chat_id, chats.c.channel, _theirs.c.acted_at)
    .select_from(_mine)
    .join(_theirs, _theirs.c.person_id == _mine.c.person_id)
    .join(chats, chats.c.id == _theirs.c.chat_id)
    .where(_mine.c.chat_id == bindparam("b_chat"), _theirs.c.chat_id != bindparam("b_chat"))
    .order_by(_theirs.c.acted_at.desc(), _theirs.c.chat_id)
)


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was given. `asked_by` is 0 until it was typed."""

    id: int
    chat_id: int
    expires_at: datetime
    asked_by: int
    asked_at: datetime | None
    answered: bool


# Chats of one person ----------------------------------------------------------------------------


def others(connection: Connection, chat: int) -> tuple[LinkedChat, ...]:
    """The other chats of this chat's person, the one used last first."""
    rows = _OTHERS.rows(connection, {"b_chat": chat})
    return tuple(LinkedChat(row, channel) for row, channel, _ in rows)


def acted_at(connection: Connection, chat: int) -> datetime | None:
    """When the person last did something in a linked chat; None when it is not linked."""
    query = select(linked_chats.c.acted_at).where(linked_chats.c.chat_id == chat)
    return connection.execute(query).scalar()


def acted(connection: Connection, chat: int, now: datetime) -> None:
    """The person did something here."""
    connection.execute(
        update(linked_chats).where(linked_chats.c.chat_id == chat).values(acted_at=now)
    )


def same_person(connection: Connection, one: int, other: int) -> bool:
    """Whether two chats are the same, or linked."""
    return one == other or any(each.chat_id == other for each in others(connection, one))


def ticket_home(connection: Connection, ticket_id: int, chat: int) -> int:
    """The chat in whose name this chat's person acts on a ticket: the one it was opened in, when
    that is theirs, else this one."""
    query = select(tickets.c.chat_id).where(tickets.c.id == ticket_id)
    home: int | None = connection.execute(query).scalar()
    return home if home and same_person(connection, chat, home) else chat


def join(connection: Connection, first: int, second: int, now: datetime) -> bool:
    """Make `second` a chat of the person whose chat `first` is. False, and nothing is changed,
    when it is linked already, is a group, or the person has as many as there may be."""
    groups = select(chats.c.id).where(chats.c.id.in_((first, second)), chats.c.is_group)
    if first == second or connection.execute(groups).first() is not None:
        return False
    if acted_at(connection, second) is not None:
        return False
    person = _person(connection, first)
    if person is None:
        person = _new_person(connection, now)
        # The chat it is carried on in is where the person is now.
        if not _add(connection, person, first, now - timedelta(seconds=1)):
            connection.execute(delete(people).where(people.c.id == person))
            person = _person(connection, first)
    if person is None or _count(connection, person) >= CHATS_MOST:
        return False
    if _add(connection, person, second, now):
        return True
    _dissolve_if_alone(connection, person)
    return False


def _person(connection: Connection, chat: int) -> int | None:
    """The person of a chat, locked until the transaction ends."""
    query = select(linked_chats.c.person_id).where(linked_chats.c.chat_id == chat)
    person: int | None = connection.execute(query).scalar()
    if person is None:
        return None
    connection.execute(locked(select(people.c.id).where(people.c.id == person)))
    # Whoever had it locked may have ended it.
    return connection.execute(query).scalar()


def _new_person(connection: Connection, now: datetime) -> int:
    made = insert(connection, people).values(made_at=now).returning(people.c.id)
    return int(connection.execute(made).scalar_one())


def _add(connection: Connection, person: int, chat: int, now: datetime) -> bool:
    row = {"chat_id": chat, "person_id": person, "linked_at": now, "acted_at": now}
    statement = insert(connection, linked_chats).values(row)
    added = statement.on_conflict_do_nothing(index_elements=["chat_id"])
    return connection.execute(added.returning(linked_chats.c.chat_id)).scalar() is not None


def _count(connection: Connection, person: int) -> int:
    query = select(func.count()).where(linked_chats.c.person_id == person)
    return connection.execute(query).scalar() or 0


def _dissolve_if_alone(connection: Connection, person: int) -> None:
    if _count(connection, person) < 2:
        connection.execute(delete(linked_chats).where(linked_chats.c.person_id == person))
        connection.execute(delete(people).where(people.c.id == person))


def leave(connection: Connection, chat: int, now: datetime) -> tuple[LinkedChat, ...]:
    """This chat is no longer of its person; returns those it was linked with.

    What waits in either for the other's tickets is given up: it would be read by a stranger.
    """
    person = _person(connection, chat)
    if person is None:
        return ()
    left = others(connection, chat)
    connection.execute(delete(linked_chats).where(linked_chats.c.chat_id == chat))
    _dissolve_if_alone(connection, person)
    for each in left:
        _call_back(connection, chat, each.chat_id, now)
        _call_back(connection, each.chat_id, chat, now)
    return left


def _call_back(connection: Connection, waiting_in: int, tickets_of: int, now: datetime) -> None:
    theirs = select(tickets.c.id).where(tickets.c.chat_id == tickets_of)
    connection.execute(
        update(outbox)
        .where(
            outbox.c.chat_id == waiting_in,
            outbox.c.ticket_id.in_(theirs),
            outbox.c.status == OutStatus.PENDING.value,
        )
        .values(status=OutStatus.FAILED.value, payload=None, error=_UNLINKED, sent_at=now)
    )


# Codes ------------------------------------------------------------------------------------------


def put_code(connection: Connection, chat: int, code_hash: str, now: datetime) -> None:
    """Keep a code given in a chat; the ones given there before that nobody typed are gone."""
    c = link_codes.c
    connection.execute(
        delete(link_codes).where(
            or_((c.chat_id == chat) & c.asked_at.is_(None), c.expires_at < now - _CODES_KEPT)
        )
    )
    row = {"chat_id": chat, "code_hash": code_hash, "expires_at": now + VALID}
    connection.execute(insert(connection, link_codes).values(row))


def known(connection: Connection, code_hash: str) -> bool:
    """Whether a code was given not long ago."""
    query = select(link_codes.c.id).where(link_codes.c.code_hash == code_hash)
    return connection.execute(query).first() is not None


def find_code(connection: Connection, code_hash: str) -> Code | None:
    """The code of a hash, locked until the transaction ends."""
    return _code(connection, link_codes.c.code_hash == code_hash)


def code(connection: Connection, code_id: int) -> Code | None:
    """The code of a number, locked until the transaction ends."""
    return _code(connection, link_codes.c.id == code_id)


def _code(connection: Connection, where: object) -> Code | None:
    row = connection.execute(locked(select(link_codes).where(where))).one_or_none()  # type: ignore[arg-type]
    if row is None:
        return None
    answered = row.answered_at is not None
    asked_by = row.asked_by or 0
    return Code(row.id, row.chat_id, row.expires_at, asked_by, row.asked_at, answered)


def ask(connection: Connection, code_id: int, chat: int, now: datetime) -> int | None:
    """Use a code up, from this chat; the chat it was given in, None when it was used already."""
    c = link_codes.c
    return connection.execute(
        update(link_codes)
        .where(c.id == code_id, c.asked_at.is_(None), c.expires_at > now, c.chat_id != chat)
        .values(asked_by=chat, asked_at=now)
        .returning(c.chat_id)
    ).scalar()


def asked_of(connection: Connection, chat: int, now: datetime) -> tuple[Code, str] | None:
    """The latest use of a code of this chat that waits to be confirmed, with the channel on which
    it was typed."""
    c = link_codes.c
    query = (
        select(link_codes, chats.c.channel)
        .join(chats, chats.c.id == c.asked_by)
        .where(c.chat_id == chat, c.answered_at.is_(None), c.asked_at > now - VALID)
        .order_by(c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    found = Code(row.id, chat, row.expires_at, row.asked_by, row.asked_at, answered=False)
    return found, row.channel


def answer(connection: Connection, code_id: int, chat: int, now: datetime) -> int | None:
    """Confirm or refuse the use of a code given in this chat, once; the chat it was typed in, None
    when there is nothing to answer any more."""
    c = link_codes.c
    return connection.execute(
        update(link_codes)
        .where(
            c.id == code_id,
            c.chat_id == chat,
            c.asked_at > now - VALID,
            c.answered_at.is_(None),
        )
        .values(answered_at=now)
        .returning(c.asked_by)
    ).scalar()


def missed(connection: Connection, who: str, now: datetime) -> None:
    """Count a wrong code."""
    connection.execute(delete(link_tries).where(link_tries.c.at <= now - WRONG_WITHIN))
    connection.execute(insert(connection, link_tries).values(who=who, at=now))


def misses(connection: Connection, who: str, now: datetime) -> tuple[int, int]:
    """Wrong codes within the hour: of one chat, and of all."""
    recent = link_tries.c.at > now - WRONG_WITHIN
    mine = select(func.count()).where(recent, link_tries.c.who == who)
    every = select(func.count()).where(recent)
    return connection.execute(mine).scalar() or 0, connection.execute(every).scalar() or 0


# Erasure and retention --------------------------------------------------------------------------


def forget(connection: Connection, chat: int, now: datetime) -> tuple[LinkedChat, ...]:
    """Erase what ties a chat to others; returns those it was linked with."""
    left = leave(connection, chat, now)
    c = link_codes.c
    connection.execute(delete(link_codes).where(or_(c.chat_id == chat, c.asked_by == chat)))
    return left


def purge(connection: Connection, now: datetime) -> int:
    """Erase codes and wrong tries whose time is over; returns how many rows were touched."""
    old = now - _CODES_KEPT
    codes = delete(link_codes).where(
        link_codes.c.expires_at < old,
        or_(link_codes.c.asked_at.is_(None), link_codes.c.asked_at < old),
    )
    tries = delete(link_tries).where(link_tries.c.at <= now - WRONG_WITHIN)
    return connection.execute(codes).rowcount + connection.execute(tries).rowcount
