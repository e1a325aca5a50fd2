"""Voice notes: held for their speaker's answer, given to a ticket, gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from bot.domain.voice import HeldNote
from bot.models.schema import tickets, voice_notes
from bot.store.crypto import Vault
from bot.store.sql import insert

PURPOSE = "voice note"
#: How long a note waits for its speaker's answer; filling in a request takes some minutes.
HELD_FOR = timedelta(hours=1)
_OPEN = ("waiting", "claimed")


def upload(
    connection: Connection,
    vault: Vault,
    chat: int,
    name: str,
    media: str,
    audio: bytes,
    at: datetime,
) -> None:
    """Keep a note that a page sent until the conversation has come to it."""
    _put(connection, vault, chat, media, audio, at, 0, name)


def uploaded(connection: Connection, vault: Vault, name: str) -> bytes | None:
    """The note a page sent under a name; None when it is gone."""
    query = select(voice_notes.c.payload).where(voice_notes.c.name == name)
    payload = connection.execute(query).scalar()
    return None if payload is None else vault.open(payload, PURPOSE)


def hold(
    connection: Connection,
    vault: Vault,
    chat: int,
    media: str,
    audio: bytes,
    seconds: int,
    at: datetime,
) -> None:
    """Keep a note for its speaker's answer, instead of one that is kept already."""
    drop(connection, chat)
    _put(connection, vault, chat, media, audio, at, seconds)


def held(connection: Connection, chat: int) -> HeldNote | None:
    """The note that is kept for its speaker's answer."""
    columns = (voice_notes.c.id, voice_notes.c.media, voice_notes.c.seconds)
    row = connection.execute(select(*columns).where(*_waiting(chat))).first()
    return None if row is None else HeldNote(row.id, row.media, row.seconds)


def drop(connection: Connection, chat: int) -> None:
    """The note that is kept for its speaker's answer is wanted no more."""
    connection.execute(delete(voice_notes).where(*_waiting(chat)))


def drop_upload(connection: Connection, chat: int, name: str) -> None:
    """The conversation has come to a note that a page sent."""
    connection.execute(
        delete(voice_notes).where(voice_notes.c.chat_id == chat, voice_notes.c.name == name)
    )


def attach(connection: Connection, chat: int, ticket_id: int) -> bool:
    """Give the note that is kept to a ticket of its speaker; False when it is gone."""
    mine = select(tickets.c.id).where(
        tickets.c.id == ticket_id, tickets.c.chat_id == chat, tickets.c.status.in_(_OPEN)
    )
    given = connection.execute(
        update(voice_notes)
        .where(*_waiting(chat), select(mine.exists()).scalar_subquery())
        .values(ticket_id=ticket_id)
    )
    return bool(given.rowcount)


def of_ticket(connection: Connection, ticket_id: int) -> tuple[HeldNote, ...]:
    """The notes of a ticket, the oldest first."""
    columns = (voice_notes.c.id, voice_notes.c.media, voice_notes.c.seconds)
    query = select(*columns).where(voice_notes.c.ticket_id == ticket_id).order_by(voice_notes.c.id)
    return tuple(HeldNote(row.id, row.media, row.seconds) for row in connection.execute(query))


def audio(
    connection: Connection, vault: Vault, ticket_id: int, note_id: int
) -> tuple[str, bytes] | None:
    """Media type and bytes of a note of a ticket; None when it is not there (any more)."""
    row = connection.execute(
        select(voice_notes.c.media, voice_notes.c.payload).where(
            voice_notes.c.id == note_id, voice_notes.c.ticket_id == ticket_id
        )
    ).first()
    return None if row is None else (row.media, vault.open(row.payload, PURPOSE))


def forget(connection: Connection, chat: int) -> None:
    """All notes of a chat, those of its tickets too."""
    connection.execute(delete(voice_notes).where(voice_notes.c.chat_id == chat))


def purge(connection: Connection, now: datetime, keep: timedelta) -> int:
    """Delete what nobody answered for, what is older than `keep`, and notes of tickets that have
    ended; returns how many."""
    ended = select(tickets.c.id).where(tickets.c.status.not_in(_OPEN))
    return connection.execute(
        delete(voice_notes).where(
            or_(
                voice_notes.c.at < now - keep,
                voice_notes.c.ticket_id.is_(None) & (voice_notes.c.at < now - HELD_FOR),
                voice_notes.c.ticket_id.in_(ended),
            )
        )
    ).rowcount


def count(connection: Connection) -> int:
    """How many are kept."""
    return connection.execute(select(func.count()).select_from(voice_notes)).scalar() or 0


def _waiting(chat: int) -> tuple[ColumnElement[bool], ...]:
    return (
        voice_notes.c.chat_id == chat,
        voice_notes.c.ticket_id.is_(None),
        voice_notes.c.name.is_(None),
    )


def _put(
    connection: Connection,
    vault: Vault,
    chat: int,
    media: str,
    audio: bytes,
    at: datetime,
    seconds: int,
    name: str | None = None,
) -> None:
    connection.execute(
        insert(connection, voice_notes).values(
            chat_id=chat,
            at=at,
            name=name,
            media=media,
            seconds=seconds,
            payload=vault.seal(audio, PURPOSE),
        )
    )
