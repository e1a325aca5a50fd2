"""The figures of the page "Chủ đề": how much was asked of what, and what became of it.

Of everywhere they are as counted; of places small ones are hidden (bot.services.suppression), and
only whole months are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from bot.domain.counts import NOTHING, Counts
from bot.guides.content import Content
from bot.services.periods import Period
from bot.services.suppression import Shown, chain, small, suppressed
from bot.services.trends import WEEKS, Change, changes
from bot.store import counts
from bot.store.counts import Slice

K = TypeVar("K")
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page is about. `areas` none is everywhere; with areas there is no `channel`: two
    narrow filters together would give small counts away."""

    period: Period
    areas: tuple[str, ...] = ()
    topic: str = ""
    channel: str = ""

    @property
    def local(self) -> bool:
        """Whether it is about a place."""
        return bool(self.areas)

    def slice(self) -> Slice:
        """As the counts are asked."""
        return Slice(
            self.period.begin,
            self.period.end,
            self.period.months,
            self.areas,
            (self.topic,) if self.topic else (),
            "" if self.local else self.channel,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its key, its count (None is hidden), and where all of the counts may be
    told, how many of them were not understood."""

    key: str
    asked: int | None
    not_understood: int | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """From being asked to an end; None is hidden. `silent` are those shown steps and neither
    finished nor stopped nor handed over (yet); `helped` were handed over without a step."""

    asked: int | None
    understood: int | None
    guided: int | None
    walked: int | None
    finished: int | None
    stopped: int | None
    handed_over: int | None
    silent: int | None
    helped: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All figures of the page; `series` has (beginning, asked, not understood)."""

    total: int | None
    funnel: Funnel
    series: tuple[tuple[date, int | None, int | None], ...]
    topics: tuple[Row, ...]
    stages: tuple[Row, ...]
    channels: tuple[Row, ...]
    places: tuple[Row, ...]
    changes: tuple[Change, ...] = field(default=())


def overview(
    connection: Connection,
    wanted: Wanted,
    content: Content,
    today: date | None,
    *,
    province: str = "",
) -> Overview:
    """The figures; `province` is the one whose communes are told apart, "" for provinces. Without
    `today` what rises and falls is left out."""
    cut = wanted.slice()
    total = counts.total(connection, cut)
    by_topic = _by(counts.grouped(connection, cut, "topic"))
    by_channel = _by(counts.grouped(connection, cut, "channel"))
    by_begin = counts.grouped(connection, cut, "begin")
    table = _suppress if wanted.local else _open
    places = by_place(connection, wanted, province)
    hidden = wanted.local and (
        small(total.asked) or _gives_away(connection, wanted, by_topic, places)
    )
    return Overview(
        None if hidden else total.asked,
        _funnel(wanted, total, hidden=hidden),
        _series(wanted, by_begin, hidden=hidden),
        table(by_topic),
        table(_stages(by_topic, content)),
        table(by_channel),
        places,
        tuple(_changes(connection, wanted, today)) if today else (),
    )


def by_place(connection: Connection, wanted: Wanted, province: str) -> tuple[Row, ...]:
    """Provinces, or with `province` its communes ("" and the province's own code for those who
    said no more). Small counts are hidden in both."""
    key: counts.Key = "place" if province else "province"
    cut = wanted.slice()
    if province and not wanted.areas:
        cut = Slice(cut.begin, cut.end, cut.months, (province,), cut.topics, "")
    return _suppress(_by(counts.grouped(connection, cut, key)))


def _gives_away(
    connection: Connection, wanted: Wanted, by_topic: Mapping[str, Counts], places: tuple[Row, ...]
) -> bool:
    """Whether the total of one place, or of one topic in places, is hidden in a wider table that
    the same person can see: then it is hidden here."""
    if len(wanted.areas) == 1 and "." in wanted.areas[0]:
        around = Slice(
            wanted.period.begin,
            wanted.period.end,
            wanted.period.months,
            (wanted.areas[0][:2],),
            wanted.slice().topics,
        )
        table = _suppress(_by(counts.grouped(connection, around, "place")))
        if _hidden_in(table, wanted.areas[0]):
            return True
    if not wanted.topic:
        return False
    every = Slice(wanted.period.begin, wanted.period.end, wanted.period.months, wanted.areas)
    return _hidden_in(_suppress(_by(counts.grouped(connection, every, "topic"))), wanted.topic)


def _hidden_in(table: Iterable[Row], key: str) -> bool:
    return any(row.key == key and row.asked is None for row in table)


def _by(found: Mapping[tuple[str, ...], Counts]) -> dict[str, Counts]:
    return {key[0]: number for key, number in found.items()}


def _open(table: Mapping[str, Counts]) -> tuple[Row, ...]:
    rows = (Row(key, n.asked, n.not_understood) for key, n in table.items())
    return tuple(sorted(rows, key=lambda row: (-(row.asked or 0), row.key)))


def _suppress(table: Mapping[str, Counts]) -> tuple[Row, ...]:
    shown: Shown[str] = suppressed({key: n.asked for key, n in table.items()})
    rows = (Row(key, asked) for key, asked in shown.cells.items())
    return tuple(sorted(rows, key=lambda row: (row.asked is None, -(row.asked or 0), row.key)))


def _stages(by_topic: Mapping[str, Counts], content: Content) -> dict[str, Counts]:
    """By the stage of the path a topic belongs to; "" for those of none."""
    stage_of = {guide: stage.id for stage in content.path for guide in stage.guides}
    return gathered(by_topic, lambda topic: stage_of.get(topic, ""))


def gathered(table: Mapping[K, Counts], key: Callable[[K], str]) -> dict[str, Counts]:
    """Cells summed under other keys."""
    found: dict[str, Counts] = {}
    for cell, number in table.items():
        found[key(cell)] = found.get(key(cell), NOTHING) + number
    return found


def _series(
    wanted: Wanted, by_begin: Mapping[tuple[date], Counts], *, hidden: bool
) -> tuple[tuple[date, int | None, int | None], ...]:
    pieces = dict.fromkeys(wanted.period.begins(), NOTHING)
    for (begin,), number in by_begin.items():
        piece = wanted.period.piece_of(begin)
        pieces[piece] = pieces.get(piece, NOTHING) + number
    if not wanted.local:
        return tuple((begin, n.asked, n.not_understood) for begin, n in pieces.items())
    shown = suppressed({begin: n.asked for begin, n in pieces.items()})
    return tuple((begin, None if hidden else n, None) for begin, n in shown.cells.items())


def _funnel(wanted: Wanted, total: Counts, *, hidden: bool) -> Funnel:
    done = {
        "finished": total.finished,
        "stopped": total.stopped,
        "handed_over": total.handed_over,
        "silent": total.silent,
    }
    line: list[int | None] = [total.asked, total.understood, total.guided, total.walked]
    parts: Mapping[str, int | None] = done
    helped: int | None = total.helped
    if hidden:
        return Funnel(*[None] * 9)
    if wanted.local:
        line = chain([total.asked, total.understood, total.guided, total.walked])
        parts = suppressed(done).cells if line[-1] is not None else dict.fromkeys(done)
        helped = None if small(total.helped) else total.helped
    return Funnel(
        line[0],
        line[1],
        line[2],
        line[3],
        parts["finished"],
        parts["stopped"],
        parts["handed_over"],
        parts["silent"],
        helped,
    )


def _changes(connection: Connection, wanted: Wanted, today: date) -> list[Change]:
    """What rises and falls: the seven days before today against the weeks before them."""
    first = counts.first_day(connection)
    if first is None:
        return []
    whole = min(WEEKS + 1, (today - first).days // 7)
    if whole < 1:
        return []
    begin = today - whole * _WEEK
    cut = Slice(begin, today, areas=wanted.areas, channel=wanted.slice().channel)
    weeks: dict[str, list[int]] = {}
    for (day, topic), number in counts.grouped(connection, cut, "begin", "topic").items():
        if topic:
            weeks.setdefault(topic, [0] * whole)[(day - begin).days // 7] += number.asked
    found = changes(weeks)
    return [each for each in found if not (wanted.local and small(each.recent))]


# Where people stop ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """The people whose last step of a guide this was, by what became of them; None is hidden."""

    number: int
    finished: int | None
    stopped: int | None
    handed_over: int | None
    silent: int | None

    @property
    def left(self) -> int | None:
        """How many went no further without having finished."""
        parts = (self.stopped, self.handed_over, self.silent)
        return None if None in parts else sum(part or 0 for part in parts)


@dataclass(frozen=True, slots=True)
class Stops:
    """A guide: how many were shown its steps, how many of them left before the end, and the step
    at which the most did."""

    guide: str
    walked: int | None
    left: int | None
    worst: int | None
    steps: tuple[Step, ...]


def stops(connection: Connection, wanted: Wanted) -> list[Stops]:
    """The guides whose steps were shown, those that most left first."""
    found = counts.grouped(connection, wanted.slice(), "topic", "step")
    guides: dict[str, dict[int, Counts]] = {}
    for (topic, step), number in found.items():
        guides.setdefault(topic, {})[step] = number
    rows = [_stops(guide, steps, local=wanted.local) for guide, steps in guides.items()]
    return sorted(rows, key=lambda row: (-(row.left or 0), -(row.walked or 0), row.guide))


def _stops(guide: str, steps: Mapping[int, Counts], *, local: bool) -> Stops:
    total = sum(steps.values(), NOTHING)
    cells: dict[tuple[int, str], int] = {}
    for step, number in steps.items():
        cells[step, "finished"] = number.finished
        cells[step, "stopped"] = number.stopped
        cells[step, "handed_over"] = number.handed_over
        cells[step, "silent"] = number.silent
    shown = suppressed(cells) if local else Shown(dict(cells), total.asked)
    lines = tuple(
        Step(
            step,
            shown.cells[step, "finished"],
            shown.cells[step, "stopped"],
            shown.cells[step, "handed_over"],
            shown.cells[step, "silent"],
        )
        for step in sorted(steps)
    )
    known = [line for line in lines if line.left]
    worst = max(known, key=lambda line: (line.left or 0, -line.number)).number if known else None
    lefts = [line.left for line in lines]
    left = None if None in lefts else sum(part or 0 for part in lefts)
    return Stops(guide, shown.total, left, worst, lines)
