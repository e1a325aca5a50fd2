"""The counts of the question log: keeping them right, and reading them.

One row of `question_counts` is a cell of a cut. The finest cut counts a day's questions by place
(commune, else province, else ""), topic, channel and step; the others are sums of it, for the
questions pages ask. They change by the same differences in the same transaction, so that every cut
says the same at every moment. See docs/console-themes.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)

from bot.domain.counts import FIELDS, NOTHING, Counts
from bot.domain.effects import Outcome
from bot.models.schema import question_counts, question_marks, questions, rollup_lease
from bot.schedule.zone import at
from bot.store import sql

_LEASE = "counts"
#: Days read at once, so that a list of them stays small after a long pause.
_MARKS_MOST = 20_000


class Cut(StrEnum):
    """Which dimensions a row tells apart, besides the channel and its day or month."""

    #: Place to the commune, topic, step; by day.
    FULL = "fd"
    #: Place to the commune.
    PLACE_DAY = "pd"
    PLACE_MONTH = "pm"
    #: Province.
    REGION_DAY = "rd"
    REGION_MONTH = "rm"
    #: Topic, all channels together.
    TOPIC_DAY = "td"
    TOPIC_MONTH = "tm"
    #: Province and topic.
    WIDE_DAY = "wd"
    WIDE_MONTH = "wm"
    #: Province, topic and step of those that were shown steps; all channels together.
    STEP_DAY = "sd"
    STEP_MONTH = "sm"


_MONTHLY = frozenset(
    {Cut.PLACE_MONTH, Cut.REGION_MONTH, Cut.TOPIC_MONTH, Cut.WIDE_MONTH, Cut.STEP_MONTH}
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a row counts; `begin` is its day or the first of its month."""

    begin: date
    area: str
    topic: str
    channel: str
    step: int


Cells = Mapping[Cell, Counts]
Change = tuple[Cell, Counts]


def project(cell: Cell, cut: Cut) -> Cell | None:
    """The cell of a cut that a cell of the finest one belongs to; None when it has none there."""
    begin = cell.begin.replace(day=1) if cut in _MONTHLY else cell.begin
    match cut:
        case Cut.FULL:
            return cell
        case Cut.PLACE_DAY | Cut.PLACE_MONTH:
            return Cell(begin, cell.area, "", cell.channel, 0)
        case Cut.REGION_DAY | Cut.REGION_MONTH:
            return Cell(begin, cell.area[:2], "", cell.channel, 0)
        case Cut.TOPIC_DAY | Cut.TOPIC_MONTH:
            return Cell(begin, "", cell.topic, "", 0)
        case Cut.WIDE_DAY | Cut.WIDE_MONTH:
            return Cell(begin, cell.area[:2], cell.topic, cell.channel, 0)
        case _:
            if not cell.step:
                return None
            return Cell(begin, cell.area[:2], cell.topic, "", cell.step)


# Counting ---------------------------------------------------------------------------------------


def _measures() -> list[Any]:
    """The counts of a group of questions, in the order of `FIELDS`."""
    c = questions.c

    def ended(outcome: Outcome, *more: Any) -> Any:
        return func.count().filter(c.outcome == outcome.value, *more)

    walked = c.step.is_not(None)

    return [
        func.count().label("asked"),
        ended(Outcome.NOT_UNDERSTOOD).label("not_understood"),
        ended(Outcome.CLARIFIED).label("clarified"),
        func.count().filter(c.guide_id != "").label("guided"),
        func.count().filter(walked).label("walked"),
        ended(Outcome.FINISHED, walked).label("finished"),
        ended(Outcome.STOPPED, walked).label("stopped"),
        ended(Outcome.HANDED_OVER, walked).label("handed_over"),
        ended(Outcome.HANDED_OVER, ~walked).label("helped"),
    ]


def _place() -> Any:
    return case((questions.c.commune != "", questions.c.commune), else_=questions.c.province)


def recount(connection: Connection, day: date) -> dict[Cell, Counts]:
    """The cells of the finest cut of one day, from the log itself."""
    c = questions.c
    keys = (_place(), c.topic, c.channel, func.coalesce(c.step, 0))
    query = (
        select(*keys, *_measures())
        .where(c.asked_at >= at(day), c.asked_at < at(day + timedelta(days=1)))
        .group_by(*_positions(len(keys)))
    )
    return {Cell(day, *row[:4]): Counts(*row[4:]) for row in connection.execute(query)}


def _positions(number: int) -> list[Any]:
    """GROUP BY by position: an expression with parameters is another one to PostgreSQL."""
    return [text(str(place)) for place in range(1, number + 1)]


def kept(connection: Connection, day: date) -> dict[Cell, Counts]:
    """The cells of the finest cut of one day, as they stand."""
    return cells(connection, Cut.FULL, day)


def cells(connection: Connection, cut: Cut, begin: date | None = None) -> dict[Cell, Counts]:
    """The cells of a cut, of all time or of one day or month."""
    c = question_counts.c
    query = select(c.begin, c.area, c.topic, c.channel, c.step, *(c[name] for name in FIELDS))
    query = query.where(c.cut == cut.value)
    if begin is not None:
        query = query.where(c.begin == begin)
    return {Cell(*row[:5]): Counts(*row[5:]) for row in connection.execute(query)}


def differences(counted: Cells, standing: Cells) -> dict[Cell, Counts]:
    """What has to be added to cells that stand, so that they are as counted."""
    found = {key: counted.get(key, NOTHING) - standing.get(key, NOTHING) for key in counted}
    found |= {key: NOTHING - number for key, number in standing.items() if key not in counted}
    return {key: number for key, number in found.items() if number != NOTHING}


