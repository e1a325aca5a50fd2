"""The question log, timers, small cursors, retention and erasure."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import Connection, delete, func, or_, select, update

from bot.domain.effects import LogQuestion, SetOutcome, SetTimer
from bot.models.schema import (
    OutStatus,
    chats,
    cursors,
    inbox,
    login_failures,
    outbox,
    questions,
    staff_sessions,
    ticket_messages,
    tickets,
    timers,
)
from bot.store import (
    alerts,
    clusters,
    consents,
    guides,
    labels,
    linking,
    ticket_events,
    visits,
    voice,
    windows,
)
from bot.store.prepared import Prepared
from bot.store.questions import mark, place_columns, topic_of
from bot.store.sql import insert

_CHUNK = 500
#: What is private in a ticket, or proves who may speak of it.
_EMPTIED_TICKET = {
    "contact": None,
    "failed": "",
    "words": None,
    "rating_note": None,
    # Another language than most people's says what people somebody is of.
    "language": "vi",
}


# Questions --------------------------------------------------------------------------------------


@cache
def _log(dialect: str) -> Prepared:
    return Prepared(
        insert(dialect, questions),
        *("id", "chat_id", "asked_at", "channel", "locality", "text", "intent", "confidence"),
        *("outcome", "guide_id", "topic", "area", "commune", "province"),
    )


def log_question(
    connection: Connection,
    question_id: int,
    chat: int,
    channel: str,
    locality: str | None,
    effect: LogQuestion,
    now: datetime,
    area: str = "",
) -> None:
    """Write a question, masked already; `locality` is in words, `area` its code."""
    outcome = effect.outcome.value
    row = {
        "id": question_id,
        "chat_id": chat,
        "asked_at": now,
        "channel": channel,
        "locality": locality,
        "text": effect.text,
        "intent": effect.intent,
        "confidence": effect.confidence,
        "outcome": outcome,
        "guide_id": effect.guide_id,
        "topic": topic_of(effect.guide_id, effect.intent, outcome),
        **place_columns(area),
    }
    _log(connection.dialect.name).change(connection, row)
    mark(connection, now)


def set_outcome(connection: Connection, chat: int, effect: SetOutcome) -> None:
    """Say what became of a question of this chat."""
    values: dict[str, object] = {"outcome": effect.outcome.value}
    if effect.step is not None:
        values["step"] = effect.step
    if effect.label:
        values["label"] = effect.label
        values["guide_id"] = effect.label
    row = connection.execute(
        update(questions)
        .where(questions.c.id == effect.question_id, questions.c.chat_id == chat)
        .values(values)
        .returning(questions.c.asked_at, questions.c.guide_id, questions.c.intent)
    ).one_or_none()
    if row is None:
        return
    topic = topic_of(row.guide_id, row.intent, effect.outcome.value)
    connection.execute(
        update(questions)
        .where(questions.c.id == effect.question_id, questions.c.topic != topic)
        .values(topic=topic)
    )
    mark(connection, row.asked_at)


# Timers -----------------------------------------------------------------------------------------


def set_timer(connection: Connection, chat: int, effect: SetTimer) -> None:
    """One timer per kind and guide: a new one replaces the old."""
    drop_timers(connection, chat, effect.timer, effect.guide_id)
    connection.execute(
        insert(connection, timers).values(
            chat_id=chat, timer=effect.timer, guide_id=effect.guide_id, due_at=effect.due
        )
    )


def drop_timers(connection: Connection, chat: int, timer: str, guide_id: str = "") -> None:
    """Forget timers of a kind; all guides' when `guide_id` is empty."""
    statement = delete(timers).where(timers.c.chat_id == chat, timers.c.timer == timer)
    if guide_id:
        statement = statement.where(timers.c.guide_id == guide_id)
    connection.execute(statement)


def due_timers(
    connection: Connection, now: datetime, limit: int = 200
) -> list[tuple[int, int, str, str]]:
    """(id, chat, kind, guide) of timers that are due and not fired."""
    query = (
        select(timers.c.id, timers.c.chat_id, timers.c.timer, timers.c.guide_id)
        .where(timers.c.due_at <= now, timers.c.fired_at.is_(None))
        .order_by(timers.c.due_at)
        .limit(limit)
    )
    return [tuple(r) for r in connection.execute(query)]


def timer_fired(connection: Connection, timer_id: int, now: datetime) -> bool:
    """Mark a timer; False when another process had already."""
    return bool(
        connection.execute(
            update(timers)
            .where(timers.c.id == timer_id, timers.c.fired_at.is_(None))
            .values(fired_at=now)
        ).rowcount
    )


# Cursors ----------------------------------------------------------------------------------------


def cursor(connection: Connection, name: str) -> str | None:
    """A small remembered value, such as how far polling has come."""
    return connection.execute(select(cursors.c.value).where(cursors.c.name == name)).scalar()


def set_cursor(connection: Connection, name: str, value: str) -> None:
    """Remember a small value."""
    statement = insert(connection, cursors).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )


# Retention and erasure --------------------------------------------------------------------------


