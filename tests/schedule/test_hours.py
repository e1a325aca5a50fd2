"""Arithmetic with open hours: tables by hand, then laws that hold for every week and holiday."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.schedule.errors import NeverOpen
from bot.schedule.holidays import Holidays
from bot.schedule.hours import BusinessHours
from bot.schedule.week import Week
from bot.schedule.written_week import read_week
from bot.schedule.zone import ICT, at

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = "T2-T6 07:30-11:30, 13:30-17:00"
NIGHT = "T2-CN 22:00-02:00"
HOUR = timedelta(hours=1)
#: 2027: Tết is 5 to 11 February, Friday to Thursday.
TET = [date(2027, 2, day) for day in range(5, 12)]


def days_off(*days: date) -> Holidays:
    return Holidays(MappingProxyType(dict.fromkeys(days, "nghỉ")))


def hours(week: str, *off: date) -> BusinessHours:
    return BusinessHours(read_week(week), days_off(*off))


def vn(text: str) -> datetime:
    """A moment written on Vietnam's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


# By hand ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("week", "start", "working", "end"),
    [
        # Within a block, to its end sharp, over the noon, over the night, over the weekend.
        (OFFICE, "2026-11-18 08:00", 2.0, "2026-11-18 10:00"),
        (OFFICE, "2026-11-18 15:00", 2.0, "2026-11-18 17:00"),
        (OFFICE, "2026-11-18 11:00", 1.0, "2026-11-18 14:00"),
        (OFFICE, "2026-11-18 16:00", 4.0, "2026-11-19 10:30"),
        (OFFICE, "2026-11-20 16:30", 1.0, "2026-11-23 08:00"),
        # From outside: the count begins when it opens.
        (OFFICE, "2026-11-18 12:00", 1.0, "2026-11-18 14:30"),
        (OFFICE, "2026-11-21 20:00", 1.0, "2026-11-23 08:30"),
        # Over Tết, and over a leap day.
        (OFFICE, "2027-02-04 16:00", 2.0, "2027-02-12 08:30"),
        (OFFICE, "2028-02-28 16:00", 8.5, "2028-02-29 17:00"),
        (OFFICE, "2028-02-29 16:00", 2.0, "2028-03-01 08:30"),
        # Evening volunteers, nights across midnight, all day.
        ("T2-CN 19:00-21:00", "2026-11-18 20:30", 1.0, "2026-11-19 19:30"),
        (NIGHT, "2026-11-18 23:30", 2.0, "2026-11-19 01:30"),
        (NIGHT, "2026-11-19 01:30", 1.0, "2026-11-19 22:30"),
        ("CN 22:00-02:00", "2026-11-23 00:30", 1.0, "2026-11-23 01:30"),
        ("24/7", "2026-11-18 23:00", 3.0, "2026-11-19 02:00"),
        # A week with one minute takes its weeks.
        ("T2 08:00-08:01", "2026-11-18 00:00", 1 / 30, "2026-11-30 08:01"),
        # No time at all is now.
        (OFFICE, "2026-11-21 20:00", 0.0, "2026-11-21 20:00"),
    ],
)
def test_add(week: str, start: str, working: float, end: str) -> None:
    count = hours(week, *TET)
    assert count.add(vn(start), working * HOUR) == vn(end)
    assert count.between(vn(start), vn(end)) == working * HOUR


@pytest.mark.parametrize(
    ("week", "moment", "opens"),
    [
        (OFFICE, "2026-11-18 07:29", "2026-11-18 07:30"),
        (OFFICE, "2026-11-18 07:30", "2026-11-18 07:30"),
        (OFFICE, "2026-11-18 11:29", "2026-11-18 11:29"),
        (OFFICE, "2026-11-18 11:30", "2026-11-18 13:30"),
        (OFFICE, "2026-11-20 17:00", "2026-11-23 07:30"),
        (OFFICE, "2027-02-04 17:00", "2027-02-12 07:30"),
        (NIGHT, "2026-11-19 01:59", "2026-11-19 01:59"),
        (NIGHT, "2026-11-19 02:00", "2026-11-19 22:00"),
        # A night belongs to the day it begins: the one into Tết is worked, those of Tết are not.
        (NIGHT, "2027-02-05 01:00", "2027-02-05 01:00"),
        (NIGHT, "2027-02-05 22:00", "2027-02-12 22:00"),
        (NIGHT, "2027-02-12 01:00", "2027-02-12 22:00"),
        ("CN 22:00-02:00", "2026-11-23 01:00", "2026-11-23 01:00"),
    ],
)
def test_next_open(week: str, moment: str, opens: str) -> None:
    count = hours(week, *TET)
    assert count.next_open(vn(moment)) == vn(opens)
    assert count.open_at(vn(moment)) == (moment == opens)