def add(connection: Connection, changes: Iterable[Change]) -> None:
    """Add differences of the finest cut to it and to all others."""
    rows: dict[tuple[Cut, Cell], Counts] = {}
    for cell, number in changes:
        for cut in Cut:
            wide = project(cell, cut)
            if wide is not None:
                rows[cut, wide] = rows.get((cut, wide), NOTHING) + number
    if not rows:
        return
    statement = sql.insert(connection, question_counts)
    table, new = question_counts.c, statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=list(question_counts.primary_key),
        set_={name: table[name] + new[name] for name in FIELDS},
    )
    connection.execute(statement, [_row(cut, cell, number) for (cut, cell), number in rows.items()])
    # A cell that may have become empty goes.
    less = {(cut, cell.begin) for (cut, cell), number in rows.items() if number.asked < 0}
    for cut, begin in sorted(less):
        empty = (table.cut == cut.value, table.begin == begin, table.asked == 0)
        connection.execute(delete(question_counts).where(*empty))


def _row(cut: Cut, cell: Cell, number: Counts) -> dict[str, Any]:
    keys = {name: getattr(cell, name) for name in ("begin", "area", "topic", "channel", "step")}
    return {"cut": cut.value, **keys, **{name: getattr(number, name) for name in FIELDS}}


# Marks and the one who counts -------------------------------------------------------------------


def marked(connection: Connection) -> dict[date, list[int]]:
    """The days that changed since they were counted, the newest first, with their marks' ids."""
    c = question_marks.c
    found: dict[date, list[int]] = {}
    for number, day in connection.execute(select(c.id, c.day).order_by(c.id).limit(_MARKS_MOST)):
        found.setdefault(day, []).append(number)
    return dict(sorted(found.items(), reverse=True))


def unmark(connection: Connection, ids: Sequence[int]) -> None:
    """Forget marks whose days were counted after they were read."""
    statement = delete(question_marks).where(question_marks.c.id == bindparam("b_id"))
    connection.execute(statement, [{"b_id": number} for number in ids])


def take_lease(connection: Connection, owner: str, now: datetime, until: datetime) -> bool:
    """Become the one who counts, or go on being it; False while another process is."""
    c = rollup_lease.c
    statement = sql.insert(connection, rollup_lease)
    statement = statement.values(name=_LEASE, owner=owner, until=until)
    taken = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": owner, "until": until},
        where=or_(c.owner == owner, c.until < now),
    ).returning(c.owner)
    return connection.execute(taken).scalar() == owner


def holds_lease(connection: Connection, owner: str) -> bool:
    """Whether the lease is still this process's; nobody takes it before this transaction ends."""
    c = rollup_lease.c
    query = sql.locked(select(c.owner).where(c.name == _LEASE))
    return connection.execute(query).scalar() == owner


def drop_lease(connection: Connection, owner: str, now: datetime) -> None:
    """Let another process count."""
    mine = (rollup_lease.c.name == _LEASE, rollup_lease.c.owner == owner)
    connection.execute(update(rollup_lease).where(*mine).values(until=now - timedelta(seconds=1)))


# All at once ------------------------------------------------------------------------------------


def rebuild(connection: Connection) -> None:
    """Count the whole log anew, in one transaction: for a database that nobody works with."""
    connection.execute(delete(question_counts))
    connection.execute(delete(question_marks))
    c, sqlite = questions.c, connection.dialect.name == "sqlite"
    day: Any = func.date(c.asked_at, "+7 hours", type_=Date) if sqlite else None
    if day is None:
        day = cast(c.asked_at + text("interval '7 hours'"), Date)
    keys = (day, _place(), c.topic, c.channel, func.coalesce(c.step, 0))
    finest = select(literal(Cut.FULL.value), *keys, *_measures()).group_by(*_positions(6))
    names = ["cut", "begin", "area", "topic", "channel", "step", *FIELDS]
    connection.execute(insert(question_counts).from_select(names, finest))
    for cut in Cut:
        if cut is not Cut.FULL:
            connection.execute(insert(question_counts).from_select(names, _sums(cut, sqlite)))


def _sums(cut: Cut, sqlite: bool) -> Any:
    """A cut, summed from the finest."""
    c = question_counts.c
    begin: Any = c.begin
    if cut in _MONTHLY:
        begin = (
            func.strftime("%Y-%m-01", c.begin, type_=Date)
            if sqlite
            else cast(func.date_trunc("month", c.begin), Date)
        )
    steps = cut in (Cut.STEP_DAY, Cut.STEP_MONTH)
    topics = cut in (Cut.TOPIC_DAY, Cut.TOPIC_MONTH)
    places = cut in (Cut.PLACE_DAY, Cut.PLACE_MONTH)
    no_topic = places or cut in (Cut.REGION_DAY, Cut.REGION_MONTH)
    keys = (
        begin,
        literal("") if topics else c.area if places else func.substr(c.area, 1, 2),
        literal("") if no_topic else c.topic,
        literal("") if steps or topics else c.channel,
        c.step if steps else literal(0),
    )
    sums = [cast(func.sum(c[name]), question_counts.c[name].type) for name in FIELDS]
    query = select(literal(cut.value), *keys, *sums).where(c.cut == Cut.FULL.value)
    return (query.where(c.step > 0) if steps else query).group_by(*_positions(6))
