"""Opening hours as people write them, and the forms they are kept and shown in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule.errors import ScheduleError
from bot.schedule.week import DAY, Week
from bot.schedule.written_week import read_week


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "T2-T6 07:30-11:30, 13:30-17:00; T7 07:30-11:30",
            "T2-T6 07:30-11:30, 13:30-17:00; T7 07:30-11:30",
        ),
        ("tối T2-CN 19:00-21:00", "T2-CN 19:00-21:00"),
        ("tối T2-CN 7h-9h", "T2-CN 19:00-21:00"),
        ("toi t2 toi cn 7h toi 9h", "T2-CN 19:00-21:00"),
        (
            "thứ hai đến thứ sáu 7h30 - 11h30 và 13h30 - 17h",
            "T2-T6 07:30-11:30, 13:30-17:00",
        ),
        ("thu hai den thu sau 7g30-11g30", "T2-T6 07:30-11:30"),
        ("hằng ngày 18 giờ 30 đến 21 giờ", "T2-CN 18:30-21:00"),
        ("mỗi ngày 18h rưỡi - 21h", "T2-CN 18:30-21:00"),
        ("ngày thường 19h-21h, cuối tuần 8h-20h", "T2-T6 19:00-21:00; T7-CN 08:00-20:00"),
        ("T2-6 7-11h", "T2-T6 07:00-11:00"),
        ("thứ 2, 4, 6 19h-21h", "T2, T4, T6 19:00-21:00"),
        ("T2, T4, T6 19:00-21:00 T7 CN 8:00-20:00", "T2, T4, T6 19:00-21:00; T7-CN 08:00-20:00"),
        ("T2-T6: sáng 7h30-11h30, chiều 1h30-5h", "T2-T6 07:30-11:30, 13:30-17:00"),
        ("T2-T6 sáng 7h30-11h30; chiều 1h30-5h", "T2-T6 07:30-11:30, 13:30-17:00"),
        ("tối T2 7h-9h, tối T7 6h-8h", "T2 19:00-21:00; T7 18:00-20:00"),
        ("từ thứ 2 đến thứ 7 buổi tối 19h-21h", "T2-T7 19:00-21:00"),
        ("CHỦ NHẬT 8.30-11.00", "CN 08:30-11:00"),
        ("T7 22:00-02:00", "T7 22:00-02:00"),
        ("T2 đêm 10h-2h", "T2 22:00-02:00"),
        ("T2 22:00-24:00", "T2 22:00-24:00"),
        ("chủ nhật cả ngày", "CN 00:00-24:00"),
        ("T2-T6 7h-9h, cả ngày chủ nhật", "T2-T6 07:00-09:00; CN 00:00-24:00"),
        ("T2 cả ngày; CN 8h-9h", "T2 00:00-24:00; CN 08:00-09:00"),
        ("24/7", "T2-CN 00:00-24:00"),
        ("T7-CN 24/24", "T7-CN 00:00-24:00"),
        ("T2 13:00-17:00, 07:00-11:00", "T2 07:00-11:00, 13:00-17:00"),
        ("T2 07:00-11:00, 10:00-12:00", "T2 07:00-12:00"),
        ("T2 19:00–21:00", "T2 19:00-21:00"),
    ],
)
def test_hours_as_people_write_them(written: str, meant: str) -> None:
    assert str(read_week(written)) == meant


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "are empty"),
        ("  ", "are empty"),
        (":", "name no day and no hour"),
        ("T2-T6", "'6' has days but no hours"),
        ("07:30-11:30", "character 1, '07:30-11:30' stands before any day"),
        ("T2 07:30", "character 4, '07:30' has no end"),
        ("T2 07:30-", "end too early"),
        ("T2 07:30-mai", "character 10, 'mai' must be a time"),
        ("T9 07:00-09:00", "character 2, '9 07:00-09:00' is no weekday"),
        ("T2 25:00-26:00", "character 4, '25:00-26:00' is no time of the day"),
        ("T2 07:75-09:00", "'07:75-09:00' is no time of the day"),
        ("T2 24:30-25:00", "is no time of the day"),
        ("T2 24:00-02:00", "begins at 24:00"),
        ("T2 7h-7h", "begins and ends at once"),
        ("T6-T2 7h-9h", "character 3, '-T2 7h-9h' goes backwards"),
        ("thứ hai bảy giờ", "character 9, 'bảy giờ' is not understood"),
        ("T2 7h-9h lunch", "character 10, 'lunch' is not understood"),
        ("T2 22:00-03:00; T3 01:00-05:00", "T2 22:00-03:00 runs into T3 01:00-05:00"),
        ("CN 22:00-03:00; T2 01:00-05:00", "CN 22:00-03:00 runs into T2 01:00-05:00"),
        ("T2 08:00-20:00, 19:00-09:00", "longer than a day"),
        ("T2 7h-9h" * 200, "1600 characters long, at most 1000"),
    ],
)
def test_a_mistake_is_shown_where_it_is_with_what_would_be_right(written: str, says: str) -> None:
    with pytest.raises(ScheduleError, match=re.escape(says)):
        read_week(written)


#: Half hours from 04:00 to 03:30 of the next morning, by twos a block: apart, and no night runs
#: into the next day's hours.
_BLOCKS = st.lists(st.integers(8, 55), unique=True, max_size=8).map(
    lambda points: [
        (30 * a, 30 * b)
        for a, b in zip(sorted(points)[::2], sorted(points)[1::2], strict=False)
        if 30 * a < DAY
    ]
)


@given(st.lists(_BLOCKS, min_size=7, max_size=7))
def test_each_form_reads_back_to_the_same_week(days: list[list[tuple[int, int]]]) -> None:
    week = Week.of(days)
    assert Week.from_json(week.to_json()) == week
    if week.minutes:
        assert read_week(str(week)) == week
        assert read_week(week.spoken()) == week


def test_a_week_is_said_in_plain_vietnamese() -> None:
    week = read_week("T2-T6 07:30-11:30, 13:30-17:00; T7, CN 19:00-21:00; T3 19:00-21:00")
    assert week.spoken() == (
        "thứ Hai, thứ Tư đến thứ Sáu từ 07:30 đến 11:30 và từ 13:30 đến 17:00; "
        "thứ Ba từ 07:30 đến 11:30 và từ 13:30 đến 17:00 và từ 19:00 đến 21:00; "
        "thứ Bảy đến Chủ nhật từ 19:00 đến 21:00"
    )
    assert week.to_json().startswith('{"T2":["07:30-11:30","13:30-17:00"],"T3":')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1",
        "null",
        "{",
        '{"T2": "07:30-11:30"}',
        '{"T2": [730]}',
        '{"T2": ["07:30"]}',
        '{"T2": ["07:30-11:30-12:00"]}',
        '{"T2": ["99:30-11:30"]}',
        '{"T8": ["07:30-11:30"]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_stored_week_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        Week.from_json(text)


@given(st.text(max_size=80))
def test_nothing_typed_breaks_the_reader(text: str) -> None:
    try:
        week = read_week(text)
    except ScheduleError:
        return
    assert week.minutes > 0


@given(st.text(alphabet="tT2345678cnCN: -,;0129hgđếntừsáng", max_size=40))
def test_nothing_like_hours_breaks_the_reader(text: str) -> None:
    try:
        week = read_week(text)
    except ScheduleError:
        return
    assert read_week(str(week)) == week
