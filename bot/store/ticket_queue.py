"""The list of tickets as staff filter it, page by page. Nothing private is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    false,
    func,
    or_,
    select,
    text,
    tuple_,
)

from bot.domain.tickets import Deadline, Rung, TicketOutcome, TicketStatus
from bot.models.schema import members, staff, team_coverage, teams, tickets
from bot.store import standings

#: Written out, so that the partial index is used.
_OPEN = text("tickets.status IN ('waiting','claimed')")
SOON = timedelta(hours=2)


class Which(StrEnum):
    """Which tickets by their status."""

    OPEN = "open"
    WAITING = "waiting"
    CLAIMED = "claimed"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def open(self) -> bool:
        """Whether they still have a deadline."""
        return self in (Which.OPEN, Which.WAITING, Which.CLAIMED)


class Due(StrEnum):
    """Which tickets by their deadline."""

    ANY = ""
    OVERDUE = "overdue"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter. `scope` holds the places of whoever looks ("" for everywhere is an empty tuple);
    `area` is a province or commune, `team` 0 for none, `mine` the staff account whose own tickets
    are wanted."""

    which: Which = Which.OPEN
    due: Due = Due.ANY
    scope: tuple[str, ...] = ()
    area: str = ""
    team: int = 0
    member: int = 0
    rung: str = ""
    topic: str = ""
    urgent: bool = False
    mine: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page ended: urgent, deadline, number; of ended tickets the number alone counts."""

    urgent: bool
    due: datetime | None
    id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A ticket in the list."""

    id: int
    status: TicketStatus
    urgent: bool
    topic: str
    step: int | None
    commune: str
    locality: str
    rung: Rung
    team_id: int | None
    team_name: str
    helper: str
    member_id: int | None
    created_at: datetime
    due: Deadline | None
    closed_at: datetime | None
    outcome: TicketOutcome | None
    visit_at: datetime | None
    unreachable: bool
    call_requested: bool

    @property
    def key(self) -> Key:
        """For the next page."""
        return Key(self.urgent, self.due.at if self.due else None, self.id)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open tickets there are of each kind."""

    open: int = 0
    waiting: int = 0
    claimed: int = 0
    urgent: int = 0
    overdue: int = 0
    soon: int = 0
    mine: int = 0


_COLUMNS = (
    tickets.c.id,
    tickets.c.status,
    tickets.c.urgent,
    tickets.c.topic,
    tickets.c.step,
    tickets.c.commune,
    tickets.c.locality,
    tickets.c.rung,
    tickets.c.team_id,
    tickets.c.claimed_by,
    tickets.c.created_at,
    tickets.c.due_at,
    tickets.c.due_kind,
    tickets.c.closed_at,
    tickets.c.outcome,
    tickets.c.visit_at,
    tickets.c.unreachable_at,
    tickets.c.call_requested,
    teams.c.name.label("team_name"),
    func.coalesce(members.c.name, staff.c.username, "").label("helper"),
)


def within(column: ColumnElement[str], code: str) -> ColumnElement[bool]:
    """Whether a column's code is a place or lies in it."""
    # Codes have digits, small letters, "." and "-": nothing that LIKE takes for a sign. A range
    # would depend on the collation of PostgreSQL's database.
    return or_(column == code, column.like(f"{code}.%"))


def in_scope(scope: Iterable[str]) -> ColumnElement[bool]:
    """Tickets of these places, and those that a team of these places has."""
    codes = list(scope)
    if not codes:
        return false()
    theirs = select(team_coverage.c.team_id).where(
        or_(*(within(team_coverage.c.locality_code, code) for code in codes))
    )
    return or_(*(within(tickets.c.locality, code) for code in codes), tickets.c.team_id.in_(theirs))


def page(
    connection: Connection, wanted: Wanted, now: datetime, limit: int, after: Key | None = None
) -> list[Entry]:
    """Up to `limit` tickets behind `after`. Open ones: urgent first, then by deadline; ended ones:
    newest first."""
    if wanted.number:
        found = connection.execute(_matching(wanted, now).where(tickets.c.id == wanted.number))
        return [_entry(row) for row in found]
    if not wanted.which.open:
        query = _matching(wanted, now).order_by(tickets.c.id.desc()).limit(limit)
        if after is not None:
            query = query.where(tickets.c.id < after.id)
        return [_entry(row) for row in connection.execute(query)]
    return list(_open_page(connection, wanted, now, limit, after))


