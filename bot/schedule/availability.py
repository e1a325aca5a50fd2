"""When a member is away, as they write it: "tôi bận đến thứ hai", "bận 2 ngày", "rảnh rồi"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.schedule.canonical import canonical
from bot.schedule.clock import Clock, clocks
from bot.schedule.dates import Days, days_of
from bot.schedule.visit_time import FURTHEST, TimeProblem
from bot.schedule.words import tokens
from bot.schedule.zone import at, local

_DAY = timedelta(days=1)
#: "tôi bận" alone lasts for the day; said this late, for the next one too.
LATE = 21
_NOT = frozenset(("khong", "chua", "ko", "k", "hong", "chang", "khg"))
_LENGTH = re.compile(
    r"\b(?:(?P<n>\d{1,3})|(?P<half>nua)|(?P<some>vai|may|it))"
    r" (?P<unit>p|tieng|h|ngay|hom|tuan|thang)"
    r"(?P<ruoi> ruoi)?(?! nay|SAU)\b(?! \d)"
)
_MINUTES = {
    "p": 1,
    "tieng": 60,
    "h": 60,
    "ngay": 24 * 60,
    "hom": 24 * 60,
    "tuan": 7 * 24 * 60,
    "thang": 30 * 24 * 60,
}
#: "bận 3h" is three hours; "bận 17h" is until then.
_LONGEST_IN_HOURS = 8
_WEEK = re.compile(r"\b(?:(cuoi) tuan|tuan)(?: (nay|SAU|toi|DEN))?\b|\b(NEXT) tuan\b")
_MONTH = re.compile(r"\bthang (nay|SAU|toi|DEN)\b|\b(NEXT) thang\b|\b(het|cuoi) thang\b")
_PART_HOURS = {
    "sáng": (6, 12),
    "trưa": (11, 13),
    "chiều": (13, 18),
    "tối": (18, 22),
    "đêm": (21, 30),
}


@dataclass(frozen=True, slots=True)
class Availability:
    """What somebody said of being there: `free` now; or away `until` a moment (UTC, in the future),
    perhaps only from `since`; or a `problem` with the time they wrote."""

    free: bool = False
    until: datetime | None = None
    since: datetime | None = None
    problem: TimeProblem | None = None


def read_availability(text: str, now: datetime) -> Availability | None:
    """What `text` says of being free or busy, seen from `now` (aware); None when it says neither.

    "đến thứ hai" and "đến 15/12" end when that day begins, "đến hết thứ hai" when it is over.
    "bận" alone lasts for the rest of the day. Never raises, never ends in the past.
    """
    busy = _is_busy(text)
    if busy is None:
        return None
    said = canonical(text, until=True)
    said = re.sub(r"(\bh(?: \d{1,2})?) - (?=\d{1,2} h\b)", r"\1 DEN ", said)
    found = _Reading(said, now).away(from_then=not busy)
    if found is None:
        return Availability(until=_rest_of_day(now)) if busy else Availability(free=True)
    if found.problem is None and found.until is not None:
        if found.until <= now:
            # "rảnh từ sáng nay", said in the afternoon.
            return Availability(problem=TimeProblem.PAST) if busy else Availability(free=True)
        if found.until - now > FURTHEST:
            return Availability(problem=TimeProblem.TOO_FAR)
    return found


def _is_busy(text: str) -> bool | None:
    """True for busy, False for free, None for neither."""
    words = tokens(text)
    for place, word in enumerate(words):
        before = words[place - 1].plain if place else ""
        if word.means("bận", "vắng", "nghỉ") and word.plain in ("ban", "vang", "nghi"):
            over = before in ("het", "xong")
            return not (over or before in _NOT)
        if word.means("rảnh", "rỗi"):
            return before in _NOT
    return None


def _problem(days: Days) -> TimeProblem | None:
    if days.lunar:
        return TimeProblem.LUNAR
    if days.no_such_day:
        return TimeProblem.NO_SUCH_DAY
    return TimeProblem.PAST if days.past and not days.days else None


def _rest_of_day(now: datetime) -> datetime:
    here = local(now)
    return at(here.date() + _DAY * (2 if here.hour >= LATE else 1))


class _Reading:
    """One text, seen from one moment."""

    def __init__(self, said: str, now: datetime) -> None:
        self.said = said
        self.now = now
        self.today = local(now).date()
        before, self.to, after = said.rpartition("DEN")
        self.head, self.tail = before, after
        #: Until the end of what is named, not its beginning.
        self.whole = re.search(r"\bhet (?!ban\b)", said) is not None

    def away(self, *, from_then: bool) -> Availability | None:
        """Until when; None when no time is said. `from_then`: free again from the time named."""
        first, last = days_of(self.head, self.today), days_of(self.tail, self.today)
        for days in (first, last):
            if (problem := _problem(days)) is not None:
                return Availability(problem=problem)
        found = self._length() if not (self.to or from_then) else None
        if from_then:
            self.to = "DEN"
        found = found or self._day_or_hour(first, last) or self._week() or self._month()
        if found is None and (self.to or re.search(r"\d", self.said)) and not from_then:
            return Availability(problem=TimeProblem.UNCLEAR)
        return found

    def _length(self) -> Availability | None:
        match = _LENGTH.search(self.said)
        if match is None:
            return None
        if match["some"]:
            return Availability(problem=TimeProblem.UNCLEAR)
        number = 0.5 if match["half"] else int(match["n"])
        if match["unit"] == "h" and number > _LONGEST_IN_HOURS:
            return None
        number += 0.5 if match["ruoi"] else 0
        minutes = max(1.0, number * _MINUTES[match["unit"]])
        return Availability(until=self.now.astimezone(UTC) + timedelta(minutes=minutes))

    def _day_or_hour(self, first: Days, last: Days) -> Availability | None:
        hours, parts = clocks(last.rest)
        begins, _ = clocks(first.rest)
        named = last if last.days else first
        choices = sorted({*named.days, *named.or_else})
        if not choices and not hours and not parts:
            return None
        if hours:
            return self._hour(choices, hours[-1], begins)
        if parts:
            return self._part(choices or [self.today, self.today + _DAY], parts[-1])
        if first.days and last.days:
            # "từ thứ hai đến thứ tư": both days whole.
            start = first.days[0]
            end = next((day for day in choices if day >= start), choices[-1])
            return self._span(at(start), at(max(start, end) + _DAY))
        if self.to:
            return Availability(
                until=self._next([at(day + _DAY if self.whole else day) for day in choices])
            )
        return self._span(at(choices[0]), at(max(named.days) + _DAY))

    def _hour(self, days: list[date], clock: Clock, begins: list[Clock]) -> Availability:
        minutes = clock.minutes() if clock.part or clock.exact else _either(clock, bool(days))
        if not minutes:
            return Availability(problem=TimeProblem.NO_SUCH_HOUR)
        ends = [
            at(day) + timedelta(minutes=minute)
            for day in days or [self.today, self.today + _DAY]
            for minute in minutes
        ]
        until = self._next(ends)
        starts = [
            at(local(until).date()) + timedelta(minutes=minute)
            for clock in begins
            for minute in (clock.minutes() or ())
        ]
        before = [start for start in starts if start < until]
        return self._span(max(before), until) if before else Availability(until=until)

    def _part(self, days: list[date], part: str) -> Availability:
        begins, ends = _PART_HOURS[part]
        if self.to and not self.whole:
            return Availability(until=self._next([at(day) + begins * _HOUR for day in days]))
        until = self._next([at(day) + ends * _HOUR for day in days])
        return self._span(until - (ends - begins) * _HOUR, until)

    def _week(self) -> Availability | None:
        match = _WEEK.search(self.said)
        if match is None:
            return None
        monday = self.today - _DAY * self.today.weekday() + 7 * _DAY
        if match[3] or match[2] in ("SAU", "toi", "DEN"):
            if self.to and not self.whole and not (match[2] == "DEN" and not match[3]):
                return Availability(until=at(monday))
            return self._span(at(monday), at(monday + 7 * _DAY))
        return Availability(until=at(monday))

    def _month(self) -> Availability | None:
        match = _MONTH.search(self.said)
        if match is None:
            return None
        following = (self.today.replace(day=1) + 32 * _DAY).replace(day=1)
        later = match[2] or match[1] in ("SAU", "toi", "DEN")
        if later and not (self.to and not self.whole):
            return self._span(at(following), at((following + 32 * _DAY).replace(day=1)))
        return Availability(until=at(following))

    def _span(self, since: datetime, until: datetime) -> Availability:
        return Availability(until=until, since=since if since > self.now else None)

    def _next(self, moments: list[datetime]) -> datetime:
        """The first that is still to come; else the last, which `read_availability` refuses."""
        ahead = [moment for moment in moments if moment > self.now]
        return min(ahead) if ahead else max(moments)


_HOUR = timedelta(hours=1)


def _either(clock: Clock, on_a_day: bool) -> tuple[int, ...]:
    """A bare hour: on a named day the usual one, today whichever comes next."""
    if clock.hour >= 12 or clock.hour == 0 or clock.minute > 59:
        return clock.minutes()
    minute = clock.hour * 60 + clock.minute
    if on_a_day:
        return (minute if clock.hour >= 6 else minute + 12 * 60,)
    return (minute, minute + 12 * 60)
