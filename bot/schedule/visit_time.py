"""When a visit is to be, as people write it: "chiều mai 3 giờ", "8h sáng thứ bảy"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from bot.schedule.canonical import canonical
from bot.schedule.clock import Clock, clocks
from bot.schedule.dates import Days, days_of
from bot.schedule.zone import at, local

#: Days ahead beyond which a visit is a mistake.
FURTHEST = timedelta(days=366)
MOST = 6
_QUARTER = timedelta(minutes=15)
_NOW = re.compile(r"\bNOW\b|\bngay lap tuc\b")
#: "bay gio" without marks: seven o'clock where a day or a part of it is said too, else now.
_SEVEN = re.compile(r"\bbay h\b")
_SOON = re.compile(r"\b(?:lat|chut|ti|xiu|teo)(?: xiu| xi)? nua\b")
_VAGUE = re.compile(r"\b(?:khi|hom|luc|ngay|may|bao) (?:nao|khac|h|lau)\b|\btruoc \d|\bmai MOT\b")
_IN_HOURS = re.compile(
    r"\b(?:(?P<after>SAU|trong) (?!\d+ h\b))?(?:(?P<n>\d{1,3})|(?P<half>nua)) (?P<unit>tieng|h|p)"
    r"(?: dong ho)?(?P<ruoi> ruoi)?(?P<more> nua)?\b"
)
#: Asked with a day alone: usual hours of visits, in each part of the day.
_USUAL = {
    "": (8 * 60, 14 * 60, 19 * 60),
    "sáng": (8 * 60, 9 * 60, 10 * 60),
    "trưa": (11 * 60, 12 * 60),
    "chiều": (14 * 60, 15 * 60, 16 * 60),
    "tối": (18 * 60, 19 * 60, 20 * 60),
    "đêm": (20 * 60, 21 * 60),
}


class TimeProblem(StrEnum):
    """Why no time was found."""

    UNCLEAR = "unclear"
    PAST = "past"
    TOO_FAR = "too_far"
    NO_SUCH_DAY = "no_such_day"
    NO_SUCH_HOUR = "no_such_hour"
    LUNAR = "lunar"


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """What a text may mean: one moment (sure), several to choose from, or a problem.

    `candidates` are UTC, after the moment of reading, in order, at most `MOST`.
    """

    candidates: tuple[datetime, ...] = ()
    problem: TimeProblem | None = None

    @property
    def sure(self) -> datetime | None:
        """The moment, when there is no doubt."""
        return self.candidates[0] if len(self.candidates) == 1 else None


def read_visit_time(text: str, now: datetime) -> WrittenTime:
    """The moment `text` names, seen from `now` (aware). Never raises, never gives the past.

    With an hour that may be in the morning or in the evening, a day without an hour, a weekday that
    is today, or "ngày kia", each moment it may mean is a candidate.
    """
    said = canonical(text)
    if _VAGUE.search(said):
        return WrittenTime(problem=TimeProblem.UNCLEAR)
    if soon := _soon(said, now):
        return WrittenTime(soon)
    today = local(now).date()
    days = days_of(_SEVEN.sub("7 h", said), today)
    hours, parts = clocks(days.rest)
    if _SEVEN.search(said) and not days.days and not parts:
        return WrittenTime((_next_quarter(now),))
    if (problem := _problem(days, hours)) is not None:
        return WrittenTime(problem=problem)
    if not days.days and not hours and not parts:
        if _NOW.search(said):
            return WrittenTime((_next_quarter(now),))
        return WrittenTime(problem=TimeProblem.UNCLEAR)
    minutes = _minutes(hours, parts)
    if not minutes:
        return WrittenTime(problem=TimeProblem.NO_SUCH_HOUR)
    return _chosen(_moments(days, minutes, today, now), now)


def _soon(said: str, now: datetime) -> tuple[datetime, ...]:
    match = _IN_HOURS.search(said)
    if match and (match["more"] or match["after"]):
        minutes = 0.5 if match["half"] else float(match["n"])
        minutes += 0.5 if match["ruoi"] else 0
        minutes *= 1 if match["unit"] == "p" else 60
        return (now.astimezone(UTC) + timedelta(minutes=max(1.0, minutes)),)
    if _SOON.search(said):
        quarter = _next_quarter(now)
        return tuple(quarter + n * _QUARTER for n in (1, 3, 7))
    return ()


def _next_quarter(now: datetime) -> datetime:
    moment = now.astimezone(UTC)
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole + ((moment - whole) // _QUARTER + 1) * _QUARTER


def _problem(days: Days, hours: list[Clock]) -> TimeProblem | None:
    if days.lunar:
        return TimeProblem.LUNAR
    if days.no_such_day:
        return TimeProblem.NO_SUCH_DAY
    if any(not hour.minutes() for hour in hours):
        return TimeProblem.NO_SUCH_HOUR
    if days.past and not days.days:
        return TimeProblem.PAST
    if days.some_week and not days.days:
        return TimeProblem.UNCLEAR
    return None


def _minutes(hours: list[Clock], parts: list[str]) -> list[int]:
    if hours:
        return [minute for hour in hours for minute in hour.minutes()]
    return [minute for part in parts or [""] for minute in _USUAL[part]]


def _moments(days: Days, minutes: list[int], today: date, now: datetime) -> list[datetime]:
    if not days.days:
        # The next time the clock says so.
        return [
            moment if moment > now else moment + timedelta(days=1)
            for moment in (_at(today, minute) for minute in minutes)
        ]
    sure = [_at(day, minute) for day in days.days for minute in minutes]
    later = [_at(day, minute) for day in days.or_else for minute in minutes]
    return sure + later


def _at(day: date, minute: int) -> datetime:
    return at(day) + timedelta(minutes=minute)


def _chosen(moments: list[datetime], now: datetime) -> WrittenTime:
    ahead = sorted({moment for moment in moments if moment > now})
    if not ahead:
        return WrittenTime(problem=TimeProblem.PAST)
    near = tuple(moment for moment in ahead if moment - now <= FURTHEST)
    return WrittenTime(near[:MOST]) if near else WrittenTime(problem=TimeProblem.TOO_FAR)
