"""Days on which nobody works, from iCalendar files (RFC 5545)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.schedule.errors import ScheduleError
from bot.schedule.zone import FIRST_DAY

if TYPE_CHECKING:
    from icalendar import Component

#: Fewer free days than this and the year's calendar is not complete (the law gives eleven).
FULL_YEAR = 8
WARN_DAYS = 60
_MOST_DAYS = 5_000
_LONGEST = 60
_LAST_YEAR = 2100
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")


@dataclass(frozen=True)
class Holidays:
    """Free days with their names. One calendar is laid over another with `|`."""

    days: Mapping[date, str] = field(default_factory=dict)
    #: Days that an earlier calendar calls free and this one takes back.
    worked: frozenset[date] = frozenset()

    def __contains__(self, day: object) -> bool:
        return day in self.days

    def __or__(self, later: Holidays) -> Holidays:
        """Both calendars; where they differ about a day, `later` decides."""
        kept = {day: name for day, name in self.days.items() if day not in later.worked}
        worked = (self.worked - later.days.keys()) | later.worked
        return Holidays(MappingProxyType({**kept, **later.days}), worked)

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The free days as days since 1970: what arithmetic asks for, made once for all teams."""
        return frozenset(day.toordinal() - FIRST_DAY for day in self.days)

    def known_until(self) -> date | None:
        """31 December of the last complete year; None when no year is complete."""
        years = Counter(day.year for day in self.days)
        full = [year for year, number in years.items() if number >= FULL_YEAR]
        return date(max(full), 12, 31) if full else None

    def runs_out(self, today: date, within: int = WARN_DAYS) -> str:
        """A warning for operators when the calendar ends within that many days; else ""."""
        end = self.known_until()
        if end is not None and end - today > timedelta(days=within):
            return ""
        until = "has no complete year" if end is None else f"ends on {end.isoformat()}"
        return (
            f"the calendar of holidays {until}: deadlines after that count holidays as working "
            "days; set CONGDANSO_HOLIDAYS to a newer iCalendar file"
        )


def read_holidays(source: bytes, name: str) -> Holidays:
    """Reads one iCalendar file; `name` is what errors call it.

    Every VEVENT with a DATE is free from its first to its last day (DTEND, exclusive as the RFC has
    it, or DURATION), with RRULE and RDATE repeated, EXDATE left out. `STATUS:CANCELLED` makes a day
    of an earlier calendar a working day again. Raises ScheduleError that names file and event.
    """
    from icalendar import Calendar

    try:
        calendars = Calendar.from_ical(source, multiple=True)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise ScheduleError(
            f"{name}: is not an iCalendar file (it must begin with BEGIN:VCALENDAR)"
        ) from error
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    if not events:
        raise ScheduleError(f"{name}: has no event; each holiday must be a VEVENT")
    days: dict[date, str] = {}
    worked: set[date] = set()
    for number, event in enumerate(events, 1):
        where = f"{name}: event {number} ({_text(event, 'SUMMARY') or 'no SUMMARY'})"
        for day in _days(event, where):
            if _text(event, "STATUS").upper() == "CANCELLED":
                worked.add(day)
            else:
                days[day] = _text(event, "SUMMARY")
            if len(days) + len(worked) > _MOST_DAYS:
                raise ScheduleError(f"{where}: makes more than {_MOST_DAYS} free days in all")
    # Within one file a day that is both is free: the file says when it is.
    return Holidays(MappingProxyType(days), frozenset(worked - days.keys()))


def _text(event: Component, key: str) -> str:
    return str(event.get(key, "")).strip()


def _days(event: Component, where: str) -> Iterator[date]:
    first = _date(event.get("DTSTART"), f"{where}: DTSTART")
    length = _length(event, first, where)
    for start in _starts(event, first, where):
        yield from (start + timedelta(days=day) for day in range(length))


def _date(value: object, where: str) -> date:
    found = _part(value, "dt")
    if isinstance(found, datetime) or not isinstance(found, date):
        raise ScheduleError(f"{where}: must be a day without an hour, such as VALUE=DATE:20270101")
    if not 1900 <= found.year <= _LAST_YEAR:
        raise ScheduleError(f"{where}: the year must be between 1900 and {_LAST_YEAR}")
    return found


def _part(value: object, name: str) -> Any:
    """An attribute of what icalendar read; None where it could not read it."""
    try:
        return getattr(value, name, None)
    except ValueError:
        return None


def _length(event: Component, first: date, where: str) -> int:
    if "DTEND" in event:
        days = (_date(event["DTEND"], f"{where}: DTEND") - first).days
    elif "DURATION" in event:
        span = _part(event["DURATION"], "dt")
        days = span.days if isinstance(span, timedelta) else 0
    else:
        days = 1
    if not 1 <= days <= _LONGEST:
        raise ScheduleError(
            f"{where}: is {days} days long; must be 1 to {_LONGEST} (DTEND is the day after)"
        )
    return days


def _starts(event: Component, first: date, where: str) -> Iterable[date]:
    found = {first}
    if "RRULE" in event:
        found.update(_repeated(event, first, where))
    found.update(_listed(event, "RDATE", where))
    return sorted(found - _listed(event, "EXDATE", where))


def _repeated(event: Component, first: date, where: str) -> Iterator[date]:
    from dateutil.rrule import rrulestr

    written: Any = event["RRULE"]
    try:
        if written["FREQ"][0] not in _FREQUENCIES:
            raise ValueError("repeats within a day")
        rule = rrulestr(
            written.to_ical().decode(), dtstart=datetime(first.year, first.month, first.day)
        )
        if "COUNT" not in written and "UNTIL" not in written:
            rule = rule.replace(until=datetime(_LAST_YEAR, 12, 31))
    except (ValueError, AttributeError, TypeError, KeyError, IndexError) as error:
        raise ScheduleError(
            f"{where}: RRULE must be one rule with FREQ={', '.join(_FREQUENCIES)}"
        ) from error
    for moment in islice(rule, _MOST_DAYS + 1):
        yield moment.date()


def _listed(event: Component, key: str, where: str) -> set[date]:
    value = event.get(key, [])
    found: set[date] = set()
    for part in value if isinstance(value, list) else [value]:
        # What could not be read is refused as a day.
        days = _part(part, "dts") or [None]
        found.update(_date(each, f"{where}: {key}") for each in days)
    return found
