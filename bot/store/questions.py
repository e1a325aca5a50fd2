"""The question log as pages read it, and the marks by which its counts are kept.

Every change of a question marks its day (`mark`), in the change's own transaction: the job of
bot.services.rollups counts marked days anew.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select, tuple_, update

from bot.domain.effects import Outcome, ReachedStep
from bot.locality.codes import commune_of
from bot.models.schema import question_marks, questions
from bot.schedule.zone import local
from bot.store.prepared import Prepared

_MARK = Prepared(insert(question_marks), "day")
#: Outcomes that are no end yet: a step shown goes on counting.
_GOING_ON = (Outcome.ANSWERED.value, Outcome.CLARIFIED.value)
_ENDS = (Outcome.FINISHED.value, Outcome.STOPPED.value, Outcome.HANDED_OVER.value)


@dataclass(frozen=True, slots=True)
class Question:
    """A line of the question log; `area` is the code of the place, "" when it is not known."""

    id: int
    asked_at: datetime
    channel: str
    locality: str
    text: str
    intent: str
    confidence: float
    outcome: str
    guide_id: str
    step: int | None
    area: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which questions: of the time from `since` to before `until`, of areas (codes of provinces
    and communes, none for everywhere), and by what else is given. `walked`: who went step by
    step; `ended`: who finished, stopped or was handed over.
    """

    since: datetime | None = None
    until: datetime | None = None
    areas: tuple[str, ...] = ()
    channel: str = ""
    topics: tuple[str, ...] = ()
    outcome: str = ""
    step: int | None = None
    walked: bool | None = None
    guided: bool | None = None
    ended: bool | None = None
    understood: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the log a page begins: after this question."""

    asked_at: datetime
    id: int


# Writing ----------------------------------------------------------------------------------------


def topic_of(guide_id: str, intent: str, outcome: str) -> str:
    """What a question was about: the guide that answered it, else what was understood, else ""."""
    return guide_id or (intent if outcome != Outcome.NOT_UNDERSTOOD.value else "")


def place_columns(area: str) -> dict[str, str]:
    """The columns of a question that say where its person lives."""
    return {"area": area, "commune": commune_of(area), "province": area[:2]}


def mark(connection: Connection, *moments: datetime) -> None:
    """Say that questions of these moments changed."""
    for day in sorted({local(moment).date() for moment in moments}):
        _MARK.change(connection, {"day": day})


def reached_step(connection: Connection, chat: int, effect: ReachedStep) -> None:
    """A step is shown for a question of this chat that has not come to an end."""
    asked = connection.execute(
        update(questions)
        .where(
            questions.c.id == effect.question_id,
            questions.c.chat_id == chat,
            questions.c.outcome.in_(_GOING_ON),
            func.coalesce(questions.c.step, 0) != effect.step,
        )
        .values(step=effect.step)
        .returning(questions.c.asked_at)
    ).scalar()
    if asked is not None:
        mark(connection, asked)


# Reading ----------------------------------------------------------------------------------------


def page(
    connection: Connection, wanted: Filter | None = None, after: Place | None = None, most: int = 50
) -> list[Question]:
    """The log, newest first, at most so many; `after` goes on behind a question.

    One search by an index for each area, merged: a scope of many communes costs as many of them.
    """
    wanted = wanted or Filter()
    parts: list[tuple[str, ...]] = [(area,) for area in wanted.areas] or [()]
    found = [_newest(connection, replace(wanted, areas=part), after, most) for part in parts]
    merged = heapq.merge(*found, key=lambda q: (q.asked_at, q.id), reverse=True)
    return [question for question, _ in zip(_once(merged), range(most), strict=False)]


def _once(found: Iterator[Question]) -> Iterator[Question]:
    """Each question once: an area may lie in another."""
    last = None
    for question in found:
        if question.id != last:
            yield question
        last = question.id


def _newest(
    connection: Connection, wanted: Filter, after: Place | None, most: int
) -> Iterator[Question]:
    c = questions.c
    query: Select[Any] = select(questions).where(*_conditions(wanted))
    if after is not None:
        query = query.where(
            c.asked_at <= after.asked_at,
            tuple_(c.asked_at, c.id) < tuple_(after.asked_at, after.id),
        )
    query = query.order_by(c.asked_at.desc(), c.id.desc()).limit(most)
    for r in connection.execute(query):
        yield Question(
            r.id,
            r.asked_at,
            r.channel,
            r.locality or "",
            r.text or "",
            r.intent,
            r.confidence,
            r.outcome,
            r.guide_id,
            r.step,
            r.area,
        )


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    c = questions.c
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(c.asked_at >= wanted.since)
    if wanted.until is not None:
        found.append(c.asked_at < wanted.until)
    for area in wanted.areas:
        found.append(c.commune == area if "." in area else c.province == area)
    if wanted.channel:
        found.append(c.channel == wanted.channel)
    if len(wanted.topics) == 1:
        found.append(c.topic == wanted.topics[0])
    elif wanted.topics:
        found.append(c.topic.in_(wanted.topics))
    if wanted.outcome:
        found.append(c.outcome == wanted.outcome)
    if wanted.understood:
        found.append(c.outcome != Outcome.NOT_UNDERSTOOD.value)
    if wanted.guided is not None:
        found.append(c.guide_id != "" if wanted.guided else c.guide_id == "")
    if wanted.ended is not None:
        found.append(c.outcome.in_(_ENDS) if wanted.ended else c.outcome.not_in(_ENDS))
    if wanted.step is not None:
        found.append(c.step == wanted.step)
    elif wanted.walked is not None:
        found.append(c.step.is_not(None) if wanted.walked else c.step.is_(None))
    return found


@dataclass(frozen=True, slots=True)
class AskedRow:
    """Who asked about a theme, when and where; nothing of what was said."""

    id: int
    asked_at: datetime
    area: str
    chat_id: int | None
    topic: str


def asked_about(connection: Connection, themes: Collection[str], since: datetime) -> list[AskedRow]:
    """The questions since then that were understood as one of these guides."""
    c = questions.c
    query = select(c.id, c.asked_at, c.area, c.chat_id, c.topic)
    rows = connection.execute(query.where(c.topic.in_(themes), c.asked_at >= since))
    return [AskedRow(*row) for row in rows]


def first_question(connection: Connection) -> datetime | None:
    """When the oldest question of the log was asked."""
    return connection.execute(select(func.min(questions.c.asked_at))).scalar()