def test_answers_are_in_utc_whatever_was_asked() -> None:
    for moment in (vn("2026-11-18 08:00"), vn("2026-11-18 08:00").astimezone(UTC)):
        found = hours(OFFICE).add(moment, HOUR)
        assert (found, found.tzinfo) == (vn("2026-11-18 09:00"), UTC)
        opened = hours(OFFICE).next_open(moment)
        assert opened is not None
        assert opened.tzinfo is UTC
    assert hours(OFFICE).add(vn("2026-11-18 12:00"), timedelta(0)).tzinfo is UTC


def test_a_set_back_clock_counts_nothing_and_a_negative_time_is_refused() -> None:
    count = hours(OFFICE)
    assert count.between(vn("2026-11-19 09:00"), vn("2026-11-18 09:00")) == timedelta(0)
    with pytest.raises(ValueError, match="negative"):
        count.add(vn("2026-11-18 09:00"), -HOUR)
    with pytest.raises(TypeError):
        count.open_at(datetime(2026, 11, 18))


# Always an end ----------------------------------------------------------------------------------


def test_a_week_without_hours_has_no_answer() -> None:
    never = BusinessHours(Week())
    assert never.next_open(vn("2026-11-18 09:00")) is None
    assert not never.open_at(vn("2026-11-18 09:00"))
    assert never.between(vn("2026-11-18 09:00"), vn("2126-11-18 09:00")) == timedelta(0)
    with pytest.raises(NeverOpen, match="no open block"):
        never.add(vn("2026-11-18 09:00"), HOUR)


def test_holidays_for_ever_have_no_answer() -> None:
    start = date(2026, 1, 1)
    closed = hours(OFFICE, *(start + timedelta(days=n) for n in range(4_000)))
    assert closed.next_open(vn("2026-01-02 09:00")) is None
    with pytest.raises(NeverOpen, match="holidays close"):
        closed.add(vn("2026-01-02 09:00"), HOUR)
    years = hours(OFFICE, *(start + timedelta(days=n) for n in range(3_000)))
    assert years.add(vn("2026-01-02 09:00"), HOUR) > vn("2034-01-01 00:00")


def test_beyond_the_last_year_there_is_no_answer() -> None:
    for working in (timedelta.max, timedelta(days=3_000_000)):
        with pytest.raises(NeverOpen, match="beyond the year 9999"):
            hours("T2 08:00-08:01", date(2027, 1, 1)).add(vn("2026-11-18 09:00"), working)


def test_far_years_are_answered_at_once() -> None:
    count = hours(OFFICE, *TET)
    began = time.perf_counter()
    end = count.add(vn("2026-11-18 09:00"), 1_000_000 * HOUR)
    assert end.year > 2500
    assert count.between(vn("2026-11-18 09:00"), end) == 1_000_000 * HOUR
    assert time.perf_counter() - began < 0.05


@pytest.mark.parametrize("year", [1980, 1999, 2026, 2028, 2100, 2500])
def test_the_fixed_offset_is_vietnams(year: int) -> None:
    for month in range(1, 13):
        moment = datetime(year, month, 1, 0, 30, tzinfo=ICT)
        assert moment == moment.replace(tzinfo=VIETNAM)
        assert at(moment.date(), 24) == moment.replace(minute=0) + 24 * HOUR


# Laws -------------------------------------------------------------------------------------------

