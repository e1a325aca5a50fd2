"""Those who asked what nobody answered and still wait, and what staff write to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text, update

from bot.models.people import UNANSWERED
from bot.models.schema import (
    chats,
    cluster_members,
    cluster_replies,
    cluster_reply_chats,
    questions,
)
from bot.store.clusters import within
from bot.store.sql import insert

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person who waits, and the newest question of theirs in the cluster."""

    chat_id: int
    question_id: int


@dataclass(frozen=True, slots=True)
class Due:
    """A reply that a chat is to be given now; `asked` is what they had written, masked."""

    reply_id: int
    chat_id: int
    text: str
    guide_id: str
    asked: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply that was written to those who waited."""

    id: int
    text: str
    author: str
    at: datetime
    audience: int


def waiting(connection: Connection, cluster_id: int, scope: Sequence[str]) -> list[Waiting]:
    """Whoever can be told: their question's text is still there, they can be reached, and no reply
    to a question of this cluster was sent to them."""
    told = select(cluster_reply_chats.c.chat_id).where(
        cluster_reply_chats.c.question_id == questions.c.id
    )
    replied = (
        select(cluster_reply_chats.c.chat_id)
        .join(cluster_replies, cluster_replies.c.id == cluster_reply_chats.c.reply_id)
        .where(cluster_replies.c.cluster_id == cluster_id)
    )
    query = (
        select(questions.c.chat_id, func.max(questions.c.id))
        .join(cluster_members, cluster_members.c.question_id == questions.c.id)
        .join(chats, chats.c.id == questions.c.chat_id)
        .where(
            cluster_members.c.cluster_id == cluster_id,
            text(UNANSWERED.replace("text ", "questions.text ")),
            chats.c.unreachable_at.is_(None),
            chats.c.is_group.is_(False),
            chats.c.channel != "terminal",
            ~told.exists(),
            questions.c.chat_id.not_in(replied),
            within(scope),
        )
        .group_by(questions.c.chat_id)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def write(
    connection: Connection,
    cluster_id: int,
    said: str,
    guide_id: str,
    author: str,
    to: Sequence[Waiting],
    now: datetime,
) -> int:
    """Keep a reply and whom it goes to; returns its number."""
    statement = insert(connection, cluster_replies).values(
        cluster_id=cluster_id,
        text=said,
        guide_id=guide_id,
        author=author,
        at=now,
        audience=len(to),
    )
    found = connection.execute(statement.returning(cluster_replies.c.id))
    reply_id = int(found.scalar_one())
    rows = [
        {"reply_id": reply_id, "chat_id": each.chat_id, "question_id": each.question_id}
        for each in to
    ]
    for start in range(0, len(rows), _CHUNK):
        connection.execute(insert(connection, cluster_reply_chats), rows[start : start + _CHUNK])
    return reply_id


def take_due(connection: Connection, now: datetime, most: int) -> list[Due]:
    """The next to be told, marked as told. Whose question was erased meanwhile is left out."""
    c = cluster_reply_chats.c
    query = (
        select(c.reply_id, c.chat_id, cluster_replies.c.text, cluster_replies.c.guide_id)
        .add_columns(questions.c.text.label("asked"), questions.c.chat_id.label("of"))
        .join(cluster_replies, cluster_replies.c.id == c.reply_id)
        .outerjoin(questions, questions.c.id == c.question_id)
        .where(c.given_at.is_(None))
        .order_by(c.reply_id, c.chat_id)
        .limit(most)
        .with_for_update(skip_locked=True, of=cluster_reply_chats)
    )
    rows = list(connection.execute(query))
    for row in rows:
        mine = (c.reply_id == row.reply_id) & (c.chat_id == row.chat_id)
        connection.execute(update(cluster_reply_chats).where(mine).values(given_at=now))
    return [
        Due(row.reply_id, row.chat_id, row.text, row.guide_id, row.asked)
        for row in rows
        if row.asked is not None and row.of == row.chat_id
    ]


def replies(connection: Connection, cluster_id: int) -> list[Sent]:
    """What was written to those who waited, the newest first."""
    c = cluster_replies.c
    query = select(c.id, c.text, c.author, c.at, c.audience).where(c.cluster_id == cluster_id)
    return [Sent(*row) for row in connection.execute(query.order_by(c.id.desc()))]
