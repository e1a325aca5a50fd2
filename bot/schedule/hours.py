"""Arithmetic with open hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.schedule.errors import NeverOpen
from bot.schedule.holidays import Holidays
from bot.schedule.week import Week

# Inside, a moment is whole microseconds since 1970-01-01 00:00 in Vietnam, a day their quotient.
_EPOCH = datetime(1969, 12, 31, 17, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 24 * 60 * 60 * 1_000_000
_MINUTE = 60 * 1_000_000
#: The weekday of day 0, a Thursday.
_THURSDAY = 3
#: Days in a row without an open hour after which it counts as for ever.
_CLOSED_FOR_EVER = 3_660

_Spans = tuple[tuple[int, int], ...]


class BusinessHours:
    """A week's open hours without the holidays. Every question takes and gives aware datetimes
    (UTC out), is answered in bounded time, and never depends on the clock.

    A holiday takes away the blocks that begin on it (see `Week`).
    """

    def __init__(self, week: Week, holidays: Holidays | None = None) -> None:
        self.week = week
        self.holidays = holidays or Holidays()
        self._blocks: tuple[_Spans, ...] = tuple(
            tuple((start * _MINUTE, end * _MINUTE) for start, end in blocks) for blocks in week.days
        )
        self._total = week.minutes * _MINUTE
        self._free = self.holidays.numbers
        #: From here on every week is like the next.
        self._regular = max(self._free, default=-1) + 1

    def open_at(self, moment: datetime) -> bool:
        """Whether `moment` is within an open block. The last minute's end is closed."""
        now = _inside(moment)
        for start, end in self._spans(now // _DAY - 1, now // _DAY + 1):
            if start <= now < end:
                return True
        return False

    def next_open(self, moment: datetime) -> datetime | None:
        """`moment` itself when open, else when it opens next; None when it never does."""
        now = _inside(moment)
        day = now // _DAY
        for start, end in self._spans(day - 1, day + _CLOSED_FOR_EVER):
            if now < end:
                return _outside(max(start, now))
        return None

    def add(self, start: datetime, working: timedelta) -> datetime:
        """The earliest moment by which `working` open time has passed since `start`.

        `start` itself for no time. A block's end counts: two hours from 15:00 end at 17:00 sharp,
        not when it opens again. Raises NeverOpen when there is no such moment, ValueError for a
        negative time.
        """
        left = working // _MICROSECOND
        if left <= 0:
            if left < 0:
                raise ValueError("working: must not be negative")
            return start.astimezone(UTC)
        now = _inside(start)
        closed_since = day = now // _DAY - 1
        while self._total and day - closed_since <= _CLOSED_FOR_EVER:
            if day >= self._regular and left > self._total:
                # The whole weeks at once; the rest, at most one, is walked.
                weeks = (left - 1) // self._total
                if now < day * _DAY:
                    left -= weeks * self._total
                    closed_since = day = day + 7 * weeks
            for begin, end in self._spans(day, day + 1):
                here = end - max(begin, now)
                if here <= 0:
                    continue
                if left <= here:
                    return _outside(end - here + left)
                left -= here
                closed_since = day
            day += 1
        raise NeverOpen(_why(self.week))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time from `start` to `end`; none when `end` is not after `start`."""
        low, high = _inside(start), _inside(end)
        total = 0
        day, last = low // _DAY - 1, high // _DAY
        # Whole regular weeks are counted; the days at both ends are walked.
        jump = max(low // _DAY + 1, self._regular)
        weeks = max(0, (last - 1 - jump) // 7)
        for first, beyond in ((day, jump), (jump + 7 * weeks, last + 1)):
            for begin, until in self._spans(first, min(beyond, last + 1)):
                total += max(0, min(until, high) - max(begin, low))
        return (total + weeks * self._total) * _MICROSECOND

    def _spans(self, first: int, beyond: int) -> Iterator[tuple[int, int]]:
        """The open blocks that begin from day `first` up to before `beyond`, in order."""
        blocks, free = self._blocks, self._free
        for day in range(first, beyond):
            if day in free:
                continue
            midnight = day * _DAY
            for start, end in blocks[(day + _THURSDAY) % 7]:
                yield midnight + start, midnight + end


def _inside(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _outside(moment: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=moment)
    except OverflowError as error:
        raise NeverOpen("open hours: the time asked for is beyond the year 9999") from error


def _why(week: Week) -> str:
    if not week.minutes:
        return "open hours: the week has no open block, so no deadline can be counted in it"
    return f"open hours: holidays close {_CLOSED_FOR_EVER} days in a row"