_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))
_SPANS = st.timedeltas(timedelta(0), timedelta(hours=400))
_WEEKS = st.lists(
    st.lists(st.tuples(st.integers(4 * 60, 1439), st.integers(1, 26 * 60)), max_size=3).map(
        lambda blocks: [(a, min(b, 28 * 60)) for a, b in blocks if a < b]
    ),
    min_size=7,
    max_size=7,
).map(Week.of)
_HOLIDAYS = st.frozensets(
    st.dates(date(2026, 1, 1), date(2029, 12, 31)) | st.sampled_from(TET), max_size=40
).map(lambda days: days_off(*days))
_HOURS = st.builds(BusinessHours, _WEEKS, _HOLIDAYS)


@given(_HOURS, _MOMENTS, _SPANS)
@example(hours(NIGHT, *TET), vn("2027-02-05 00:30").astimezone(UTC), timedelta(hours=30))
def test_between_takes_back_what_add_gave(
    count: BusinessHours, start: datetime, working: timedelta
) -> None:
    assume(count.week.minutes)
    end = count.add(start, working)
    assert end >= start
    assert count.between(start, end) == working
    # The earliest such moment: a microsecond before, some of it is missing.
    if working:
        assert count.between(start, end - timedelta.resolution) < working


@given(_HOURS, _MOMENTS, _MOMENTS)
def test_add_never_goes_past_what_between_counted(
    count: BusinessHours, one: datetime, other: datetime
) -> None:
    start, end = sorted((one, other))
    passed = count.between(start, end)
    assert timedelta(0) <= passed <= end - start
    if passed:
        assert count.add(start, passed) <= end


@given(_HOURS, _MOMENTS, _SPANS, _SPANS)
def test_adding_twice_is_adding_the_sum(
    count: BusinessHours, start: datetime, one: timedelta, other: timedelta
) -> None:
    assume(count.week.minutes)
    whole = count.add(start, one + other)
    assert count.add(count.add(start, one), other) == whole


@given(_HOURS, _MOMENTS, _MOMENTS, _SPANS)
def test_a_later_start_never_ends_earlier(
    count: BusinessHours, one: datetime, other: datetime, working: timedelta
) -> None:
    assume(count.week.minutes)
    start, later = sorted((one, other))
    assert count.add(start, working) <= count.add(later, working)


@given(_HOURS, st.lists(_MOMENTS, min_size=3, max_size=3))
def test_parts_of_a_time_make_the_whole(count: BusinessHours, moments: list[datetime]) -> None:
    a, b, c = sorted(moments)
    assert count.between(a, b) + count.between(b, c) == count.between(a, c)


@given(_HOURS, _MOMENTS)
def test_it_opens_when_it_says(count: BusinessHours, moment: datetime) -> None:
    opens = count.next_open(moment)
    if opens is None:
        assert not count.week.minutes
        return
    assert count.open_at(opens)
    assert count.between(moment, opens) == timedelta(0)
    assert (opens == moment) == count.open_at(moment)


@given(_HOURS, _MOMENTS, st.integers(0, 400))
def test_between_agrees_with_looking_at_every_minute(
    count: BusinessHours, start: datetime, minutes: int
) -> None:
    """Against the plainest way there is: dates, and the minutes of `Week`."""
    start = start.replace(second=0, microsecond=0)
    each = [start + timedelta(minutes=minute) for minute in range(minutes)]
    opened = [moment for moment in each if _open(count, moment)]
    assert [moment for moment in each if count.open_at(moment)] == opened
    passed = count.between(start, start + timedelta(minutes=minutes))
    assert passed == timedelta(minutes=len(opened))


def _open(count: BusinessHours, moment: datetime) -> bool:
    here = moment.astimezone(VIETNAM)
    minute = here.hour * 60 + here.minute
    for back in (0, 1):
        day = here.date() - timedelta(days=back)
        if day not in count.holidays and any(
            start <= minute + 24 * 60 * back < end for start, end in count.week.days[day.weekday()]
        ):
            return True
    return False


def test_a_days_deadline_takes_microseconds() -> None:
    """The target is 50 µs; the bound leaves room for a busy machine."""
    count = hours(OFFICE, *TET)
    start = vn("2027-02-04 16:00").astimezone(UTC)
    best = min(_timed(count, start) for _ in range(5))
    assert best < 100e-6, f"{best * 1e6:.1f} µs"


def _timed(count: BusinessHours, start: datetime) -> float:
    began = time.perf_counter()
    for _ in range(200):
        count.add(start, timedelta(hours=7.5))
    return (time.perf_counter() - began) / 200
