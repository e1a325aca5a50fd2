"""The record of what staff changed and whose contact they looked at. Only ever written to.

The database refuses to change or delete a line. Nothing of a citizen belongs here: `subject` names
a thing of the program ("ticket 12", "vneid_level_2"), never what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, select

from bot.models.staff import SUBJECT_MOST, audit_log

_ADD = audit_log.insert()
_CHUNK = 1000
#: Clocks of several machines differ by less.
_SLACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Line:
    """Who did what to what, and when."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines: of one person, of one action, from a moment on and before another."""

    who: str = ""
    action: str = ""
    since: datetime | None = None
    before: datetime | None = None


def record(connection: Connection, who: str, action: str, subject: str, now: datetime) -> None:
    """Write a line, in the transaction of what was done.

    `who` is the login name, `action` a fixed word such as "guide.publish", `subject` what it was
    done to.
    """
    connection.execute(
        _ADD, {"at": now, "who": who, "action": action, "subject": subject[:SUBJECT_MOST]}
    )


def latest(
    connection: Connection, wanted: Filter, limit: int, before_id: int | None = None
) -> list[Line]:
    """Lines, newest first; `before_id` pages on from a line."""
    query = _matching(wanted).order_by(audit_log.c.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(audit_log.c.id < before_id)
    return _lines(connection, query)


def chunk(connection: Connection, wanted: Filter, after_id: int) -> list[Line]:
    """Up to a thousand lines after one, oldest first: an export reads them piece by piece."""
    query = _matching(wanted).where(audit_log.c.id > after_id).order_by(audit_log.c.id)
    return _lines(connection, query.limit(_CHUNK))


def names(connection: Connection) -> list[str]:
    """Everybody who stands in the record, found without reading all of it."""
    return list(_distinct(connection, "who"))


def actions(connection: Connection) -> list[str]:
    """Every action that stands in the record."""
    return list(_distinct(connection, "action"))


def _lines(
    connection: Connection, query: Select[tuple[int, datetime, str, str, str]]
) -> list[Line]:
    return [Line(r.id, r.at, r.who, r.action, r.subject) for r in connection.execute(query)]


def _distinct(connection: Connection, name: str) -> Iterator[str]:
    # From one value to the next along the index: DISTINCT would read every line.
    column, last = audit_log.c[name], ""
    while True:
        query = select(column).where(column > last).order_by(column).limit(1)
        found = connection.execute(query).scalar()
        if found is None:
            return
        last = found
        yield last


def _matching(wanted: Filter) -> Select[tuple[int, datetime, str, str, str]]:
    c = audit_log.c
    query = select(c.id, c.at, c.who, c.action, c.subject)
    if wanted.who:
        query = query.where(c.who == wanted.who)
    if wanted.action:
        query = query.where(c.action == wanted.action)
    # A stretch of time is a stretch of ids, so that paging by id does not read all that is newer.
    if wanted.since is not None:
        first = select(c.id).where(c.at >= wanted.since - _SLACK).order_by(c.at).limit(1)
        query = query.where(c.at >= wanted.since, c.id >= first.scalar_subquery())
    if wanted.before is not None:
        last = select(c.id).where(c.at < wanted.before + _SLACK).order_by(c.at.desc()).limit(1)
        query = query.where(c.at < wanted.before, c.id <= last.scalar_subquery())
    return query