def _open_page(
    connection: Connection, wanted: Wanted, now: datetime, limit: int, after: Key | None
) -> Iterator[Entry]:
    """Urgent ones, then the others: each half is read along the index in its order."""
    left = limit
    for urgent in (True, False):
        if left <= 0 or (wanted.urgent and not urgent) or (after and after.urgent < urgent):
            continue
        query = _matching(wanted, now).where(tickets.c.urgent == int(urgent))
        if after is not None and after.urgent is urgent and after.due is not None:
            query = query.where(
                tuple_(tickets.c.due_at, tickets.c.id) > tuple_(after.due, after.id)
            )
        query = query.order_by(tickets.c.due_at, tickets.c.id).limit(left)
        for row in connection.execute(query):
            left -= 1
            yield _entry(row)


def _matching(wanted: Wanted, now: datetime) -> Select[Any]:
    query = (
        select(*_COLUMNS)
        .outerjoin(members, members.c.id == tickets.c.claimed_by)
        .outerjoin(staff, staff.c.id == tickets.c.claimed_by_staff)
        .outerjoin(teams, teams.c.id == tickets.c.team_id)
    )
    return query.where(*_conditions(wanted, now))


def _conditions(wanted: Wanted, now: datetime) -> list[Any]:
    found: list[Any] = []
    if not wanted.number:
        if wanted.which.open:
            found.append(_OPEN)
        if wanted.which is not Which.OPEN:
            found.append(tickets.c.status == wanted.which.value)
    if wanted.scope:
        found.append(in_scope(wanted.scope))
    if wanted.area:
        found.append(within(tickets.c.locality, wanted.area))
    for column, value in (
        (tickets.c.team_id, wanted.team),
        (tickets.c.claimed_by, wanted.member),
        (tickets.c.rung, wanted.rung),
        (tickets.c.topic, wanted.topic),
        (tickets.c.claimed_by_staff, wanted.mine),
    ):
        if value:
            found.append(column == value)
    if wanted.urgent:
        found.append(tickets.c.urgent == 1)
    if wanted.due is Due.OVERDUE:
        found.append(tickets.c.due_at <= now)
    elif wanted.due is Due.SOON:
        found.append(and_(tickets.c.due_at > now, tickets.c.due_at <= now + SOON))
    return found


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        status=TicketStatus(row.status),
        urgent=bool(row.urgent),
        topic=row.topic,
        step=row.step,
        commune=row.commune,
        locality=row.locality,
        rung=Rung(row.rung),
        team_id=row.team_id,
        team_name=row.team_name or "",
        helper=row.helper,
        member_id=row.claimed_by,
        created_at=row.created_at,
        due=standings.deadline(row),
        closed_at=row.closed_at,
        outcome=TicketOutcome(row.outcome) if row.outcome else None,
        visit_at=row.visit_at,
        unreachable=row.unreachable_at is not None,
        call_requested=bool(row.call_requested),
    )


def counts(connection: Connection, wanted: Wanted, now: datetime) -> Counts:
    """How many open tickets there are, whatever status, deadline and holder are asked for."""
    plain = replace(wanted, which=Which.OPEN, due=Due.ANY, urgent=False, mine=0, number=0)

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    due = tickets.c.due_at
    query = select(
        func.count(),
        number(tickets.c.status == TicketStatus.WAITING.value),
        number(tickets.c.status == TicketStatus.CLAIMED.value),
        number(tickets.c.urgent == 1),
        number(due <= now),
        number(and_(due > now, due <= now + SOON)),
        number(tickets.c.claimed_by_staff == wanted.mine),
    ).where(*_conditions(plain, now))
    return Counts(*connection.execute(query).one())


def topics(connection: Connection) -> list[str]:
    """The topics there are tickets of, found along the index."""
    found: list[str] = []
    while True:
        query = select(tickets.c.topic).order_by(tickets.c.topic).limit(1)
        if found:
            query = query.where(tickets.c.topic > found[-1])
        topic = connection.execute(query).scalar()
        if topic is None:
            return found
        found.append(topic)


def load(
    connection: Connection, now: datetime, team_ids: Iterable[int]
) -> dict[int, tuple[int, int]]:
    """(open, overdue) tickets of these teams, by number; teams without any are left out."""
    query = (
        select(
            tickets.c.team_id,
            func.count(),
            func.sum(case((tickets.c.due_at <= now, 1), else_=0)),
        )
        .where(_OPEN, tickets.c.team_id.in_(list(team_ids)))
        .group_by(tickets.c.team_id)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def sees(connection: Connection, scope: tuple[str, ...], ticket_id: int) -> bool:
    """Whether there is such a ticket in these places; an empty scope is everywhere."""
    query = select(tickets.c.id).where(tickets.c.id == ticket_id)
    if scope:
        query = query.where(in_scope(scope))
    return connection.execute(query).scalar() is not None
