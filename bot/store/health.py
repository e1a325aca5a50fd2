"""What the queues hold, for the page of health and for metrics. Every query is bounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select, text, update

from bot.models.schema import chats, inbox, outbox
from bot.store import queueing
from bot.store.sql import locked

#: Last in and out of a channel are looked for among so many of the newest messages.
NEWEST = 5_000
_FAILURES_MOST = 100_000
# Conditions of partial indexes are written out, so that they are used.
_WAITING_IN = text("inbox.handled_at IS NULL")
_GIVEN_UP = text("inbox.error IS NOT NULL")
_WAITING_OUT = text("outbox.status IN ('pending','sending')")
_FAILED = text("outbox.status = 'failed'")
_UNCERTAIN = text("outbox.uncertain > 0")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: how many wait, and since when the oldest does."""

    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class ChannelLast:
    """When something last came in from a channel, and went out to it; None: not lately."""

    channel: str
    came: datetime | None = None
    went: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Messages given up since a moment: on which channel, why, how many, when last."""

    channel: str
    why: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An event that could not be handled. `kept`: it is there to be tried again."""

    id: int
    channel: str
    received_at: datetime
    given_up_at: datetime
    kept: bool


def inbox_queue(connection: Connection) -> Queue:
    """Events that wait to be handled."""
    query = select(func.count(), func.min(inbox.c.received_at)).where(_WAITING_IN)
    row = connection.execute(query).one()
    return Queue(row[0], row[1])


def outbox_queue(connection: Connection, now: datetime) -> Queue:
    """Messages that may leave now, of channels that are pushed to. What waits for its hour or is
    held for somebody who left does not count, nor what a browser fetches when it comes back."""
    query = (
        select(func.count(), func.min(outbox.c.created_at))
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(
            _WAITING_OUT,
            (outbox.c.not_before.is_(None)) | (outbox.c.not_before <= now),
            chats.c.channel != "web",
        )
    )
    row = connection.execute(query).one()
    return Queue(row[0], row[1])


def channels(connection: Connection) -> list[ChannelLast]:
    """When something last came and went, by channel; among the newest messages."""
    newest_in = connection.execute(select(func.max(inbox.c.id))).scalar() or 0
    newest_out = connection.execute(select(func.max(outbox.c.id))).scalar() or 0
    came = {
        row[0]: row[1]
        for row in connection.execute(
            select(inbox.c.source, func.max(inbox.c.received_at))
            .where(inbox.c.id > newest_in - NEWEST)
            .group_by(inbox.c.source)
        )
    }
    went = {
        row[0]: row[1]
        for row in connection.execute(
            select(chats.c.channel, func.max(outbox.c.sent_at))
            .join(chats, chats.c.id == outbox.c.chat_id)
            .where(outbox.c.id > newest_out - NEWEST, outbox.c.sent_at.is_not(None))
            .group_by(chats.c.channel)
        )
    }
    return [ChannelLast(name, came.get(name), went.get(name)) for name in sorted({*came, *went})]


def failures(connection: Connection, since: datetime) -> list[Failure]:
    """Messages given up since a moment, by channel and reason."""
    given_up = (
        select(outbox.c.chat_id, outbox.c.error, outbox.c.created_at)
        .where(_FAILED, outbox.c.created_at > since)
        .limit(_FAILURES_MOST)
        .subquery()
    )
    query = (
        select(
            chats.c.channel,
            func.coalesce(given_up.c.error, ""),
            func.count(),
            func.max(given_up.c.created_at),
        )
        .join(chats, chats.c.id == given_up.c.chat_id)
        .group_by(chats.c.channel, given_up.c.error)
        .order_by(func.count().desc())
    )
    return [Failure(*row) for row in connection.execute(query)]


def uncertain(connection: Connection) -> int:
    """Messages of which nobody knows whether they arrived the first time."""
    query = select(func.count()).select_from(outbox).where(_UNCERTAIN)
    return connection.execute(query).scalar() or 0


def given_up_count(connection: Connection) -> int:
    """Events that could not be handled."""
    query = select(func.count()).select_from(inbox).where(_GIVEN_UP)
    return connection.execute(query).scalar() or 0


def given_up(connection: Connection, limit: int = 50) -> list[GivenUp]:
    """Events that could not be handled, newest first. Nothing of what they say."""
    query = (
        select(
            inbox.c.id,
            chats.c.channel,
            inbox.c.received_at,
            inbox.c.handled_at,
            inbox.c.payload.is_not(None),
        )
        .join(chats, chats.c.id == inbox.c.chat_id)
        .where(_GIVEN_UP)
        .order_by(inbox.c.id.desc())
        .limit(limit)
    )
    return [GivenUp(*row) for row in connection.execute(query)]


def retry(connection: Connection, row_id: int) -> int | None:
    """An event that was given up waits again; returns its chat, None when it is not there."""
    query = select(inbox.c.chat_id).where(inbox.c.id == row_id, inbox.c.payload.is_not(None))
    chat = connection.execute(locked(query.where(_GIVEN_UP))).scalar()
    if chat is not None:
        connection.execute(
            update(inbox)
            .where(inbox.c.id == row_id)
            .values(handled_at=None, attempts=0, error=None)
        )
        queueing.wanted(connection, chat)
    return chat


def discard(connection: Connection, row_id: int) -> bool:
    """An event that was given up is put away, its text erased; False when it is not there."""
    return bool(
        connection.execute(
            update(inbox).where(inbox.c.id == row_id, _GIVEN_UP).values(payload=None, error=None)
        ).rowcount
    )


def forget(connection: Connection, before: datetime) -> int:
    """Erase the texts of events that were given up before a moment."""
    return connection.execute(
        update(inbox)
        .where(_GIVEN_UP, inbox.c.payload.is_not(None), inbox.c.handled_at < before)
        .values(payload=None)
    ).rowcount


#: How long the text of an event that could not be handled is kept to be tried again.
KEEP_GIVEN_UP = timedelta(days=3)


def database_bytes(connection: Connection) -> int:
    """How large the database is; of SQLite with its log."""
    if connection.dialect.name == "postgresql":
        query = text("SELECT pg_database_size(current_database())")
        return int(connection.execute(query).scalar() or 0)
    file = connection.execute(text("PRAGMA database_list")).one()[2]
    return sum(
        path.stat().st_size for path in (Path(file), Path(f"{file}-wal")) if file and path.exists()
    )
