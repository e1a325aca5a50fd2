"""Spans of days that figures are shown for, and the pieces a chart cuts them into."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_MONTH = re.compile(r"(20\d{2})-(\d{2})", re.ASCII)
_DAY = re.compile(r"20\d{2}-\d{2}-\d{2}", re.ASCII)


class Piece(StrEnum):
    """What one point of a chart stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `begin` to before `end`; `key` names it in an address."""

    key: str
    begin: date
    end: date
    piece: Piece

    @property
    def months(self) -> bool:
        """Whether it is whole months, counted by months."""
        return self.piece is Piece.MONTH

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - timedelta(days=1)

    @property
    def whole_months(self) -> bool:
        """Whether it begins and ends with a month."""
        return self.begin.day == self.end.day == 1

    def begins(self) -> list[date]:
        """The beginnings of its pieces, in order."""
        found = [self.begin]
        while (following := _next(found[-1], self.piece)) < self.end:
            found.append(following)
        return found

    def piece_of(self, day: date) -> date:
        """The beginning of the piece a day lies in."""
        if self.piece is Piece.MONTH:
            return day.replace(day=1)
        if self.piece is Piece.WEEK:
            return self.begin + (day - self.begin) // timedelta(days=7) * timedelta(days=7)
        return day

    def end_of(self, begin: date) -> date:
        """Where the piece that begins there ends (the first day after it)."""
        return min(self.end, _next(begin, self.piece))


def _next(begin: date, piece: Piece) -> date:
    if piece is Piece.MONTH:
        return next_month(begin)
    return begin + timedelta(days=7 if piece is Piece.WEEK else 1)


def next_month(day: date) -> date:
    """The first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def months_back(day: date, number: int) -> date:
    """The first day of the month so many months before a day's."""
    year, month = divmod(day.year * 12 + day.month - 1 - number, 12)
    return date(year, month + 1, 1)


def parse_month(text: str) -> date | None:
    """The first day of a month written 2026-10; None when it is none."""
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    return date(int(found[1]), int(found[2]), 1)


def parse_day(text: str) -> date | None:
    """A day written 2026-10-31; None when it is none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def month(first: date) -> Period:
    """A calendar month, by days."""
    return Period(f"{first:%Y-%m}", first, next_month(first), Piece.DAY)


#: The periods that begin before today by themselves, in the order they are offered.
RECENT = ("7d", "30d", "90d", "12m")
#: Those of them that are whole months, as figures of places are.
RECENT_MONTHS = ("3m", "12m")


def period(key: str, today: date, *, months_only: bool = False) -> Period:
    """The period of an address; the usual one for what makes no sense.

    `months_only`: figures of places are of whole calendar months (docs/console-themes.md).
    """
    first = parse_month(key)
    if first is not None and first <= today:
        return month(first)
    after = today + timedelta(days=1)
    if key in ("3m", "12m") or (months_only and key == "90d"):
        number = 12 if key == "12m" else 3
        return Period(f"{number}m", months_back(today, number - 1), next_month(today), Piece.MONTH)
    if months_only:
        return month(today.replace(day=1))
    if key == "7d":
        return Period(key, after - timedelta(days=7), after, Piece.DAY)
    if key == "90d":
        return Period(key, after - timedelta(days=91), after, Piece.WEEK)
    return Period("30d", after - timedelta(days=30), after, Piece.DAY)
