"""Holidays from iCalendar files, and the shipped calendar against the moon and the law."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule.errors import ScheduleError
from bot.schedule.holidays import Holidays, read_holidays
from bot.settings import ROOT
from tests.schedule.lunar import hung_kings, tet

YEARS = (2026, 2027, 2028)
DAY = timedelta(days=1)


def calendar(*events: str) -> bytes:
    """A file with these events; `|` stands for the end of a line."""
    lines = "|".join(f"BEGIN:VEVENT|{event}|END:VEVENT" for event in events)
    whole = f"BEGIN:VCALENDAR|VERSION:2.0|PRODID:-//test//|{lines}|END:VCALENDAR|"
    return whole.replace("||", "|").replace("|", "\r\n").encode()


def read(*events: str) -> Holidays:
    return read_holidays(calendar(*events), "own.ics")


@pytest.fixture(scope="module")
def shipped() -> Holidays:
    path = ROOT / "content" / "holidays.ics"
    return read_holidays(path.read_bytes(), path.name)


# What is shipped --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "day"), [(2024, (2, 10)), (2025, (1, 29)), (2030, (2, 2)), (2033, (1, 31))]
)
def test_the_moon_is_counted_right(year: int, day: tuple[int, int]) -> None:
    """Years whose Tết is known; in 2030 Vietnam's is a day before China's."""
    assert tet(year) == date(year, *day)


@pytest.mark.parametrize("year", YEARS)
def test_tet_is_free_from_the_last_day_of_the_old_year_to_the_fourth(
    shipped: Holidays, year: int
) -> None:
    for day in range(-1, 4):
        assert shipped.days[tet(year) + day * DAY].startswith("Tết Nguyên đán"), day


@pytest.mark.parametrize("year", YEARS)
def test_the_days_of_the_law_are_free(shipped: Holidays, year: int) -> None:
    """Labour Code 2019, article 112: 1 + 5 + 1 + 1 + 1 + 2 days, and the two of Quốc khánh are
    next to each other."""
    assert shipped.days[hung_kings(year)].startswith("Giỗ Tổ Hùng Vương")
    for month, day in ((1, 1), (4, 30), (5, 1), (9, 2)):
        assert date(year, month, day) in shipped
    assert (date(year, 9, 1) in shipped) != (date(year, 9, 3) in shipped)
    by_law = [d for d, name in shipped.days.items() if d.year == year and "bù" not in name]
    assert len(by_law) == 11


@pytest.mark.parametrize("year", YEARS)
def test_each_weekend_holiday_is_made_up_for_on_the_next_working_day(
    shipped: Holidays, year: int
) -> None:
    """Labour Code, article 111: as many days are made up as holidays fall on a weekend."""
    mine = {d: name for d, name in shipped.days.items() if d.year == year}
    on_weekend = [d for d, name in mine.items() if d.weekday() >= 5 and "bù" not in name]
    made_up = sorted(d for d, name in mine.items() if name.startswith("Nghỉ bù"))
    expected = set()
    for day in sorted(on_weekend):
        following = day
        while (
            following.weekday() >= 5
            or following in mine.keys() - made_up
            or (following in expected)
        ):
            following += DAY
        expected.add(following)
    assert made_up == sorted(expected)


def test_the_shipped_calendar_is_known_until_the_end_of_its_last_year(shipped: Holidays) -> None:
    assert shipped.known_until() == date(2028, 12, 31)
    assert shipped.runs_out(date(2028, 10, 31)) == ""
    assert "ends on 2028-12-31" in shipped.runs_out(date(2028, 11, 1))
    assert "CONGDANSO_HOLIDAYS" in shipped.runs_out(date(2029, 5, 1))
    assert "no complete year" in Holidays().runs_out(date(2026, 1, 1))


# Reading ----------------------------------------------------------------------------------------


def test_events_of_every_length_and_repetition_are_read() -> None:
    found = read(
        "DTSTART;VALUE=DATE:20270101|SUMMARY:Một ngày",
        "DTSTART;VALUE=DATE:20270205|DTEND;VALUE=DATE:20270207|SUMMARY:Hai ngày",
        "DTSTART;VALUE=DATE:20270301|DURATION:P2D|SUMMARY:Cũng hai",
        "DTSTART;VALUE=DATE:20260430|RRULE:FREQ=YEARLY;COUNT=2|SUMMARY:Hai năm",
        "DTSTART;VALUE=DATE:20260501|RDATE;VALUE=DATE:20260601,20260701"
        "|EXDATE;VALUE=DATE:20260601|SUMMARY:Thêm bớt",
    )
    assert sorted(found.days) == [
        date(2026, 4, 30),
        date(2026, 5, 1),
        date(2026, 7, 1),
        date(2027, 1, 1),
        date(2027, 2, 5),
        date(2027, 2, 6),
        date(2027, 3, 1),
        date(2027, 3, 2),
        date(2027, 4, 30),
    ]
    assert found.days[date(2027, 1, 1)] == "Một ngày"


def test_a_yearly_rule_goes_on_to_the_end_of_the_century() -> None:
    found = read("DTSTART;VALUE=DATE:20260902|RRULE:FREQ=YEARLY|SUMMARY:Quốc khánh")
    assert max(found.days) == date(2100, 9, 2)
    leap = read("DTSTART;VALUE=DATE:20280229|RRULE:FREQ=YEARLY|SUMMARY:Nhuận")
    assert sorted(leap.days)[:2] == [date(2028, 2, 29), date(2032, 2, 29)]


def test_lines_may_end_as_on_unix_and_be_folded() -> None:
    folded = calendar("DTSTART;VALUE=DATE:20270101|SUMMARY:Tết Dương| lịch").replace(b"\r\n", b"\n")
    assert read_holidays(folded, "x").days[date(2027, 1, 1)] == "Tết Dươnglịch"


def test_a_later_calendar_moves_a_day() -> None:
    """What the government announces moves the day next to 2 September."""
    before = read("DTSTART;VALUE=DATE:20270902|DTEND;VALUE=DATE:20270904|SUMMARY:Quốc khánh")
    own = read(
        "DTSTART;VALUE=DATE:20270903|STATUS:CANCELLED|SUMMARY:Đi làm",
        "DTSTART;VALUE=DATE:20270901|SUMMARY:Quốc khánh",
    )
    both = before | own
    assert sorted(both.days) == [date(2027, 9, 1), date(2027, 9, 2)]
    assert sorted((both | before).days) == [date(2027, 9, n) for n in (1, 2, 3)]
    assert sorted((before | Holidays()).days) == sorted(before.days)


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (["SUMMARY:Không ngày"], "event 1 (Không ngày): DTSTART: must be a day"),
        (["DTSTART:20270101T080000Z|SUMMARY:Có giờ"], "must be a day without an hour"),
        (["DTSTART;VALUE=DATE:20271301|SUMMARY:x"], "DTSTART: must be a day"),
        (["DTSTART;VALUE=DATE:17000101|SUMMARY:x"], "the year must be between 1900 and 2100"),
        (
            ["DTSTART;VALUE=DATE:20270102|DTEND;VALUE=DATE:20270101|SUMMARY:x"],
            "is -1 days long; must be 1 to 60",
        ),
        (["DTSTART;VALUE=DATE:20270101|DTEND;VALUE=DATE:20280101|SUMMARY:x"], "is 365 days long"),
        (["DTSTART;VALUE=DATE:20270101|DURATION:PT1H|SUMMARY:x"], "is 0 days long"),
        (["DTSTART;VALUE=DATE:20270101|RRULE:FREQ=HOURLY|SUMMARY:x"], "RRULE must be one rule"),
        (["DTSTART;VALUE=DATE:20270101|RRULE:FREQ=YEARLY|RRULE:FREQ=DAILY"], "RRULE must be one"),
        (["DTSTART;VALUE=DATE:20270101|RRULE:FREQ=DAILY|SUMMARY:x"], "more than 5000 free days"),
        (["DTSTART;VALUE=DATE:20270101|RDATE:20270101T010000Z|SUMMARY:x"], "RDATE: must be a day"),
        ([], "own.ics: has no event"),
    ],
)
def test_a_mistake_names_file_and_event(events: list[str], says: str) -> None:
    with pytest.raises(ScheduleError, match=re.escape(says)):
        read(*events)


@pytest.mark.parametrize("source", [b"", b"\x00\xff\xfe", b"PK\x03\x04", b"ngay,ten\n1/1,Tet\n"])
def test_what_is_no_calendar_is_said(source: bytes) -> None:
    with pytest.raises(ScheduleError, match=r"own\.ics: "):
        read_holidays(source, "own.ics")


@given(
    st.lists(
        st.sampled_from(
            [
                b"BEGIN:VCALENDAR",
                b"END:VCALENDAR",
                b"BEGIN:VEVENT",
                b"END:VEVENT",
                b"DTSTART;VALUE=DATE:20270101",
                b"DTSTART:2027",
                b"DTEND;VALUE=DATE:20270101",
                b"RRULE:FREQ=WEEKLY;COUNT=3",
                b"RRULE:FREQ=;X",
                b"EXDATE:x",
                b"SUMMARY:\xff",
                b" folded",
                b"DURATION:P",
            ]
        ),
        max_size=14,
    )
)
def test_no_file_breaks_the_reader(lines: list[bytes]) -> None:
    try:
        found = read_holidays(b"\r\n".join(lines), "own.ics")
    except ScheduleError:
        return
    assert found.days or found.worked
