"""When a visit is to be: what people type, and what is never answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule.visit_time import FURTHEST, MOST, TimeProblem, read_visit_time
from bot.schedule.zone import ICT, local

#: A Wednesday in November, ten in the morning.
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=ICT)
#: `phrase | candidates, or the problem`, as a person would understand it at `NOW`.
TABLE = [
    tuple(line.split(" | "))
    for line in Path(__file__).with_name("visit_times.txt").read_text("utf-8").splitlines()
]


def read(text: str, now: datetime = NOW) -> str:
    """What a text means, the way the table says it."""
    found = read_visit_time(text, now)
    if found.problem is not None:
        assert found.candidates == ()
        return found.problem
    return ", ".join(f"{local(moment):%d/%m %H:%M}" for moment in found.candidates)


@pytest.mark.parametrize(("text", "meant"), TABLE)
def test_what_people_type(text: str, meant: str) -> None:
    assert read(text) == meant


def test_there_are_enough_phrasings() -> None:
    assert len({text for text, _ in TABLE}) >= 150


def test_one_candidate_is_sure_and_several_are_not() -> None:
    assert read_visit_time("8h sáng mai", NOW).sure == datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
    assert read_visit_time("8h mai", NOW).sure is None
    assert read_visit_time("alo", NOW).sure is None


@pytest.mark.parametrize(
    ("text", "now", "meant"),
    [
        ("1/1 9h", "2026-12-31 23:59", "01/01 09:00"),
        ("mai 9h", "2026-12-31 23:59", "01/01 09:00"),
        ("tối nay 7h", "2026-11-18 19:01", "past"),
        ("9h sáng", "2026-11-18 08:59", "18/11 09:00"),
        ("9h sáng", "2026-11-18 09:00", "19/11 09:00"),
        ("chiều nay", "2026-11-18 15:30", "18/11 16:00"),
        ("29/2 9h", "2027-11-01 10:00", "29/02 09:00"),
        ("thứ hai 9h", "2026-11-23 08:00", "23/11 09:00, 30/11 09:00"),
        ("thứ hai 9h", "2026-11-23 10:00", "30/11 09:00"),
        ("thứ hai tới 9h", "2026-11-23 08:00", "30/11 09:00"),
        ("cuối tuần 9h", "2026-11-22 10:00", "past"),
        ("12h đêm", "2026-11-18 23:59", "19/11 00:00"),
        ("1h đêm", "2026-11-18 23:59", "19/11 01:00"),
    ],
)
def test_it_depends_on_the_moment(text: str, now: str, meant: str) -> None:
    assert read(text, datetime.fromisoformat(now).replace(tzinfo=ICT)) == meant


def test_the_day_is_vietnams_also_where_utc_has_another() -> None:
    """At 23:30 UTC it is already tomorrow in Vietnam."""
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    assert read("chiều nay 3h", late) == "19/11 15:00"


_WORDS = sorted({word for text, _ in TABLE for word in text.split()})
_TEXTS = st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join) | st.text(max_size=60)


@given(_TEXTS, st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_whatever_is_typed_is_never_answered_with_the_past(text: str, now: datetime) -> None:
    found = read_visit_time(text, now)
    assert (found.problem is None) == bool(found.candidates)
    assert len(found.candidates) <= MOST
    assert list(found.candidates) == sorted(set(found.candidates))
    for moment in found.candidates:
        assert now < moment <= now + FURTHEST
        assert moment.tzinfo is UTC


def test_a_very_long_text_takes_no_time() -> None:
    began = datetime.now(UTC)
    for text in ("9 " * 200_000, "thu " * 200_000, "h" * 500_000, "mai mốt " * 100_000):
        assert read_visit_time(text, NOW).problem in set(TimeProblem)
    assert datetime.now(UTC) - began < timedelta(seconds=2)
