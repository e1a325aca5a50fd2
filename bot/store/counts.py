"""Reading the counts of the question log: the narrowest cut that can tell what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, false, func, or_, select

from bot.domain.counts import FIELDS, NOTHING, Counts
from bot.models.schema import question_counts
from bot.store.rollups import Cut

#: What the counts may be told apart by. "place" is the commune, or the province where no more is
#: known; "province" its first two digits.
Key = Literal["begin", "place", "province", "topic", "channel", "step"]


@dataclass(frozen=True, slots=True)
class Slice:
    """Days from `begin` to before `end`; with `months` both are firsts of months and so is every
    "begin". `areas` are codes of provinces and communes, none for everywhere; `topics` and
    `channel` leave out the others when given."""

    begin: date
    end: date
    months: bool = False
    areas: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    channel: str = ""


def grouped(connection: Connection, wanted: Slice, *by: Key) -> dict[tuple[Any, ...], Counts]:
    """The counts by these keys, in this order; without keys one sum, under the empty tuple."""
    provinces = tuple(area for area in wanted.areas if "." not in area)
    communes = tuple(
        area for area in wanted.areas if "." in area and area.split(".")[0] not in provinces
    )
    found: dict[tuple[Any, ...], Counts] = {}
    if provinces or not wanted.areas:
        _sum(connection, found, wanted, by, provinces, fine="place" in by)
    if communes:
        _sum(connection, found, wanted, by, communes, fine=True)
    return found


def total(connection: Connection, wanted: Slice) -> Counts:
    """All of it."""
    return grouped(connection, wanted).get((), NOTHING)


def first_day(connection: Connection) -> date | None:
    """The first day with a question."""
    c = question_counts.c
    query = select(func.min(c.begin)).where(c.cut == Cut.REGION_DAY.value)
    return connection.execute(query).scalar()


def channels(connection: Connection) -> list[str]:
    """The channels that questions came by."""
    c = question_counts.c
    query = select(c.channel).where(c.cut == Cut.REGION_MONTH.value).distinct()
    return sorted(connection.execute(query).scalars())


def _sum(
    connection: Connection,
    found: dict[tuple[Any, ...], Counts],
    wanted: Slice,
    by: tuple[Key, ...],
    areas: tuple[str, ...],
    *,
    fine: bool,
) -> None:
    cut = _cut(wanted, by, fine=fine)
    c = question_counts.c
    columns = [_column(key) for key in by]
    # The finest cut has days only; it is read for few places or topics, so there are not many.
    to_months = by.index("begin") if wanted.months and cut is Cut.FULL and "begin" in by else None
    sums = [func.sum(c[name]) for name in FIELDS]
    where: list[ColumnElement[bool]] = [
        c.cut == cut.value,
        c.begin >= wanted.begin,
        c.begin < wanted.end,
    ]
    if areas:
        where.append(_within(areas, cut))
    if wanted.topics:
        where.append(c.topic.in_(wanted.topics))
    if wanted.channel:
        where.append(c.channel == wanted.channel)
    if cut is Cut.FULL and "step" in by:
        where.append(c.step > 0)
    query = select(*columns, *sums).where(*where).group_by(*columns)
    for row in connection.execute(query):
        if row[-1] is not None:
            values = list(row)
            if to_months is not None:
                values[to_months] = values[to_months].replace(day=1)
            key, number = tuple(values[: len(by)]), Counts(*(int(v) for v in values[len(by) :]))
            found[key] = found.get(key, NOTHING) + number


def _cut(wanted: Slice, by: tuple[Key, ...], *, fine: bool) -> Cut:
    if "step" in by and not fine and not wanted.channel:
        return Cut.STEP_MONTH if wanted.months else Cut.STEP_DAY
    if "step" in by or (fine and (wanted.topics or "topic" in by)):
        return Cut.FULL
    if fine:
        return Cut.PLACE_MONTH if wanted.months else Cut.PLACE_DAY
    if not wanted.topics and "topic" not in by:
        return Cut.REGION_MONTH if wanted.months else Cut.REGION_DAY
    if not (wanted.areas or wanted.channel or "channel" in by or "province" in by):
        return Cut.TOPIC_MONTH if wanted.months else Cut.TOPIC_DAY
    return Cut.WIDE_MONTH if wanted.months else Cut.WIDE_DAY


def _column(key: Key) -> Any:
    c = question_counts.c
    if key == "place":
        return c.area
    if key == "province":
        return func.substr(c.area, 1, 2)
    return c[key]


def _within(areas: tuple[str, ...], cut: Cut) -> ColumnElement[bool]:
    c = question_counts.c
    provinces = [area for area in areas if "." not in area]
    communes = [area for area in areas if "." in area]
    if cut not in (Cut.FULL, Cut.PLACE_DAY, Cut.PLACE_MONTH):
        return c.area.in_(provinces)
    inside = func.substr(c.area, 1, 2).in_(provinces) if provinces else false()
    return or_(inside, c.area.in_(communes)) if communes else inside
