"""What the counts say of guides: how many were shown one, where they stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from bot.models.schema import guide_revisions, question_counts
from bot.store.rollups import Cut


@dataclass(frozen=True, slots=True)
class LastStep:
    """People whose last step of a guide on a day was this one: all of them, those who came through
    to the end, and those who gave up or wanted a person."""

    guide_id: str
    day: date
    step: int
    people: int
    finished: int
    stopped: int


def shown(connection: Connection, since: date) -> dict[str, int]:
    """How often each guide was the answer, from a day on."""
    c = question_counts.c
    query = (
        select(c.topic, func.sum(c.guided))
        .where(c.cut == Cut.WIDE_DAY.value, c.begin >= since)
        .group_by(c.topic)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query) if row[1]}


def last_steps(connection: Connection, since: date, guide_id: str = "") -> list[LastStep]:
    """Where people's ways through the guides ended, from a day on; of one guide when named."""
    c = question_counts.c
    query = select(
        c.topic,
        c.begin,
        c.step,
        func.sum(c.walked),
        func.sum(c.finished),
        func.sum(c.stopped + c.handed_over),
    ).where(c.cut == Cut.STEP_DAY.value, c.begin >= since)
    if guide_id:
        query = query.where(c.topic == guide_id)
    rows = connection.execute(query.group_by(c.topic, c.begin, c.step))
    return [LastStep(row[0], row[1], row[2], int(row[3]), int(row[4]), int(row[5])) for row in rows]


def served_since(connection: Connection) -> dict[str, datetime]:
    """Since when the text of each guide that is served now has been there."""
    c = guide_revisions.c
    query = select(c.guide_id, c.first_seen).where(c.served_at.is_not(None))
    return {row.guide_id: row.first_seen for row in connection.execute(query)}
