"""What each member did in a time, for stipends; and how long citizens waited."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from statistics import median

from bot.domain.tickets import TicketOutcome
from bot.domain.work import Deed, Finished, Passage, Taken, Visited, Worker

_SOLVED = (TicketOutcome.SOLVED, TicketOutcome.SOLVED_AT_HOME)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One member's part. `minutes` is the sum of what was said of visits; those of which nothing
    was said are in `visits_untimed` too, so that a missing figure is seen and not paid as zero."""

    worker: Worker
    taken: int
    closed: int
    solved: int
    visits: int
    visits_untimed: int
    minutes: int
    #: The mean of the citizens' ratings, None when nobody rated.
    rating: float | None

    @property
    def hours(self) -> float:
        """Hours to two places."""
        return round(self.minutes / 60, 2)


@dataclass
class _Sum:
    taken: set[int] = field(default_factory=set)
    finished: list[Finished] = field(default_factory=list)
    visits: list[Visited] = field(default_factory=list)


def contributions(workers: Iterable[Worker], deeds: Iterable[Deed]) -> tuple[Contribution, ...]:
    """Everybody who did something, by team and name. A ticket taken twice by one member counts
    once; deeds of members not in `workers` are left out."""
    sums: dict[int, _Sum] = defaultdict(_Sum)
    for deed in deeds:
        match deed:
            case Taken():
                sums[deed.member_id].taken.add(deed.ticket_id)
            case Finished():
                sums[deed.member_id].finished.append(deed)
            case Visited():
                sums[deed.member_id].visits.append(deed)
    found = [_contribution(worker, sums[worker.id]) for worker in workers if worker.id in sums]
    return tuple(sorted(found, key=lambda c: (c.worker.team, c.worker.name, c.worker.id)))


def _contribution(worker: Worker, done: _Sum) -> Contribution:
    ratings = [each.rating for each in done.finished if each.rating is not None]
    return Contribution(
        worker=worker,
        taken=len(done.taken),
        closed=len(done.finished),
        solved=sum(each.outcome in _SOLVED for each in done.finished),
        visits=len(done.visits),
        visits_untimed=sum(visit.minutes is None for visit in done.visits),
        minutes=sum(visit.minutes or 0 for visit in done.visits),
        rating=round(sum(ratings) / len(ratings), 2) if ratings else None,
    )


# How long things took ----------------------------------------------------------------------------


class By(StrEnum):
    """What times are put together by."""

    HAMLET = "hamlet"
    COMMUNE = "commune"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number of times spread; None when there was none."""

    count: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True)
class Times:
    """How long the tickets of one hamlet, commune or member took, by the clock. `key` is the
    locality's code ("" for tickets of no such place) or the member's id ("" for nobody's)."""

    key: str
    tickets: int
    first_reply: Spread
    resolution: Spread


#: Parts of a code: province, commune, hamlet.
_PARTS = {By.COMMUNE: 2, By.HAMLET: 3}


def times(passages: Iterable[Passage], by: By) -> tuple[Times, ...]:
    """First-reply and resolution times of each hamlet, commune or member, by key.

    Tickets that have no reply or are not closed yet count in `tickets` alone. A time that would be
    negative (a clock was set back) counts as none.
    """
    key_of = _key_of(by)
    groups: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        groups[key_of(passage)].append(passage)
    return tuple(
        Times(
            key,
            len(group),
            spread([p.first_reply_at - p.created_at for p in group if p.first_reply_at]),
            spread([p.closed_at - p.created_at for p in group if p.closed_at]),
        )
        for key, group in sorted(groups.items())
    )


def _key_of(by: By) -> Callable[[Passage], str]:
    if by is By.MEMBER:
        return lambda passage: "" if passage.member_id is None else str(passage.member_id)
    parts = _PARTS[by]

    def place(passage: Passage) -> str:
        code = passage.locality.split(".")
        return ".".join(code[:parts]) if len(code) >= parts else ""

    return place


def spread(spans: Sequence[timedelta]) -> Spread:
    """Median, and the 90th percentile by nearest rank: nine in ten were served within it."""
    known = sorted(max(span, timedelta(0)) for span in spans)
    if not known:
        return Spread(0, None, None)
    middle = timedelta(seconds=median(span.total_seconds() for span in known))
    return Spread(len(known), middle, known[math.ceil(0.9 * len(known)) - 1])