def purge(connection: Connection, before: datetime) -> int:
    """Erase one chunk of texts older than `before`; returns how many rows were touched.

    Counts stay: a purged question keeps intent, outcome and time. Tickets that are still open
    keep what is needed to serve them. Called again until it returns 0, so that no transaction
    is long.
    """
    old_questions = select(questions.c.id).where(
        questions.c.asked_at < before, questions.c.text.is_not(None)
    )
    touched = connection.execute(
        update(questions).where(questions.c.id.in_(old_questions.limit(_CHUNK))).values(text=None)
    ).rowcount
    ended = select(tickets.c.id).where(tickets.c.closed_at < before)
    old_lines = select(ticket_messages.c.id).where(
        ticket_messages.c.ticket_id.in_(ended), ticket_messages.c.payload.is_not(None)
    )
    touched += connection.execute(
        update(ticket_messages)
        .where(ticket_messages.c.id.in_(old_lines.limit(_CHUNK)))
        .values(payload=None)
    ).rowcount
    old_contacts = select(tickets.c.id).where(
        tickets.c.closed_at < before,
        or_(
            tickets.c.contact.is_not(None),
            tickets.c.failed != "",
            tickets.c.words.is_not(None),
            tickets.c.rating_note.is_not(None),
        ),
    )
    emptied = list(connection.execute(old_contacts.limit(_CHUNK)).scalars())
    touched += ticket_events.erase(connection, emptied)
    touched += connection.execute(
        update(tickets).where(tickets.c.id.in_(emptied)).values(_EMPTIED_TICKET)
    ).rowcount
    for table, old in (
        (inbox, (inbox.c.handled_at < before,)),
        (outbox, (outbox.c.created_at < before, outbox.c.status != OutStatus.PENDING.value)),
        (timers, (timers.c.fired_at < before,)),
        (login_failures, (login_failures.c.at < before,)),
    ):
        ids = select(table.c.id).where(*old).limit(_CHUNK)
        touched += connection.execute(delete(table).where(table.c.id.in_(ids))).rowcount
    unread = select(outbox.c.id).where(outbox.c.created_at < before, outbox.c.payload.is_not(None))
    touched += connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(unread.limit(_CHUNK)))
        .values(payload=None, status=OutStatus.CANCELLED.value)
    ).rowcount
    return touched


def purge_sessions(connection: Connection, now: datetime) -> None:
    """Forget expired logins."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.expires_at < now))


def erase_chat(connection: Connection, chat: int, keep_inbox: int, now: datetime) -> list[int]:
    """Erase what is kept about a person in every table; returns the open tickets this cancels.

    The chat row stays (so that the goodbye can be sent and a repeated webhook is known), emptied
    by the caller's new state. `keep_inbox` is the row being handled.
    """
    open_ids = list(
        connection.execute(
            select(tickets.c.id).where(
                tickets.c.chat_id == chat, tickets.c.status.in_(("waiting", "claimed"))
            )
        ).scalars()
    )
    mine = select(tickets.c.id).where(tickets.c.chat_id == chat)
    connection.execute(
        update(ticket_messages)
        .where(ticket_messages.c.ticket_id.in_(mine))
        .values(payload=None, name="")
    )
    connection.execute(
        update(tickets)
        .where(tickets.c.id.in_(open_ids))
        .values(status="cancelled", closed_at=now, due_at=None, due_kind=None, visit_at=None)
    )
    for ticket_id in open_ids:
        visits.cancel(connection, ticket_id, now)
    ticket_events.erase(connection, connection.execute(mine).scalars())
    connection.execute(
        update(tickets)
        .where(tickets.c.chat_id == chat)
        .values({**_EMPTIED_TICKET, "commune": "", "locality": "", "question_id": None})
    )
    asked = connection.execute(select(questions.c.id).where(questions.c.chat_id == chat))
    asked_ids = list(asked.scalars())
    emptied = connection.execute(
        update(questions)
        .where(questions.c.chat_id == chat)
        .values(text=None, chat_id=None, locality=None, **place_columns(""))
        .returning(questions.c.asked_at)
    )
    mark(connection, *emptied.scalars())
    # After the questions: whoever labels one has it locked, and is seen from here on.
    labels.forget(connection, asked_ids)
    clusters.forget(connection, chat, asked_ids)
    connection.execute(delete(timers).where(timers.c.chat_id == chat))
    guides.forget_views(connection, chat)
    windows.forget(connection, chat)
    alerts.forget(connection, chat)
    consents.forget(connection, chat)
    linking.forget(connection, chat, now)
    voice.forget(connection, chat)
    connection.execute(
        update(inbox)
        .where(inbox.c.chat_id == chat, inbox.c.id != keep_inbox, inbox.c.handled_at.is_(None))
        .where(inbox.c.id < keep_inbox)
        .values(payload=None, handled_at=now)
    )
    # What could not be handled is kept for some days: not of somebody who erases everything.
    connection.execute(
        update(inbox)
        .where(inbox.c.chat_id == chat, inbox.c.error.is_not(None))
        .values(payload=None, error=None)
    )
    connection.execute(
        update(outbox)
        .where(outbox.c.chat_id == chat, outbox.c.payload.is_not(None))
        .values(payload=None, status=OutStatus.CANCELLED.value)
    )
    connection.execute(
        update(outbox)
        .where(outbox.c.ticket_id.in_(mine), outbox.c.status == OutStatus.PENDING.value)
        .values(payload=None, status=OutStatus.CANCELLED.value)
    )
    connection.execute(update(chats).where(chats.c.id == chat).values(locality=None, area=""))
    return open_ids


def question_count(connection: Connection) -> int:
    """How many questions were logged, for metrics."""
    return connection.execute(select(func.count()).select_from(questions)).scalar() or 0
