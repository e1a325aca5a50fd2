"""Labels: sentences with the intent that staff gave them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, text, update

from bot.models.schema import labels, new_intents, questions
from bot.store.sql import insert, locked

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class NewLabel:
    """A label to be kept; `text` is masked, `key` the same for texts that are the same."""

    intent: str
    text: str
    key: str
    author: str
    at: datetime
    source: str
    question_id: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A label as it is kept."""

    id: int
    question_id: int | None
    intent: str
    text: str
    author: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as somebody labels it; `text` is None once it was erased or is too old."""

    id: int
    text: str | None
    intent: str
    outcome: str
    label: str | None
    judged: str | None
    area: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class NewIntent:
    """An intent that staff want besides the shipped ones."""

    id: str
    title: str
    covers: str
    author: str
    at: datetime


_LABEL = (
    labels.c.id,
    labels.c.question_id,
    labels.c.intent,
    labels.c.text,
    labels.c.author,
    labels.c.labelled_at,
    labels.c.source,
)
_ASKED = (
    questions.c.id,
    questions.c.text,
    questions.c.intent,
    questions.c.outcome,
    questions.c.label,
    questions.c.judged,
    questions.c.area,
    questions.c.asked_at,
)


def asked(connection: Connection, question_id: int, *, lock: bool = False) -> Asked | None:
    """A question; with `lock` nobody erases it before this transaction ends."""
    query = select(*_ASKED).where(questions.c.id == question_id)
    row = connection.execute(locked(query) if lock else query).first()
    return None if row is None else Asked(*row)


def asked_many(connection: Connection, ids: Collection[int]) -> dict[int, Asked]:
    """Questions by id, locked like one."""
    query = locked(select(*_ASKED).where(questions.c.id.in_(ids)).order_by(questions.c.id))
    return {row.id: Asked(*row) for row in connection.execute(query)}


def keep(connection: Connection, rows: Sequence[NewLabel]) -> int:
    """Keep labels; a question that has one gets the new one instead. Returns how many."""
    for start in range(0, len(rows), _CHUNK):
        values = [
            {
                "question_id": row.question_id,
                "intent": row.intent,
                "text": row.text,
                "text_key": row.key,
                "author": row.author,
                "labelled_at": row.at,
                "source": row.source,
            }
            for row in rows[start : start + _CHUNK]
        ]
        statement = insert(connection, labels)
        changed = {
            name: statement.excluded[name]
            for name in ("intent", "text", "text_key", "author", "labelled_at", "source")
        }
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["question_id"],
                index_where=text("question_id IS NOT NULL"),
                set_=changed,
            ),
            values,
        )
    return len(rows)


def intents_of(connection: Connection, keys: Collection[str]) -> dict[str, set[str]]:
    """Which intents these texts were given already, by key."""
    found: dict[str, set[str]] = {}
    query = select(labels.c.text_key, labels.c.intent).where(labels.c.text_key.in_(keys))
    for key, intent in connection.execute(query):
        found.setdefault(key, set()).add(intent)
    return found


def latest(
    connection: Connection, before: int | None, limit: int, intent: str = "", *, clash: bool = False
) -> list[Label]:
    """Labels, the newest first; `before` pages on, `clash` leaves those that contradict others."""
    query = select(*_LABEL).order_by(labels.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(labels.c.id < before)
    if intent:
        query = query.where(labels.c.intent == intent)
    if clash:
        query = query.where(_clashing())
    return [Label(*row) for row in connection.execute(query)]


def _clashing() -> ColumnElement[bool]:
    keys = (
        select(labels.c.text_key)
        .group_by(labels.c.text_key)
        .having(func.min(labels.c.intent) != func.max(labels.c.intent))
    )
    return labels.c.text_key.in_(keys)


def clashes(connection: Connection) -> int:
    """How many labels contradict another one of the same sentence."""
    query = select(func.count()).select_from(labels).where(_clashing())
    return int(connection.execute(query).scalar_one())


def every(connection: Connection, after: int) -> list[Label]:
    """The next labels after an id, oldest first: an export reads them piece by piece."""
    query = select(*_LABEL).where(labels.c.id > after).order_by(labels.c.id).limit(_CHUNK)
    return [Label(*row) for row in connection.execute(query)]


def counts(connection: Connection) -> dict[str, int]:
    """How many labels each intent has."""
    query = select(labels.c.intent, func.count()).group_by(labels.c.intent)
    return {row[0]: row[1] for row in connection.execute(query)}


def of_questions(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The intents these questions are labelled with."""
    query = select(labels.c.question_id, labels.c.intent).where(labels.c.question_id.in_(ids))
    return {row[0]: row[1] for row in connection.execute(query)}


def by_ids(connection: Connection, ids: Collection[int]) -> list[Label]:
    """These labels."""
    query = select(*_LABEL).where(labels.c.id.in_(ids)).order_by(labels.c.id)
    return [Label(*row) for row in connection.execute(query)]


def withdraw(connection: Connection, label_id: int) -> bool:
    """Forget a label; False when there is none."""
    return bool(connection.execute(delete(labels).where(labels.c.id == label_id)).rowcount)


# What citizens said -----------------------------------------------------------------------------


def judge(connection: Connection, chat: int, question_id: int, judged: str) -> None:
    """What a person says of the answer to a question of theirs."""
    mine = (questions.c.id == question_id) & (questions.c.chat_id == chat)
    connection.execute(update(questions).where(mine).values(judged=judged))


def suggested(connection: Connection, limit: int) -> list[Asked]:
    """Questions that their own askers said the topic of, and that staff have not looked at."""
    done = select(labels.c.question_id).where(labels.c.question_id == questions.c.id)
    query = (
        select(*_ASKED)
        .where(text("label IS NOT NULL"), questions.c.text.is_not(None), ~done.exists())
        .where(or_(questions.c.judged.is_(None), questions.c.judged != "wrong"))
        .order_by(questions.c.id.desc())
        .limit(limit)
    )
    return [Asked(*row) for row in connection.execute(query)]


# Erasure and age --------------------------------------------------------------------------------


def forget(connection: Connection, question_ids: Iterable[int]) -> None:
    """Forget the labels of questions that are being erased."""
    for ids in _chunks(question_ids):
        connection.execute(delete(labels).where(labels.c.question_id.in_(ids)))


def purge(connection: Connection, before: datetime) -> int:
    """Forget one chunk of labels older than that; how many."""
    old = select(labels.c.id).where(labels.c.labelled_at < before).limit(_CHUNK)
    return connection.execute(delete(labels).where(labels.c.id.in_(old))).rowcount


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    held = list(ids)
    return (held[start : start + _CHUNK] for start in range(0, len(held), _CHUNK))


# New intents ------------------------------------------------------------------------------------


def new_intent(connection: Connection, intent: NewIntent) -> bool:
    """Keep a new intent; False when its id is taken."""
    statement = insert(connection, new_intents).values(
        id=intent.id,
        title=intent.title,
        covers=intent.covers,
        author=intent.author,
        made_at=intent.at,
    )
    made = statement.on_conflict_do_nothing().returning(new_intents.c.id)
    return connection.execute(made).scalar() is not None


def wanted_intents(connection: Connection) -> dict[str, NewIntent]:
    """The new intents by id, in the order they were made."""
    query = select(new_intents).order_by(new_intents.c.made_at, new_intents.c.id)
    return {row.id: NewIntent(*row) for row in connection.execute(query)}
